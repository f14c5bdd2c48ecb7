//! Forms that come back after signing in again. What was sent after a login had ended goes through the sign-in page in hidden
//! fields, so that it works without a script and nothing is kept for anybody who does not sign in.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    domain::{ResumedFormId, SignedIn},
    store::people::resumed_forms,
    web::{App, Desk, Submitted},
};

/// The form that this person had sent to this very page when their login had ended. There is none, mostly; what is wrong
/// with it is no reason to fail.
pub struct ResumedForm(Option<Submitted>);

impl ResumedForm {
    /// The form, if there is one, to be shown again on the page in this frame, which says that it is not saved yet.
    pub fn shown_in(self, desk: &mut Desk) -> Option<Submitted> {
        if self.0.is_some() {
            desk.shows_resumed_form();
        }
        self.0
    }
}

impl FromRequestParts<App> for ResumedForm {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let id = parts.uri.query().and_then(|query| {
            let (_, id) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "resumed")?;
            id.parse::<ResumedFormId>().ok()
        });
        let (Some(id), Some(person)) = (id, parts.extensions.get::<SignedIn>()) else { return Ok(Self(None)) };
        let found = async {
            let mut conn = app.store.read().await?;
            resumed_forms::find(&mut conn, person.account, id, parts.uri.path(), app.clock.now()).await
        };
        match found.await {
            Ok(fields) => Ok(Self(fields.map(Submitted::new))),
            Err(error) => {
                tracing::warn!(%error, "a resumed form could not be read");
                Ok(Self(None))
            }
        }
    }
}

/// Before the names of the hidden fields.
const MARK: &str = "resumed-";

/// A form as the hidden fields of the sign-in page.
#[derive(Clone, Default)]
pub struct HiddenForm(Vec<(String, String)>);

impl HiddenForm {
    /// The fields of a form as it was first sent. Passwords are left out.
    pub fn first(form: &Submitted) -> Self {
        Self(form.without_passwords().fields().to_vec())
    }

    /// The fields that a sign-in form holds hidden. The one character that the database keeps in no text becomes
    /// U+FFFD, which every page refuses with words of its own.
    pub fn of(form: &Submitted) -> Self {
        let kept = |text: &str| text.replace('\0', "\u{FFFD}");
        let unmarked = |(name, value): &(String, String)| Some((kept(name.strip_prefix(MARK)?), kept(value)));
        Self(form.fields().iter().filter_map(unmarked).collect())
    }

    /// The fields, as they were first sent.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_out_as_it_went_in_without_passwords() {
        let sent = Submitted::decode(b"title=A&text=b%0D%0Ac&tag=1&tag=2&new-password=x&resumed-it=3");
        let kept = HiddenForm::first(&sent);
        let through: Vec<_> =
            kept.fields().iter().map(|(name, value)| (format!("{MARK}{name}"), value.clone())).collect();
        let out =
            HiddenForm::of(&Submitted::new([vec![("email".into(), "anna@city.example".into())], through].concat()));
        assert_eq!(out.fields(), kept.fields());
        assert!(out.fields().iter().all(|(name, _)| name != "new-password" && name != "email"));
        assert_eq!(out.fields().len(), 5);
    }

    #[test]
    fn what_no_text_holds_is_told_apart_and_not_lost_with_the_rest() {
        let out = HiddenForm::of(&Submitted::decode(b"resumed-title=a%00b"));
        assert_eq!(out.fields(), [("title".to_owned(), "a\u{FFFD}b".to_owned())]);
    }
}

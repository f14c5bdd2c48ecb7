//! Forms that are shown again after signing in. A form that is sent after the login has ended passes through the
//! sign-in page in hidden fields. This works without JavaScript, and nothing is stored for people who do not sign in.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    domain::{ResumedFormId, SignedIn},
    store::people::resumed_forms,
    web::{App, Desk, Submitted},
};

/// The form that this person sent to this page after their login had ended, if any. If it cannot be read, the page is
/// shown without it.
pub struct ResumedForm(Option<Submitted>);

impl ResumedForm {
    /// Returns the form, if there is one. The frame then says that it is not saved yet.
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

/// The prefix of the hidden fields' names.
const MARK: &str = "resumed-";

/// A form in the hidden fields of the sign-in page.
#[derive(Clone, Default)]
pub struct HiddenForm(Vec<(String, String)>);

impl HiddenForm {
    /// Takes the fields of a form that was sent to its own page. Passwords are left out.
    pub fn first(form: &Submitted) -> Self {
        Self(form.without_passwords().fields().to_vec())
    }

    /// Takes the hidden fields of a sign-in form. The NUL character, which PostgreSQL cannot store, becomes U+FFFD,
    /// which every domain type refuses with an error message.
    pub fn of(form: &Submitted) -> Self {
        let kept = |text: &str| text.replace('\0', "\u{FFFD}");
        let unmarked = |(name, value): &(String, String)| Some((kept(name.strip_prefix(MARK)?), kept(value)));
        Self(form.fields().iter().filter_map(unmarked).collect())
    }

    /// Returns the fields with their original names.
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
    fn a_nul_character_becomes_the_replacement_character() {
        let out = HiddenForm::of(&Submitted::decode(b"resumed-title=a%00b"));
        assert_eq!(out.fields(), [("title".to_owned(), "a\u{FFFD}b".to_owned())]);
    }
}

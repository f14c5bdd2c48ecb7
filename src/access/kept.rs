//! What was sent after a login had ended, on its way through the sign-in page: hidden fields there, so that it works
//! without a script and nothing is kept for anybody who does not sign in.

use crate::web::Submitted;

/// Before the names of the hidden fields.
const MARK: &str = "kept-";

/// The fields that are carried.
#[derive(Clone, Default)]
pub struct Kept(Vec<(String, String)>);

impl Kept {
    /// The fields of a form as it was first sent. Passwords are not carried.
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

    /// Whether nothing is carried.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_out_as_it_went_in_without_passwords() {
        let sent = Submitted::decode(b"title=A&text=b%0D%0Ac&tag=1&tag=2&new-password=x&kept-it=3");
        let kept = Kept::first(&sent);
        let through: Vec<_> =
            kept.fields().iter().map(|(name, value)| (format!("{MARK}{name}"), value.clone())).collect();
        let out = Kept::of(&Submitted::new([vec![("email".into(), "anna@city.example".into())], through].concat()));
        assert_eq!(out.fields(), kept.fields());
        assert!(out.fields().iter().all(|(name, _)| name != "new-password" && name != "email"));
        assert_eq!(out.fields().len(), 5);
    }

    #[test]
    fn what_no_text_holds_is_told_apart_and_not_lost_with_the_rest() {
        let out = Kept::of(&Submitted::decode(b"kept-title=a%00b"));
        assert_eq!(out.fields(), [("title".to_owned(), "a\u{FFFD}b".to_owned())]);
    }
}

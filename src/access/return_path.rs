//! The page that a person sees after signing in.

use axum::http::{HeaderMap, header};

use crate::{
    domain::{Action, ResumedFormId, SignedIn},
    urls,
    web::App,
};

/// A path of this site to return to. It is never another site's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// Parses a path with its query. Browsers drop tabs and line breaks and read `\` as `/`, so only visible ASCII
    /// characters other than `\` are accepted. A second slash would start a host name.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && text.len() <= 2000;
        (plain && text.starts_with('/') && !text.starts_with("//")).then(|| Self(text.to_owned()))
    }

    /// Returns the page from which a request came, if it is a page of this site.
    pub fn referring(app: &App, headers: &HeaderMap) -> Option<Self> {
        let page = headers.get(header::REFERER)?.to_str().ok()?;
        Self::parse(page.strip_prefix(&*app.public_url)?)
    }

    /// Returns the path with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path without its query.
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(&self.0, |(path, _)| path)
    }

    /// Returns the path and query with the stored form's number added.
    pub fn with_form(&self, form: ResumedFormId) -> String {
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        let mut with = form_urlencoded::Serializer::new(String::new());
        with.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "resumed"));
        with.append_pair("resumed", &form.to_string());
        format!("{}?{}", self.path(), with.finish())
    }
}

/// Returns the first page for this person's roles.
pub fn landing(person: &SignedIn) -> String {
    if person.may(Action::ManageAccounts, None) {
        urls::administration::home()
    } else if person.may(Action::ReadAttendees, None) {
        urls::staff::home()
    } else if person.may(Action::EditProgramme, None) {
        urls::organisers::home()
    } else {
        urls::access::account()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_site_is_accepted() {
        for good in ["/", "/staff/leipzig-2018/attendees?q=anna&sort=name", "/%C3%A9"] {
            assert_eq!(ReturnPath::parse(good).as_ref().map(ReturnPath::as_str), Some(good));
        }
    }

    #[test]
    fn another_site_is_refused() {
        for bad in [
            "",
            "staff",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/\t/evil.example/",
            "\\\\evil.example",
            "/a b",
            "javascript:alert(1)",
        ] {
            assert_eq!(ReturnPath::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_stored_form_replaces_an_older_one_in_the_address() {
        let form = ResumedFormId::new();
        let way = |text| ReturnPath::parse(text).expect("a path").with_form(form);
        assert_eq!(way("/a"), format!("/a?resumed={form}"));
        assert_eq!(way("/a?day=2018-05-29&resumed=old"), format!("/a?day=2018-05-29&resumed={form}"));
    }
}

//! Where somebody goes after signing in.

use axum::http::{HeaderMap, header};

use crate::{
    domain::{Action, ResumedFormId, SignedIn},
    urls,
    web::App,
};

/// A path of this site that somebody wanted to go to: never another site's address, however it is dressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// Takes a path with its query. Browsers drop tabs and line breaks and read `\` as `/`, so only plain characters
    /// are taken, and no second slash that would begin a host.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && text.len() <= 2000;
        (plain && text.starts_with('/') && !text.starts_with("//")).then(|| Self(text.to_owned()))
    }

    /// The page from which a request came, if it was one of ours.
    pub fn referring(app: &App, headers: &HeaderMap) -> Option<Self> {
        let page = headers.get(header::REFERER)?.to_str().ok()?;
        Self::parse(page.strip_prefix(&*app.public_url)?)
    }

    /// The path with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path alone.
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(&self.0, |(path, _)| path)
    }

    /// The same, with the form that is kept for the page there.
    pub fn with_form(&self, form: ResumedFormId) -> String {
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        let mut with = form_urlencoded::Serializer::new(String::new());
        with.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "resumed"));
        with.append_pair("resumed", &form.to_string());
        format!("{}?{}", self.path(), with.finish())
    }
}

/// The first page that this person has a use for.
pub fn landing(person: &SignedIn) -> String {
    if person.may(Action::EditSettings, None) {
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
    fn a_page_of_this_site_is_a_way_back() {
        for good in ["/", "/staff/leipzig-2018/attendees?q=anna&sort=name", "/%C3%A9"] {
            assert_eq!(ReturnPath::parse(good).as_ref().map(ReturnPath::as_str), Some(good));
        }
    }

    #[test]
    fn another_site_is_not() {
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
    fn a_kept_form_takes_the_place_of_an_older_one() {
        let form = ResumedFormId::new();
        let way = |text| ReturnPath::parse(text).expect("a path").with_form(form);
        assert_eq!(way("/a"), format!("/a?resumed={form}"));
        assert_eq!(way("/a?day=2018-05-29&resumed=old"), format!("/a?day=2018-05-29&resumed={form}"));
    }
}

//! A page as a person sees it: elements are found by their text, label or role.

use reqwest::{Response, header::HeaderMap};
use scraper::{ElementRef, Html, Selector};

pub use super::form::Form;

/// A page that was received.
pub struct Page {
    /// The status of the page itself, after all redirects.
    pub status: u16,
    /// The path and query after all redirects.
    pub path: String,
    /// The status of the redirect that led here, if there was one (303 after a form).
    pub redirected_by: Option<u16>,
    /// The headers.
    pub headers: HeaderMap,
    /// The source.
    pub body: String,
}

impl Page {
    pub(super) async fn read(path: String, first: u16, answer: Response) -> Self {
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let body = String::from_utf8_lossy(&answer.bytes().await.expect("the whole answer")).into_owned();
        Self { status, path, redirected_by: (first != status).then_some(first), headers, body }
    }

    /// Returns the value of a header, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// Returns the data for search engines.
    #[track_caller]
    pub fn data(&self) -> serde_json::Value {
        let data = self.body.split("application/ld+json\">").nth(1).and_then(|rest| rest.split("</script>").next());
        serde_json::from_str(data.expect("data for search engines")).expect("JSON")
    }

    /// Returns the main heading.
    pub fn heading(&self) -> String {
        self.texts("h1").into_iter().next().unwrap_or_default()
    }

    /// Returns the title.
    pub fn title(&self) -> String {
        self.texts("title").into_iter().next().unwrap_or_default()
    }

    /// Returns the text of the page, with runs of white space replaced by single spaces.
    pub fn text(&self) -> String {
        self.texts("body").into_iter().next().unwrap_or_else(|| self.body.clone())
    }

    /// Returns whether the page contains these words.
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Fails unless the page contains these words.
    #[track_caller]
    pub fn must_say(&self, words: &str) -> &Self {
        assert!(self.says(words), "\"{words}\" is not on {} ({}):\n{}", self.path, self.status, self.text());
        self
    }

    /// Fails if the words are anywhere in the page's source.
    #[track_caller]
    pub fn must_not_say(&self, words: &str) -> &Self {
        assert!(!self.body.contains(words) && !self.says(words), "\"{words}\" is on {}", self.path);
        self
    }

    /// Fails unless the page has this status.
    #[track_caller]
    pub fn must_be(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}:\n{}", self.path, self.text());
        self
    }

    /// Returns where the link with these words leads: the first in the main part of the page, else the first anywhere.
    #[track_caller]
    pub fn link(&self, words: &str) -> String {
        self.find_link(words)
            .unwrap_or_else(|| panic!("no link \"{words}\" on {} ({}):\n{}", self.path, self.status, self.text()))
    }

    /// Returns where the link with these words leads, if there is one.
    pub fn find_link(&self, words: &str) -> Option<String> {
        let html = self.html();
        let named = |link: &ElementRef<'_>| name_of(*link) == words;
        let links = |place| all(html.root_element(), place);
        let found = links("main a[href]").into_iter().find(named).or_else(|| links("a[href]").into_iter().find(named));
        found.and_then(|link| link.attr("href")).map(|href| self.resolve(href))
    }

    /// Returns the texts and targets of all links.
    pub fn links(&self) -> Vec<(String, String)> {
        let html = self.html();
        let links = all(html.root_element(), "a[href]").into_iter();
        links.map(|link| (name_of(link), self.resolve(link.attr("href").unwrap_or_default()))).collect()
    }

    /// Returns the form with this button, filled in as it came, with the button pressed.
    #[track_caller]
    pub fn form(&self, button: &str) -> Form {
        Form::find(&self.html(), button, &self.path)
            .unwrap_or_else(|| panic!("no form with the button \"{button}\" on {}:\n{}", self.path, self.text()))
    }

    /// Returns whether there is a form with this button.
    pub fn has_form(&self, button: &str) -> bool {
        Form::find(&self.html(), button, &self.path).is_some()
    }

    /// Returns the error beside the field with this label that is tied to it by `aria-describedby`.
    pub fn error_beside(&self, label: &str) -> Option<String> {
        self.errors().into_iter().find(|(field, _)| field == label).map(|(_, words)| words)
    }

    /// Returns the label and the error of every field that has an error, in the order of the page.
    pub fn errors(&self) -> Vec<(String, String)> {
        let html = self.html();
        let root = html.root_element();
        let mut errors = Vec::new();
        for field in all(root, "[aria-invalid=true]") {
            let described = field.attr("aria-describedby").unwrap_or_default();
            let Some(id) = described.split_whitespace().find(|id| id.ends_with("-error")) else { continue };
            let words = by_id(root, id).map(text_of).unwrap_or_default();
            let words = words.trim_start_matches("Error:").trim().to_owned();
            errors.push((super::form::label_of(root, field), words));
        }
        errors
    }

    /// Returns the entries of the error summary.
    pub fn summary(&self) -> Vec<String> {
        self.texts("[role=alert] li")
    }

    /// Returns the cells of the table row that contains these words.
    #[track_caller]
    pub fn row(&self, words: &str) -> Vec<String> {
        self.rows()
            .into_iter()
            .find(|row| row.iter().any(|cell| cell.contains(words)))
            .unwrap_or_else(|| panic!("no row with \"{words}\" on {}:\n{}", self.path, self.text()))
    }

    /// Returns the rows in the bodies of all tables.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let html = self.html();
        let rows = all(html.root_element(), "tbody tr").into_iter();
        rows.map(|row| all(row, "td, th").into_iter().map(text_of).collect()).collect()
    }

    /// Returns the texts of all elements that match this selector. Use it for landmarks and roles, not for classes.
    pub fn texts(&self, kind: &str) -> Vec<String> {
        all(self.html().root_element(), kind).into_iter().map(text_of).collect()
    }

    /// Returns an attribute of all elements that match this selector.
    pub fn attributes(&self, kind: &str, name: &str) -> Vec<String> {
        let html = self.html();
        all(html.root_element(), kind).into_iter().filter_map(|one| one.attr(name).map(str::to_owned)).collect()
    }

    pub(super) fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    fn resolve(&self, href: &str) -> String {
        resolve(&self.path, href)
    }
}

/// Resolves a link as the browser does on a page at `path`.
pub(super) fn resolve(path: &str, href: &str) -> String {
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    match href.as_bytes().first() {
        None => path.to_owned(),
        Some(b'?' | b'#') => format!("{bare}{href}"),
        Some(b'/') => href.to_owned(),
        _ if href.contains(':') => href.to_owned(),
        _ => format!("{}/{href}", bare.rsplit_once('/').map_or("", |(folder, _)| folder)),
    }
}

pub(super) fn all<'a>(root: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector");
    root.select(&selector).collect()
}

pub(super) fn by_id<'a>(root: ElementRef<'a>, id: &str) -> Option<ElementRef<'a>> {
    root.descendent_elements().find(|element| element.attr("id") == Some(id))
}

/// Returns the text of an element without styles and scripts, with runs of white space replaced by single spaces. Block
/// elements are separated by a space.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let mut words = String::new();
    collect(element, &mut words);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn collect(element: ElementRef<'_>, words: &mut String) {
    const INLINE: [&str; 15] =
        ["a", "abbr", "b", "bdi", "cite", "code", "del", "em", "i", "ins", "mark", "small", "span", "strong", "time"];
    if matches!(element.value().name(), "script" | "style" | "template" | "svg") {
        return;
    }
    let is_block = !INLINE.contains(&element.value().name());
    if is_block {
        words.push(' ');
    }
    for child in element.children() {
        if let Some(inner) = ElementRef::wrap(child) {
            collect(inner, words);
        } else if let Some(text) = child.value().as_text() {
            words.push_str(text);
        }
    }
    if is_block {
        words.push(' ');
    }
}

/// Returns the name of a link or button: its `aria-label`, else its text without what is hidden from screen readers.
pub(super) fn name_of(element: ElementRef<'_>) -> String {
    if let Some(label) = element.attr("aria-label") {
        return label.to_owned();
    }
    let whole = text_of(element);
    let hidden: Vec<String> = all(element, "[aria-hidden=true]").into_iter().map(text_of).collect();
    let shown = hidden.iter().filter(|words| !words.is_empty()).fold(whole, |name, words| name.replacen(words, "", 1));
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! A mail as HTML, in the house's frame. What every element looks like is in `templates/mail/frame.html`.

use askama::Template;

use super::document::{Block, Inline};

/// The whole mail.
#[derive(Template)]
#[template(path = "mail/frame.html")]
pub struct Page<'a> {
    /// The site's address.
    pub site: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// What mailboxes show beside the subject.
    pub preview: String,
    /// What stands above the heading.
    pub above: String,
    /// The heading.
    pub heading: &'a [Inline],
    /// The words.
    pub body: &'a [Block],
    /// What stands below.
    pub foot: &'a [Block],
}

impl Page<'_> {
    /// Writes it.
    pub fn write(&self) -> Result<String, askama::Error> {
        self.render()
    }
}

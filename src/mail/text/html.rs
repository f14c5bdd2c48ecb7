//! A mail as HTML. The look of every element is defined in `templates/mail/frame.html`.

use askama::Template;

use super::document::{Block, Inline};

/// The whole mail.
#[derive(Template)]
#[template(path = "mail/frame.html")]
pub struct Page<'a> {
    /// The address of the website.
    pub site: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The text that mailboxes show beside the subject.
    pub preview: String,
    /// The line above the heading.
    pub above: String,
    /// The heading.
    pub heading: &'a [Inline],
    /// The body.
    pub body: &'a [Block],
    /// The foot.
    pub foot: &'a [Block],
}

//! Renders mails from Markdown. Each kind of mail has one text, from which both the plain text and the HTML are rendered.
//!
//! How to write a text:
//!
//! - It begins with `Subject: …` and, optionally, `Preview: …` (which mailboxes show beside the subject). Then come `# …`, the
//!   heading, and the body.
//! - `{reference}` stands for a value. Each kind lists its values in its function `values`. A value is shown as it is: it is
//!   never read as Markdown or HTML, and never becomes a link.
//! - A paragraph, heading or list item with an empty value is left out.
//! - After a line `[when nobody comes]`, the text applies to that case only, up to the next such line or `[always]`;
//!   `[when one comes or several come]` applies to either. Each kind lists its cases in its function `cases`. If several
//!   subjects or headings apply, the first is used. The frame has one case of its own: `when there is no telephone`.
//! - A list of people stands alone in its paragraph: `{attendees}`.
//! - A link that stands alone in its paragraph becomes a button: `[See your registration]({manage})`.
//! - A list item may begin with a label: `- When: {days}`. Lines after `>` stand in a box, and a paragraph between asterisks is
//!   small print.
//!
//! Every text is checked each time it is used.

mod document;
mod error;
mod html;
mod plain;
mod source;
mod values;
mod written;

pub use document::incomplete_links;
pub use error::TextError;
pub use source::Case;
pub use values::{Link, Row, Stands, Values};
pub use written::source;

use self::{document::Document, source::Source};

/// The text of a mail, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// The plain text without secrets, which is recorded.
    pub masked: String,
}

/// Renders a text in its frame.
pub fn render(text: &str, frame: &str, values: &Values, cases: &[Case]) -> Result<Rendered, TextError> {
    check(text, values, cases)?;
    let source = Source::of(text, values, cases)?;
    let frame = Source::of(frame, values, &[("there is no telephone", values.lacks("telephone"))])?;
    let first = |lines: &[String]| lines.first().map(|line| values.fill_line(line)).transpose();
    let subject = first(&source.subjects)?.filter(|subject| !subject.is_empty()).ok_or(TextError::Subject)?;
    let preview = first(&source.previews)?.unwrap_or_default();
    let above = first(&source.above)?.or(first(&frame.above)?).unwrap_or_default();
    let body = Document::of(&source.body, values)?;
    let foot = Document::of(&frame.body, values)?;
    let heading = body.heading.as_deref().ok_or(TextError::Heading)?;
    let (body, foot) = (&body.blocks, &foot.blocks);
    let page = html::Page { site: values.address("site"), subject: &subject, preview, above, heading, body, foot };
    let html = askama::Template::render(&page).map_err(|_| TextError::Html)?;
    let plain = |masked| plain::write(body, foot, masked);
    Ok(Rendered { text: plain(false), masked: plain(true), html, subject })
}

/// Checks the whole text, in every case: which values it names, and where.
pub fn check(text: &str, values: &Values, cases: &[Case]) -> Result<(), TextError> {
    let all: Vec<_> = cases.iter().map(|(case, _)| (*case, true)).collect();
    let source = Source::of(text, values, &all)?;
    let examples = values.examples();
    for line in source.subjects.iter().chain(&source.previews).chain(&source.above) {
        examples.fill_line(line)?;
    }
    Document::of(&source.body, &examples).map(|_| ())
}

/// Returns the values that link to secret addresses in one text, but not in another: nobody can get to these places by another
/// mail.
pub fn missing_links(
    shipped: &str,
    text: &str,
    values: &Values,
    cases: &[Case],
) -> Result<Vec<&'static str>, TextError> {
    let secrets = |text| Ok(Document::of(&Source::of(text, values, cases)?.body, values)?.secrets());
    let (needed, given) = (secrets(shipped)?, secrets(text)?);
    Ok(values.linking(&needed.difference(&given).cloned().collect()))
}

#[cfg(test)]
mod tests;

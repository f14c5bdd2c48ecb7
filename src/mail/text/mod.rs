//! From a text to a mail. A kind of mail has one text in Markdown, from which the plain text and the HTML are made. Whoever
//! writes one needs to know this:
//!
//! - It begins with `Subject: …` and, if wanted, `Preview: …` (what mailboxes show beside the subject). Then come `# …`, the
//!   heading, and the words.
//! - `{reference}` stands for a value. Each kind says which values there are. What a value holds is shown as it is: it is never
//!   read as Markdown or HTML, and never becomes a link.
//! - A paragraph, heading or item of a list with a value that is empty is left out.
//! - A line `[when nobody comes]` says that what follows is for that case only, up to the next such line or `[always]`;
//!   `[when one comes or several come]` is for either. Each kind says which cases there are. Of several subjects or headings the
//!   first counts.
//! - A list of people stands alone in its paragraph: `{attendees}`.
//! - A link that stands alone in its paragraph is a button: `[See your registration]({manage})`.
//! - An item of a list that begins with a label is shown under it: `- When: {days}`. Lines after `>` stand in a box, and a
//!   paragraph between asterisks is small print.
//!
//! A text is checked each time it is used, so it may come from anywhere; those that the program ships are in `templates/mail`.

mod document;
mod html;
mod plain;
mod source;
mod values;

pub use values::{Link, Placeholder, Row, Values};

use self::{document::Document, source::Source};

/// What a kind of mail declares to whoever writes its text.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The values that the text may name.
    pub placeholders: &'static [Placeholder],
    /// The values of the frame, which every text in it may name too.
    pub of_frame: &'static [Placeholder],
    /// The cases that the text may tell apart.
    pub cases: &'static [&'static str],
}

impl Declared {
    fn all(&self) -> impl Iterator<Item = &'static Placeholder> {
        self.placeholders.iter().chain(self.of_frame)
    }

    /// The names that a text may use, with their meanings.
    fn names(&self) -> String {
        self.all().map(|one| format!("{{{}}} ({})", one.name, one.meaning)).collect::<Vec<_>>().join(", ")
    }
}

/// What fills a text.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    /// The values.
    pub values: Values,
    /// The cases that apply.
    pub cases: Vec<&'static str>,
}

/// A mail in words, before it has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
    /// The plain text with its secrets masked: what is kept of it.
    pub masked: String,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It names a value that the kind does not have.
    #[error("this kind of mail has no {{{name}}}; it has {known}")]
    Placeholder {
        /// What it names.
        name: String,
        /// What it may name.
        known: String,
    },
    /// It tells a case apart that the kind does not have.
    #[error("this kind of mail has no case “{case}”; it has {known}")]
    Case {
        /// The case.
        case: String,
        /// The cases that there are.
        known: String,
    },
    /// A list of people stands among other words.
    #[error("{{{0}}} must stand alone in its paragraph")]
    NotAlone(String),
    /// An address is not behind a link, or something else is.
    #[error("{{{0}}} cannot stand there: addresses stand behind links, and nothing else does")]
    Misplaced(String),
    /// No subject applies.
    #[error("it has no subject")]
    Subject,
    /// No heading applies.
    #[error("it has no heading")]
    Heading,
    /// The HTML could not be written.
    #[error("its HTML could not be written")]
    Html,
}

/// Makes the mail of a text, in a frame.
pub fn letter(text: &str, frame: &str, declared: &Declared, filling: &Filling) -> Result<Letter, TextError> {
    check(text, declared)?;
    let source = Source::of(text, declared, &filling.cases)?;
    let frame = Source::of(frame, declared, &filling.cases)?;
    let first = |lines: &[String]| lines.first().map(|line| filling.values.fill_line(line)).transpose();
    let subject = first(&source.subjects)?.ok_or(TextError::Subject)?;
    let preview = first(&source.previews)?.unwrap_or_default();
    let above = first(&source.above)?.or(first(&frame.above)?).unwrap_or_default();
    let body = Document::of(&source.body, &filling.values)?;
    let foot = Document::of(&frame.body, &filling.values)?;
    let heading = body.heading.as_deref().ok_or(TextError::Heading)?;
    let page = html::Page {
        site: filling.values.address("site"),
        subject: &subject,
        preview,
        above,
        heading,
        body: &body.blocks,
        foot: &foot.blocks,
    };
    let html = page.write().map_err(|_| TextError::Html)?;
    let plain = |masked| plain::write(&body.blocks, &foot.blocks, masked);
    Ok(Letter { text: plain(false), masked: plain(true), html, subject })
}

/// Checks all of a text, whatever case it is for: what it names, and where.
fn check(text: &str, declared: &Declared) -> Result<(), TextError> {
    let all = Source::of(text, declared, declared.cases)?;
    let values = Values::examples(declared.all());
    for line in all.subjects.iter().chain(&all.previews).chain(&all.above) {
        values.fill_line(line)?;
    }
    Document::of(&all.body, &values).map(|_| ())
}

#[cfg(test)]
mod tests;

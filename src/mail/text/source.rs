//! A text as it was written: its first lines, and the parts that apply.

use super::{error::TextError, values::Values};
use crate::domain::placeholders::{Part, parts};

/// A case that a text may distinguish, and whether it applies.
pub type Case = (&'static str, bool);

/// The parts of a text that apply.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The lines `Subject: …`, of which the first is used.
    pub subjects: Vec<String>,
    /// The lines `Preview: …`, of which the first is used.
    pub previews: Vec<String>,
    /// The lines `Above: …`, of which the first is shown above the heading.
    pub above: Vec<String>,
    /// The body, in Markdown.
    pub body: String,
}

impl Source {
    /// Selects what applies in these cases, and checks the names in the whole text.
    pub fn of(text: &str, values: &Values, cases: &[Case]) -> Result<Self, TextError> {
        for part in parts(text) {
            if let Part::Name(name) = part {
                values.must_know(name)?;
            }
        }
        let mut source = Self::default();
        let mut applies = true;
        for line in text.lines() {
            if let Some(wanted) = marker(line) {
                applies = wanted.is_empty();
                for case in wanted {
                    let known = cases.iter().find(|(name, _)| *name == case);
                    applies |= known.ok_or_else(|| unknown(case, cases))?.1;
                }
                // The parts before and after the line are separate paragraphs.
                source.body.push('\n');
            } else if applies {
                source.take(line);
            }
        }
        Ok(source)
    }

    fn take(&mut self, line: &str) {
        if self.body.trim().is_empty() {
            let first =
                [("Subject:", &mut self.subjects), ("Preview:", &mut self.previews), ("Above:", &mut self.above)];
            for (name, lines) in first {
                if let Some(words) = line.strip_prefix(name) {
                    return lines.push(words.trim().to_owned());
                }
            }
        }
        self.body.push_str(line);
        self.body.push('\n');
    }
}

fn unknown(case: &str, cases: &[Case]) -> TextError {
    let known = cases.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    TextError::Case { case: case.to_owned(), known }
}

/// Returns the cases of a line like `[when one comes or several come]`; none for `[always]`.
fn marker(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    match inner.strip_prefix("when ") {
        Some(cases) => Some(cases.split(" or ").map(str::trim).collect()),
        None => (inner == "always").then(Vec::new),
    }
}

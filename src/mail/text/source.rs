//! A text as it was written: its first lines, and what of it is for this case.

use super::{
    Declared, TextError,
    values::{Part, parts},
};

/// What of a text applies.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The lines `Subject: …`, of which the first counts.
    pub subjects: Vec<String>,
    /// The lines `Preview: …`, of which the first counts.
    pub previews: Vec<String>,
    /// The lines `Above: …`: what stands above the heading.
    pub above: Vec<String>,
    /// The words, in Markdown.
    pub body: String,
}

impl Source {
    /// Takes what applies in these cases, and checks the names in all of the text.
    pub fn of(text: &str, declared: &Declared, cases: &[&str]) -> Result<Self, TextError> {
        for part in parts(text) {
            if let Part::Name(name) = part
                && declared.all().all(|known| known.name != name)
            {
                return Err(TextError::Placeholder { name: name.to_owned(), known: declared.names() });
            }
        }
        let mut source = Self::default();
        let mut applies = true;
        for line in text.lines() {
            if let Some(wanted) = marker(line) {
                if let Some(unknown) = wanted.iter().find(|case| !declared.cases.contains(case)) {
                    let known = declared.cases.join(", ");
                    return Err(TextError::Case { case: (*unknown).to_owned(), known });
                }
                applies = wanted.is_empty() || wanted.iter().any(|case| cases.contains(case));
                // What stands before and after is not one paragraph.
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

/// The cases that a line like `[when one comes or several come]` names; none for `[always]`.
fn marker(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    match inner.strip_prefix("when ") {
        Some(cases) => Some(cases.split(" or ").map(str::trim).collect()),
        None => (inner == "always").then(Vec::new),
    }
}

//! Placeholders in texts: `{reference}` stands for a value that the program fills in.

/// A part of a text: words, or the name of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words.
    Words(&'a str),
    /// The name of a value.
    Name(&'a str),
}

/// Splits a text into words and names. Braces around anything but a name are words.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest[from..].find('{').map(|at| from + at) {
        let inner = &rest[open + 1..];
        let end =
            inner.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).filter(|end| inner[*end..].starts_with('}'));
        match end.filter(|end| *end > 0) {
            Some(end) => {
                let name = &inner[..end];
                if open > 0 {
                    parts.push(Part::Words(&rest[..open]));
                }
                parts.push(Part::Name(name));
                rest = &rest[open + name.len() + 2..];
                from = 0;
            }
            None => from = open + 1,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Words(rest));
    }
    parts
}

/// Returns the text with its placeholders filled in. One without a value stays as it is.
pub fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len() + 100);
    for part in parts(text) {
        match part {
            Part::Words(words) => filled.push_str(words),
            Part::Name(name) => filled.push_str(&value(name).unwrap_or_else(|| format!("{{{name}}}"))),
        }
    }
    filled
}

/// Returns the names in a text.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Name(name) => Some(name),
        Part::Words(_) => None,
    })
}

/// Returns words as Markdown that shows them as they are.
pub fn as_markdown(words: &str) -> String {
    words.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_a_text_are_found() {
        assert_eq!(
            names("Dear {name}, {not a name} [x]({manage_link}) {").collect::<Vec<_>>(),
            ["name", "manage_link"]
        );
    }
}

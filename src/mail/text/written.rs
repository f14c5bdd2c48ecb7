//! Texts that staff write. They have a subject and Markdown with placeholders, but no cases, and no heading of their own.

use crate::domain::placeholders::{Part, as_markdown, parts};

/// Returns the text of a mail with this subject, which is also its heading, and this body. `links` are the placeholders that stand
/// for addresses, each with the words of its button: alone, without words of its own, it becomes that button.
pub fn source(subject: &str, body: &str, links: &[(&str, &str)]) -> String {
    let heading: String = parts(subject)
        .into_iter()
        .map(|part| match part {
            Part::Words(words) => as_markdown(words),
            Part::Name(name) => format!("{{{name}}}"),
        })
        .collect();
    let body: Vec<_> = body.lines().map(line).collect();
    let body = links.iter().fold(body.join("\n"), |body, (name, words)| with_words(&body, name, words));
    format!("Subject: {subject}\n\n# {heading}\n\n{body}\n")
}

/// Returns a line without what only our own texts may have: a second main heading, or a line that begins a case.
fn line(line: &str) -> String {
    let bare = line.trim();
    let is_underline = !bare.is_empty() && bare.chars().all(|c| c == '=');
    let is_case = bare == "[always]" || bare.starts_with("[when ") && bare.ends_with(']');
    if is_underline || is_case {
        format!("\\{bare}")
    } else {
        // In a list or a quotation, too.
        let before = line.len() - without_markers(line).len();
        let (markers, rest) = line.split_at(before);
        let is_main = rest.strip_prefix('#').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if is_main { format!("{markers}#{rest}") } else { line.to_owned() }
    }
}

/// Returns a line after what marks it as part of lists and quotations.
fn without_markers(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = if number.len() < rest.len() { number.strip_prefix(['.', ')']) } else { None };
        let Some(after) = numbered.or_else(|| rest.strip_prefix(['-', '*', '+', '>'])) else { return rest };
        let trimmed = after.trim_start();
        // A sign that no space follows marks nothing, except of a quotation.
        if trimmed.len() == after.len() && !rest.starts_with('>') {
            return rest;
        }
        rest = trimmed;
    }
}

/// Gives words to an address that has none: `{manage_link}` becomes `[See your registration]({manage_link})`.
fn with_words(body: &str, name: &str, words: &str) -> String {
    let placeholder = format!("{{{name}}}");
    let mut pieces = body.split(&placeholder);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (before, after) =
            if whole.trim_end().ends_with("](") { (String::new(), "") } else { (format!("[{words}]("), ")") };
        whole.extend([&before, placeholder.as_str(), after]);
        whole.push_str(piece);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Link, Values, render},
        *,
    };

    fn rendered(subject: &str, body: &str) -> (String, String, String) {
        let mut values = Values::default();
        values.typed("name", "Anna *Nagy*");
        values.link("manage_link", Link::secret("https://conference.example/manage/s3cret".to_owned()));
        let source = source(subject, body, &[("manage_link", "See your registration")]);
        let mail = render(&source, "", &values, &[]).expect("a mail");
        (mail.subject, mail.text, mail.html)
    }

    #[test]
    fn the_subject_is_the_heading_as_it_was_typed() {
        let (subject, _, html) = rendered("{name}, bring *your* badge_1 [always] {O.K.}", "Hello.");
        assert_eq!(subject, "Anna *Nagy*, bring *your* badge_1 [always] {O.K.}");
        assert!(html.contains("Anna *Nagy*, bring *your* badge_1 [always] {O.K.}</h1>"), "{html}");
    }

    #[test]
    fn an_address_without_words_becomes_a_button() {
        let text = "See you.\n\n{manage_link}\n\nOr [change it]({manage_link}) now.";
        let (_, text, _) = rendered("x", text);
        assert!(text.contains("See your registration:\nhttps://conference.example/manage/s3cret"), "{text}");
        assert!(text.contains("Or change it now."), "{text}");
    }

    #[test]
    fn nothing_that_staff_write_is_lost_or_read_as_a_case() {
        let text = "# One\n\nTwo\n===\n\n[always]\n\n[when it rains]\n\nSubject: three\n\n- four";
        let (_, text, _) = rendered("x", text);
        for words in ["One", "Two", "===", "[always]", "[when it rains]", "Subject: three", "four"] {
            assert!(text.contains(words), "{words} is missing in {text}");
        }
    }
}

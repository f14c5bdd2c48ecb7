//! Texts and the mails that are rendered from them.

use super::*;
use crate::mail::unlinked::unlinked;

fn values(name: &str) -> Values {
    let mut values = Values::default();
    let row = |name: &str| Row::typed(name, vec!["University".to_owned()]);
    values.typed("name", name);
    values.typed("reason", "");
    values.typed_lines("address", "Town hall\nHauptplatz 1");
    values.rows("people", vec![row(name), row("Eva Roth")]);
    values.link("manage", Link::secret("https://conference.example/manage/s3cret".to_owned()));
    values.linked_rows("links", vec![(row(name), Link::secret("https://conference.example/manage/0wn".to_owned()))]);
    values
}

fn rendered(text: &str, name: &str) -> Result<Rendered, TextError> {
    render(text, "", &values(name), &[("one comes", true), ("nobody comes", false)])
}

#[test]
fn a_text_becomes_plain_text_and_html() {
    let text = "Subject: For {name}\n\n# Hello, {name}!\n\nYou come. [Read](https://city.example/a) it.\n\n\
        > Code: **{name}**\n> Keep it.\n\n- Where: {address}\n- bring a pen\n\n## People\n\n{people}\n\n\
        [See it]({manage})\n\n[Yours]({links})\n\n*Only for you.*";
    let mail = rendered(text, "Anna").expect("a mail");
    assert_eq!(mail.subject, "For Anna");
    assert_eq!(
        mail.text,
        "You come. Read it.\nhttps://city.example/a\n\nCode: Anna\nKeep it.\n\n\
         Where:\n  Town hall\n  Hauptplatz 1\n- bring a pen\n\nPeople\n- Anna, University\n- Eva Roth, University\n\n\
         See it:\nhttps://conference.example/manage/s3cret\n\n\
         - Anna, University\n  Yours: https://conference.example/manage/0wn\n\nOnly for you.\n"
    );
    for part in ["<b>Anna</b>", "Town hall<br>Hauptplatz 1", ">See it</a>", "href=\"https://city.example/a\""] {
        assert!(mail.html.contains(part), "{part} is missing in {}", mail.html);
    }
}

#[test]
fn the_recorded_text_has_no_secret() {
    let text = "Subject: x\n# x\n\n[See it]({manage}), or [this]({manage}).\n\n[Yours]({links})\n\n[See it]({manage})";
    let mail = rendered(text, "Anna").expect("a mail");
    assert_eq!(mail.text.matches("s3cret").count(), 3);
    assert!(!mail.masked.contains("s3cret") && !mail.masked.contains("0wn"), "{}", mail.masked);
    assert_eq!(mail.masked.matches("https://conference.example/manage/…").count(), 4);
}

#[test]
fn a_value_is_never_markup_and_never_a_link() {
    let text =
        "Subject: {name}\n# {name}\n\n{name}\n\n- Name: {name}\n- {name}\n\n> {name}\n\n[{name}]({manage})\n\n{people}";
    for typed in ["*Anna* [x](http://evil.example)", "<b>Anna</b> &amp; `co`", "# Anna: {name}", "[when x] _a_ __b__"] {
        let mail = rendered(text, typed).expect("a mail");
        let shown = unlinked(typed);
        assert_eq!(mail.subject, shown);
        assert_eq!(mail.text.matches(&shown).count(), 6, "{}", mail.text);
        let escaped = [("&", "&#38;"), ("<", "&#60;"), (">", "&#62;")];
        let escaped = escaped.iter().fold(shown, |text, (from, to)| text.replace(from, to));
        assert_eq!(mail.html.matches(&escaped).count(), 8, "{escaped} in {}", mail.html);
        assert!(!mail.html.contains("evil.example") && !mail.text.contains("evil.example"));
    }
}

#[test]
fn a_part_with_an_empty_value_is_left_out() {
    let text = "Subject: x\n# For {reason}\n\n# For you\n\nBecause {reason}.\n\n## Why {reason}\n\n- Reason: {reason}\n- Name: {name}\n\nEnd.";
    let mail = rendered(text, "Anna").expect("a mail");
    assert_eq!(mail.text, "Name: Anna\n\nEnd.\n");
}

#[test]
fn a_part_for_a_case_is_used_in_that_case_only() {
    let text = "[when nobody comes]\nSubject: Nobody\n[when one comes]\nSubject: One\n[always]\nSubject: Any\n\n# x\n\n\
        [when nobody comes]\nNot this.\n[when nobody comes or one comes]\nFirst.\n[when one comes]\nSecond.\n[always]\nThird.";
    let mail = rendered(text, "Anna").expect("a mail");
    assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("One", "First.\n\nSecond.\n\nThird.\n"));
}

fn unknown(name: &str) -> TextError {
    let known = "{address}, {links}, {manage}, {name}, {people}, {reason}".to_owned();
    TextError::Value { name: name.to_owned(), known }
}

#[test]
fn a_wrong_text_is_refused_with_the_reason() {
    for (text, error) in [
        ("Subject: x\n# x\n\n{nmae}", unknown("nmae")),
        // Also in a case that does not apply.
        ("Subject: x\n# x\n\n[when nobody comes]\n{nmae}", unknown("nmae")),
        (
            "Subject: x\n# x\n\n[when it rains]\nBring a coat.",
            TextError::Case { case: "it rains".to_owned(), known: "one comes, nobody comes".to_owned() },
        ),
        ("Subject: x\n# x\n\nThese: {people}", TextError::NotAlone("people".to_owned())),
        ("Subject: x\n# x\n\n- {people}", TextError::NotAlone("people".to_owned())),
        ("Subject: x\n# x\n\nSee [yours]({links}).", TextError::NotAlone("links".to_owned())),
        ("Subject: x\n# x\n\nGo to {manage}", TextError::Misplaced("manage".to_owned())),
        ("Subject: x\n# x\n\n[x]({name})", TextError::Misplaced("name".to_owned())),
        ("Subject: x\n# x\n\n[x](https://evil.example/{name})", TextError::Misplaced("name".to_owned())),
        ("Subject: x\n[when nobody comes]\nSubject: {manage}\n# x", TextError::Misplaced("manage".to_owned())),
        ("# x", TextError::Subject),
        ("Subject: x\n\nHello", TextError::Heading),
    ] {
        assert_eq!(rendered(text, "Anna"), Err(error), "{text}");
    }
}

#[test]
fn unsupported_markup_is_shown_as_words() {
    let text = "Subject: x\n# x\n\n<script>alert(1)</script>\n\n![a picture](https://city.example/x.png) \
        [here](javascript:alert(1))\n\n1. one\n2. two\n   - three";
    let mail = rendered(text, "Anna").expect("a mail");
    assert!(!mail.html.contains("<script>") && !mail.html.contains("javascript:"), "{}", mail.html);
    assert!(!mail.html.contains("x.png") && mail.html.contains("a picture"), "{}", mail.html);
    assert!(mail.text.contains("- 1. one\n- 2. two\n- three"), "{}", mail.text);
}

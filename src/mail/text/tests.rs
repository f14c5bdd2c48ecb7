//! Texts, read at run time.

use super::*;
use crate::mail::unlinked;

const PLACEHOLDERS: &[Placeholder] = &[
    Placeholder::words("name", "the name"),
    Placeholder::words("reason", "may be empty"),
    Placeholder::lines("address", "several lines"),
    Placeholder::block("people", "a list"),
    Placeholder::address("manage", "a secret"),
    Placeholder::addresses("links", "one for each"),
];
const DECLARED: Declared =
    Declared { placeholders: PLACEHOLDERS, of_frame: &[], cases: &["one comes", "nobody comes"] };

fn filling(name: &str) -> Filling {
    let mut values = Values::default();
    let row = |name: &str| Row { strong: unlinked(name), rest: String::new(), small: vec!["University".to_owned()] };
    values.typed("name", name);
    values.typed("reason", "");
    values.typed_lines("address", "Town hall\nHauptplatz 1");
    values.block("people", vec![row(name), row("Eva Roth")]);
    values.address_of("manage", Link::secret("https://conference.example/manage/s3cret".to_owned()));
    values.addresses("links", vec![(row(name), Link::secret("https://conference.example/manage/0wn".to_owned()))]);
    Filling { values, cases: vec!["one comes"] }
}

fn made(text: &str, filling: &Filling) -> Result<Letter, TextError> {
    letter(text, "", &DECLARED, filling)
}

#[test]
fn a_text_becomes_plain_text_and_html() {
    let text = "Subject: For {name}\n\n# Hello, {name}!\n\nYou come. [Read](https://city.example/a) it.\n\n\
        > Code: **{name}**\n> Keep it.\n\n- Where: {address}\n- bring a pen\n\n## People\n\n{people}\n\n\
        [See it]({manage})\n\n[Yours]({links})\n\n*Only for you.*";
    let letter = made(text, &filling("Anna")).expect("a mail");
    assert_eq!(letter.subject, "For Anna");
    assert_eq!(
        letter.text,
        "You come. Read it.\nhttps://city.example/a\n\nCode: Anna\nKeep it.\n\n\
         Where:\n  Town hall\n  Hauptplatz 1\n- bring a pen\n\nPeople\n- Anna, University\n- Eva Roth, University\n\n\
         See it:\nhttps://conference.example/manage/s3cret\n\n\
         - Anna, University\n  Yours: https://conference.example/manage/0wn\n\nOnly for you.\n"
    );
    for part in ["<b>Anna</b>", "Town hall<br>Hauptplatz 1", ">See it</a>", "href=\"https://city.example/a\""] {
        assert!(letter.html.contains(part), "{part} is missing in {}", letter.html);
    }
}

#[test]
fn what_is_kept_of_a_mail_has_no_secret() {
    let text = "Subject: x\n# x\n\n[See it]({manage}), or [this]({manage}).\n\n[Yours]({links})\n\n[See it]({manage})";
    let letter = made(text, &filling("Anna")).expect("a mail");
    assert_eq!(letter.text.matches("s3cret").count(), 3);
    assert!(!letter.masked.contains("s3cret") && !letter.masked.contains("0wn"), "{}", letter.masked);
    assert_eq!(letter.masked.matches("https://conference.example/manage/…").count(), 4);
}

#[test]
fn a_value_is_never_markup_and_never_a_link() {
    let text =
        "Subject: {name}\n# {name}\n\n{name}\n\n- Name: {name}\n- {name}\n\n> {name}\n\n[{name}]({manage})\n\n{people}";
    for typed in ["*Anna* [x](http://evil.example)", "<b>Anna</b> &amp; `co`", "# Anna: {name}", "[when x] _a_ __b__"] {
        let letter = made(text, &filling(typed)).expect("a mail");
        let shown = unlinked(typed);
        assert_eq!(letter.subject, shown);
        assert_eq!(letter.text.matches(&shown).count(), 6, "{}", letter.text);
        let escaped = [("&", "&#38;"), ("<", "&#60;"), (">", "&#62;")];
        let escaped = escaped.iter().fold(shown, |text, (from, to)| text.replace(from, to));
        assert_eq!(letter.html.matches(&escaped).count(), 8, "{escaped} in {}", letter.html);
        assert!(!letter.html.contains("evil.example") && !letter.text.contains("evil.example"));
    }
}

#[test]
fn what_has_an_empty_value_is_left_out() {
    let text = "Subject: x\n# For {reason}\n\n# For you\n\nBecause {reason}.\n\n## Why {reason}\n\n- Reason: {reason}\n- Name: {name}\n\nEnd.";
    let letter = made(text, &filling("Anna")).expect("a mail");
    assert_eq!(letter.text, "Name: Anna\n\nEnd.\n");
}

#[test]
fn a_case_has_its_own_words() {
    let text = "[when nobody comes]\nSubject: Nobody\n[when one comes]\nSubject: One\n[always]\nSubject: Any\n\n# x\n\n\
        [when nobody comes]\nNot this.\n[when nobody comes or one comes]\nFirst.\n[when one comes]\nSecond.\n[always]\nThird.";
    let letter = made(text, &filling("Anna")).expect("a mail");
    assert_eq!((letter.subject.as_str(), letter.text.as_str()), ("One", "First.\n\nSecond.\n\nThird.\n"));
}

fn placeholder(name: &str) -> TextError {
    let known = "{name} (the name), {reason} (may be empty), {address} (several lines), {people} (a list), {manage} (a secret), \
        {links} (one for each)";
    TextError::Placeholder { name: name.to_owned(), known: known.to_owned() }
}

#[test]
fn a_wrong_text_is_refused_with_what_is_wrong() {
    for (text, error) in [
        ("Subject: x\n# x\n\n{nmae}", placeholder("nmae")),
        // In whatever case it stands.
        ("Subject: x\n# x\n\n[when nobody comes]\n{nmae}", placeholder("nmae")),
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
        assert_eq!(made(text, &filling("Anna")), Err(error), "{text}");
    }
}

#[test]
fn markup_that_a_text_does_not_need_is_shown_as_words() {
    let text = "Subject: x\n# x\n\n<script>alert(1)</script>\n\n![a picture](https://city.example/x.png) \
        [here](javascript:alert(1))\n\n1. one\n2. two\n   - three";
    let letter = made(text, &filling("Anna")).expect("a mail");
    assert!(!letter.html.contains("<script>") && !letter.html.contains("javascript:"), "{}", letter.html);
    assert!(!letter.html.contains("x.png") && letter.html.contains("a picture"), "{}", letter.html);
    assert!(letter.text.contains("- 1. one\n- 2. two\n- three"), "{}", letter.text);
}

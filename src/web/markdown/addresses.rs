//! Addresses that stand in a text without markup, such as `www.city.eu`, and become links.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// How an address begins.
const BEGINNINGS: [&str; 3] = ["https://", "http://", "www."];

/// Characters that end an address, besides white space and control characters.
const AROUND: [char; 14] = ['<', '>', '"', '`', '|', '“', '”', '„', '«', '»', '。', '、', '，', '…'];

/// Characters that belong to the sentence if they are the last ones.
const AT_END: [char; 14] = ['.', ',', ':', ';', '!', '?', '\'', '’', '‘', '*', '_', '~', '(', '['];

/// Longer ones are no addresses that anybody has typed.
const LONGEST: usize = 2000;

/// Makes links of the addresses in the text, except in code and in links.
pub fn linked<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut inside = 0_usize;
    events.flat_map(move |event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => inside += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => inside = inside.saturating_sub(1),
            Event::Text(text) if inside == 0 => {
                let found = find(text);
                if !found.is_empty() {
                    return events_of(text, &found);
                }
            }
            _ => {}
        }
        vec![event]
    })
}

/// Returns the target of a link as browsers need it. Many people leave the scheme out.
pub fn completed(target: &str) -> CowStr<'_> {
    if begins(target, "www.") { format!("https://{target}").into() } else { target.into() }
}

fn events_of<'a>(text: &str, found: &[Range<usize>]) -> Vec<Event<'a>> {
    let mut events = Vec::with_capacity(found.len() * 4 + 1);
    let words = |words: &str| Event::Text(words.to_owned().into());
    let mut done = 0;
    for range in found {
        let address = &text[range.clone()];
        events.push(words(&text[done..range.start]));
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: completed(address).to_string().into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        events.push(words(address));
        events.push(Event::End(TagEnd::Link));
        done = range.end;
    }
    events.push(words(&text[done..]));
    events
}

fn begins(text: &str, beginning: &str) -> bool {
    text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

/// Returns the places of the addresses in a text.
fn find(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut before = ' ';
    let mut done = 0;
    for (at, c) in text.char_indices() {
        // In "anna@www.city.eu" and "a.www.city.eu", it is part of something else.
        let may_begin = !before.is_alphanumeric() && !"@./-_+&=#".contains(before);
        before = c;
        let rest = &text[at..];
        if at < done || !may_begin || !BEGINNINGS.iter().any(|beginning| begins(rest, beginning)) {
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || c.is_control() || AROUND.contains(&c)).unwrap_or(rest.len());
        done = at + end;
        let address = without_end(&rest[..end]);
        if end <= LONGEST && has_host(address) {
            found.push(at..at + address.len());
        }
    }
    found
}

/// Returns the address without punctuation and brackets that belong to the sentence around it.
fn without_end(mut address: &str) -> &str {
    if address.len() > LONGEST {
        return address;
    }
    while let Some(last) = address.chars().next_back() {
        let is_unbalanced = |opens: char| address.matches(last).count() > address.matches(opens).count();
        let belongs = match last {
            ')' => !is_unbalanced('('),
            ']' => !is_unbalanced('['),
            '}' => !is_unbalanced('{'),
            _ => !AT_END.contains(&last),
        };
        if belongs {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

/// Whether the address names a host with a domain.
fn has_host(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match place.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => place,
    };
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    host.contains('.') && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(text: &str, addresses: &[&str]) {
        let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, addresses, "in {text:?}");
    }

    #[test]
    fn addresses_are_found_without_the_punctuation_around_them() {
        finds("https://city.eu", &["https://city.eu"]);
        finds("See www.city.eu, or HTTP://a.eu/b?c=d&e=f#g.", &["www.city.eu", "HTTP://a.eu/b?c=d&e=f#g"]);
        finds("(https://city.eu/x_(y))", &["https://city.eu/x_(y)"]);
        finds("[www.city.eu/a]…", &["www.city.eu/a"]);
        finds("“https://city.eu/a”!?", &["https://city.eu/a"]);
        finds("https://city.eu:8080/a, https://müller.example", &["https://city.eu:8080/a", "https://müller.example"]);
        finds("https://city.eu/a,b.", &["https://city.eu/a,b"]);
    }

    #[test]
    fn what_is_no_address_is_not_found() {
        for text in [
            "www",
            "www.",
            "www..eu",
            "https://",
            "https://localhost",
            "https://city.eu@evil",
            "xhttps://city.eu",
            "anna@www.city.eu",
            "javascript://city.eu",
            "ftp://city.eu",
        ] {
            finds(text, &[]);
        }
    }

    #[test]
    fn a_long_row_of_brackets_is_read_quickly() {
        let started = std::time::Instant::now();
        finds(&format!("https://a.eu/{}", ")".repeat(40_000)), &[]);
        finds(&"https://a.eu/) ".repeat(2600), &vec!["https://a.eu/"; 2600]);
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}

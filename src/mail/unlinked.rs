//! Removes links from text that somebody typed, before it is sent to somebody else. The registration form sends mail to addresses
//! that nobody has confirmed, so nobody must be able to send a link through it. Mail programs turn plain words into links.

use std::{collections::HashSet, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::domain::text;

const LONGEST: usize = 60;

/// The endings by which mail programs recognise a host name.
static TOP_LEVEL_DOMAINS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("top_level_domains.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

/// The schemes of links that need no `//`.
const SCHEMES: [&str; 17] = [
    "callto",
    "data",
    "facetime",
    "file",
    "ftp",
    "geo",
    "http",
    "https",
    "javascript",
    "mailto",
    "news",
    "sip",
    "sms",
    "skype",
    "tel",
    "webcal",
    "xmpp",
];

/// Parts of academic titles. Some are also top-level domains, but "M.Sc." and "Prof.Dr.Ing." are not host names.
const TITLES: [&str; 17] =
    ["b", "c", "dent", "dipl", "dr", "ed", "eng", "h", "habil", "ing", "m", "mag", "med", "phil", "prof", "sc", "univ"];

/// Other abbreviations that look like host names. Each is exempt only as a whole: a rule for their parts would also exempt
/// host names that anybody can register.
const ABBREVIATIONS: [&str; 6] = ["abt.it", "asp.net", "b.sc.it", "co.kg", "m.sc.it", "p.o.box"];

/// Returns the beginning of the text, at most 60 characters on one line, with its links removed.
pub fn excerpt(typed: &str) -> String {
    let mut safe = unlinked(typed);
    let mut kept = LONGEST;
    // Repeated after each cut: "city.commerce" is not a link, but its beginning may be one. Taking that apart makes the text
    // longer, so each cut keeps less than the one before.
    while safe.chars().count() > LONGEST {
        kept -= 1;
        let cut: String = safe.chars().take(kept).collect();
        safe = unlinked(&format!("{}…", cut.trim_end()));
    }
    safe
}

/// Returns the whole text on one line. In words that a mail program would turn into a link, a space is added after each dot and
/// colon. An invisible character would not be enough, because domains are looked up without them.
pub fn unlinked(typed: &str) -> String {
    let words = typed.split_whitespace().map(|word| {
        let plain = plain(word);
        if is_link(&plain) { taken_apart(&plain) } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns whether [`unlinked()`] changes a word of the text.
pub fn has_link(typed: &str) -> bool {
    typed.split_whitespace().any(|word| is_link(&plain(word)))
}

/// Returns the word in the form in which domains are looked up: without invisible characters, and with the usual letters and
/// dots instead of full-width and other forms.
fn plain(word: &str) -> String {
    let cleaned = text::clean_line(word);
    let visible = cleaned.chars().filter(|c| !joins_or_turns(*c));
    visible.nfkc().map(|c| if c == '\u{3002}' { '.' } else { c }).collect()
}

/// Returns whether this is an invisible character that a cleaned line may still have: a joiner, a variation selector or a
/// change of direction.
fn joins_or_turns(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}')
}

/// Returns whether a mail program would turn the word, or a part of it, into a link.
fn is_link(word: &str) -> bool {
    // Outlook turns paths on file servers into links.
    word.contains("://") || word.contains(r"\\") || has_scheme(word) || has_address(word) || has_host(word)
}

fn has_scheme(word: &str) -> bool {
    word.match_indices(':').any(|(colon, _)| {
        let scheme = word[..colon].rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        colon + 1 < word.len() && SCHEMES.contains(&&*scheme.to_ascii_lowercase())
    })
}

/// Returns whether the word contains an e-mail address: an `@` before two parts with a dot between them.
fn has_address(word: &str) -> bool {
    word.match_indices('@').any(|(at, _)| {
        let domain = word[at + 1..].split(ends_host).next().unwrap_or_default();
        at > 0 && domain.split('.').filter(|label| !label.is_empty()).count() > 1
    })
}

fn has_host(word: &str) -> bool {
    word.split_inclusive(ends_host).any(|piece| {
        let host = piece.trim_end_matches(ends_host).to_lowercase();
        is_name(&host, starts_a_path(piece, word))
            || is_local(&host)
            || (piece.ends_with('/') && !word.ends_with(piece) && ends_like_a_domain(&host))
    })
}

fn ends_host(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '_')
}

/// Returns whether a path, a query, a fragment or a port follows the host. A question mark or a colon at the end of the word is
/// punctuation.
fn starts_a_path(piece: &str, word: &str) -> bool {
    piece.ends_with(['/', '#']) || (piece.ends_with(['?', ':']) && !word.ends_with(piece))
}

/// Returns whether a part after a dot is a top-level domain. An abbreviation counts as a host name only if a path follows.
fn is_name(host: &str, has_path: bool) -> bool {
    let host = host.trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let is_domain = |label: &str| label.starts_with("xn--") || TOP_LEVEL_DOMAINS.contains(letters(label));
    labels.windows(2).any(|two| !two[0].is_empty() && is_domain(two[1]))
        && (has_path || !(labels.iter().all(|label| TITLES.contains(label)) || ABBREVIATIONS.contains(&host)))
}

/// Returns whether the host begins with `www` or `ftp`, or is four numbers. These need no known ending.
fn is_local(host: &str) -> bool {
    host.split(|c: char| !is_letter(c) && c != '.').any(|piece| {
        let labels: Vec<&str> = piece.split('.').collect();
        let is_service = |label: &str| label == "ftp" || label.trim_end_matches(|c: char| c.is_ascii_digit()) == "www";
        labels.windows(2).any(|two| is_service(two[0]) && !two[1].is_empty())
            || labels.windows(4).any(|four| four.iter().all(|label| label.parse::<u8>().is_ok()))
    })
}

/// Returns whether the last part could be a top-level domain that is not in the list.
fn ends_like_a_domain(host: &str) -> bool {
    let last = host.rsplit_once('.').map_or("", |(_, last)| letters(last));
    last.chars().count() > 1 && last.chars().all(|c| !c.is_numeric())
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Returns the letters at the beginning of the label. In "com-now" and "com”", mail programs recognise the top-level domain.
fn letters(label: &str) -> &str {
    &label[..label.find(|c| !is_letter(c)).unwrap_or(label.len())]
}

/// Returns the word with the parts of its links separated.
fn taken_apart(word: &str) -> String {
    let mut apart = String::with_capacity(word.len() + 8);
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '@' => apart.push_str(" at "),
            ':' => {
                rest = rest.trim_start_matches('/');
                apart.push_str(if rest.is_empty() { ":" } else { ": " });
            }
            '\\' => {
                rest = rest.trim_start_matches('\\');
                apart.push(c);
            }
            '.' if rest.starts_with(|next: char| !next.is_ascii_punctuation()) => apart.push_str(". "),
            _ => apart.push(c),
        }
    }
    apart.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_as_people_write_them() {
        for name in [
            "Željka Horvat",
            "J. R. Núñez-Castaño",
            "Comune di Milano S.p.A.",
            "Dr.-Ing. O'Neill",
            "Stadt St. Pölten",
            "Anna Nagy, M.Sc.",
            "Univ.Prof.Dr.Ing. Ludwig Maier",
            "St.Gallen",
            "Strategy 2.0",
            "e.g. IT and i.e. e.V.",
            "Müller GmbH & Co.KG",
            "P.O.Box 12",
            "PO-2018.4711",
            "Team .NET",
            "ASP.NET dev",
            "Leiter Abt.IT",
            "Eva Roth, B.Sc.IT",
            "Prof.Dr.Ing.: who?",
            "Dr.Ing?",
            "Smart@City",
            "Room: 12, Re:Start, 14:00, 24/7",
            "علی می\u{200C}خواهم",
        ] {
            assert_eq!(excerpt(name), name);
        }
    }

    #[test]
    fn nothing_becomes_a_link() {
        assert_eq!(excerpt("Win at https://evil.example/x"), "Win at https: evil. example/x");
        assert_eq!(excerpt("www.evil.example"), "www. evil. example");
        assert_eq!(excerpt("t.co/abc"), "t. co/abc");
        assert_eq!(excerpt("1.2.3.4/login"), "1. 2. 3. 4/login");
        assert_eq!(excerpt("evil\u{2024}example"), "evil. example");
        assert_eq!(excerpt("me@evil.example"), "me at evil. example");
        assert_eq!(excerpt("(Evil.Com)"), "(Evil. Com)");
        assert_eq!(excerpt("evil.newdomain/x"), "evil. newdomain/x");
        assert_eq!(excerpt("me@evil.newdomain"), "me at evil. newdomain");
        assert_eq!(excerpt("mailto:me"), "mailto: me");
        assert_eq!(excerpt("зло.рф"), "зло. рф");
        assert_eq!(excerpt("evil.xn--p1ai"), "evil. xn--p1ai");
        assert_eq!(excerpt("ｅｖｉｌ．ｃｏｍ"), "evil. com");
        assert_eq!(excerpt("evil。com"), "evil. com");
        assert_eq!(excerpt(r"\\evil\share"), r"\evil\share");
        assert_eq!(excerpt("evil.com-now"), "evil. com-now");
        assert_eq!(excerpt("4500.12.EU"), "4500. 12. EU");
    }

    #[test]
    fn an_abbreviation_with_a_path_is_a_link() {
        for (typed, safe) in [
            ("dr.ing/login", "dr. ing/login"),
            ("dr.ing/", "dr. ing/"),
            ("phil.ing?x=1", "phil. ing?x=1"),
            ("phil.ing#x", "phil. ing#x"),
            ("med.ing:8080", "med. ing: 8080"),
            ("ASP.NET/x", "ASP. NET/x"),
            ("Co.KG?x", "Co. KG?x"),
        ] {
            assert_eq!(unlinked(typed), safe);
        }
    }

    #[test]
    fn an_invisible_character_hides_no_link() {
        for hidden in ["\u{200B}", "\u{200C}", "\u{200D}", "\u{2060}", "\u{AD}", "\u{FE0F}"] {
            assert_eq!(excerpt(&format!("evil{hidden}.{hidden}c{hidden}om")), "evil. com");
            assert_eq!(excerpt(&format!("https:{hidden}//{hidden}evil")), "https: evil");
        }
    }

    #[test]
    fn unlinked_text_is_not_cut() {
        let long = format!("{} evil.example", "word ".repeat(50).trim());
        assert_eq!(unlinked(&long), format!("{} evil. example", "word ".repeat(50).trim()));
    }

    #[test]
    fn a_long_text_is_cut() {
        let cut = excerpt(&"word ".repeat(50));
        assert!(cut.chars().count() <= LONGEST && cut.ends_with('…'), "{cut}");
    }

    #[test]
    fn a_cut_leaves_no_link_behind() {
        let cut = excerpt(&format!("{} evil.community-centre-of-the-town", "x".repeat(50)));
        assert!(!linked(&cut), "{cut}");
    }

    #[test]
    fn a_cut_that_makes_a_link_every_time_comes_to_an_end() {
        let long = "x".repeat(52);
        assert_eq!(excerpt(&format!("{long} https: or nothing")), format!("{long} https…"));
    }

    #[test]
    fn a_text_stays_on_one_line() {
        assert_eq!(excerpt("one\r\n two\u{2028}three"), "one two three");
    }

    /// Recognises links like an eager mail program: `a.b` with a well-known ending, `www.`, `://`, an address or four numbers.
    fn linked(text: &str) -> bool {
        let invisible = ['\u{AD}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}'];
        let seen = text.replace(invisible, "").nfkc().collect::<String>().to_lowercase();
        seen.replace('。', ".").split_whitespace().any(|word| {
            let ends = |c: char| !c.is_alphanumeric() && c != '.';
            let both = |two: &[String]| !two[0].is_empty() && !two[1].is_empty();
            let labels = |text: &'_ str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
            let address = word.split_once('@').is_some_and(|(name, rest)| {
                !name.is_empty() && labels(rest.split(ends).next().unwrap_or_default()).windows(2).any(both)
            });
            let mut hosts = word.split(ends).map(labels);
            let scheme = word
                .split("mailto:")
                .zip(word.split("mailto:").skip(1))
                .any(|(before, after)| !before.ends_with(|c: char| c.is_ascii_alphabetic()) && !after.is_empty());
            word.contains("://")
                || scheme
                || address
                || hosts.any(|labels| {
                    let after = |label: &str| ["com", "example", "de", "рф", "co"].contains(&label);
                    labels.windows(2).any(|two| !two[0].is_empty() && after(&two[1]))
                        || labels.windows(2).any(|two| two[0] == "www" && !two[1].is_empty())
                        || labels.windows(4).any(|four| four.iter().all(|one| one.parse::<u8>().is_ok()))
                })
        })
    }

    fn fragment() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "evil", "Evil", "com", "COM", "example", "de", "рф", "co", "www", "https", "mailto", "me", "1", "22", ".",
            ".", ".", "．", "。", "@", ":", "/", "//", "\\", "-", ",", "(", "”", " ", "\u{200B}", "\u{200D}",
            "\u{2060}", "\u{AD}", "M.Sc.", "ž", "ｃ", "…", "a",
        ])
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_link(parts in prop::collection::vec(fragment(), 1..24)) {
            let typed = parts.concat();
            prop_assert!(!linked(&unlinked(&typed)), "{typed:?} → {:?}", unlinked(&typed));
            prop_assert!(!linked(&excerpt(&typed)), "{typed:?} → {:?}", excerpt(&typed));
            prop_assert_eq!(unlinked(&unlinked(&typed)), unlinked(&typed));
            prop_assert!(excerpt(&typed).chars().count() <= LONGEST);
        }

        #[test]
        fn text_without_a_link_stays_as_it_was_typed(
            words in prop::collection::vec("[\\p{L}]{1,8}(['’-][\\p{L}]{1,5})?[.,;!?]?|[A-Z]\\.[A-Z]\\.|[0-9]{1,4}\\.[0-9]{1,4}|[+]?[0-9 /()-]{1,6}[0-9]", 1..6),
        ) {
            let typed = words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(unlinked(&typed), typed);
        }
    }
}

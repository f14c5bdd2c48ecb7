//! Text that a stranger typed, made fit for a mail to somebody else. The form sends mail to addresses that nobody has
//! confirmed; it must not carry a message of the sender's.

const LONGEST: usize = 60;

/// The text on one line, cut at sixty characters, with nothing in it that a mail program would make a link of.
pub fn shown(typed: &str) -> String {
    let safe = unlinked(typed);
    if safe.chars().count() <= LONGEST {
        return safe;
    }
    let cut: String = safe.chars().take(LONGEST - 1).collect();
    format!("{}…", cut.trim_end())
}

/// The whole text on one line, with nothing in it that a mail program would make a link of.
pub fn unlinked(typed: &str) -> String {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut safe = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '@' => safe.push_str(" at "),
            ':' if rest.starts_with("//") => {
                safe.push_str(": ");
                rest = rest.trim_start_matches('/');
            }
            // "evil.example", "www.evil" and "1.2.3.4" become links, "A. Nagy" and "S.p.A." do not.
            '.' | '\u{2024}' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}' if begins_a_host(rest) => safe.push_str(". "),
            _ => safe.push(c),
        }
    }
    safe
}

/// Whether what follows a dot could be the next part of a host's name or address.
fn begins_a_host(rest: &str) -> bool {
    let mut next = rest.chars();
    match (next.next(), next.next()) {
        (Some(first), _) if first.is_numeric() => true,
        (Some(first), Some(second)) => first.is_alphanumeric() && second.is_alphanumeric(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_people_write_them() {
        for name in
            ["Željka Horvat", "J. R. Núñez-Castaño", "Comune di Milano S.p.A.", "Dr.-Ing. O'Neill", "Stadt St. Pölten"]
        {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn nothing_becomes_a_link() {
        assert_eq!(shown("Win at https://evil.example/x"), "Win at https: evil. example/x");
        assert_eq!(shown("www.evil.example"), "www. evil. example");
        assert_eq!(shown("t.co/abc"), "t. co/abc");
        assert_eq!(shown("1.2.3.4/login"), "1. 2. 3. 4/login");
        assert_eq!(shown("evil\u{2024}example"), "evil. example");
        assert_eq!(shown("me@evil.example"), "me at evil. example");
    }

    #[test]
    fn a_text_for_the_desk_is_whole_and_no_link_either() {
        let long = format!("{} evil.example", "word ".repeat(50).trim());
        assert_eq!(unlinked(&long), format!("{} evil. example", "word ".repeat(50).trim()));
    }

    #[test]
    fn a_long_text_is_cut() {
        let cut = shown(&"word ".repeat(50));
        assert!(cut.chars().count() <= LONGEST && cut.ends_with('…'), "{cut}");
    }

    #[test]
    fn a_text_stays_on_one_line() {
        assert_eq!(shown("one\r\n two\u{2028}three"), "one two three");
    }
}

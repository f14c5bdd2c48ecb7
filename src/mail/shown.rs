//! Text that a stranger typed, made fit for a mail to somebody else. The form sends mail to addresses that nobody has
//! confirmed; it must not carry a message of the sender's.

const LONGEST: usize = 60;

/// The text on one line, cut at sixty characters, with nothing in it that a mail program would make a link of.
pub fn shown(typed: &str) -> String {
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
            // "evil.example" and "www.evil" become links, "A. Nagy" and "S.p.A." do not.
            '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}'
                if rest.chars().take(2).filter(|c| c.is_alphanumeric()).count() == 2 =>
            {
                safe.push_str(". ");
            }
            _ => safe.push(c),
        }
    }
    if safe.chars().count() <= LONGEST {
        return safe;
    }
    let cut: String = safe.chars().take(LONGEST - 1).collect();
    format!("{}…", cut.trim_end())
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
        assert_eq!(shown("me@evil.example"), "me at evil. example");
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

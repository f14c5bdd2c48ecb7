//! Lists that were pasted from a word processor. Word writes "•", a tab and the text; Markdown knows only "-", "*" and
//! "+".

use std::borrow::Cow;

/// Signs that begin an item if a tab or a space follows. The last three are those of Word's symbol fonts.
const BULLETS: [char; 11] = ['•', '·', '●', '▪', '■', '◦', '‣', '⁃', '\u{F0B7}', '\u{F0A7}', '\u{F0D8}'];

/// Signs that begin an item only if a tab follows, because they can also begin a sentence.
const BEFORE_TAB: [char; 4] = ['o', '–', '—', '§'];

/// An item of a pasted list.
struct Item<'a> {
    sign: char,
    /// Whether a tab follows the sign, as in what Word copies.
    has_tab: bool,
    text: &'a str,
}

impl<'a> Item<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut rest = line.trim_start().chars();
        let sign = rest.next()?;
        let after = rest.as_str();
        let has_tab = after.starts_with('\t');
        let begins = if BULLETS.contains(&sign) { has_tab || after.starts_with(' ') } else { has_tab };
        let is_known = BULLETS.contains(&sign) || BEFORE_TAB.contains(&sign);
        (is_known && begins).then(|| Self { sign, has_tab, text: after.trim() })
    }
}

/// Returns the text with pasted lists as lists of Markdown. Each further sign within a list is a level of its own.
pub fn as_lists(text: &str) -> Cow<'_, str> {
    if !text.lines().any(|line| Item::of(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut signs: Vec<char> = Vec::new();
    let mut ends_at_line_break = false;
    let mut fence = None;
    for line in text.lines() {
        if let Some(sign) = ["```", "~~~"].into_iter().find(|sign| line.trim_start().starts_with(sign)) {
            fence = if fence.is_none() { Some(sign) } else { fence.filter(|open| *open != sign) };
        }
        if let Some(item) = Item::of(line).filter(|_| fence.is_none()) {
            let level = signs.iter().position(|sign| *sign == item.sign).unwrap_or(signs.len());
            signs.truncate(level);
            signs.push(item.sign);
            out.push_str(&"  ".repeat(level));
            out.push_str("- ");
            out.push_str(item.text);
            ends_at_line_break = item.has_tab;
        } else {
            let is_in_item = line.trim().is_empty() || line.starts_with([' ', '\t']);
            if !is_in_item {
                // Otherwise, Markdown reads the line as part of the last item.
                if ends_at_line_break {
                    out.push('\n');
                }
                ends_at_line_break = false;
                signs.clear();
            }
            out.push_str(line);
        }
        out.push('\n');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_word_copies_becomes_a_list_with_levels() {
        assert_eq!(
            as_lists("Bring:\n•\ta pen\no\tblue\n\u{F0A7}\tdark\no\tred\n•\tpaper\nSee you there."),
            "Bring:\n- a pen\n  - blue\n    - dark\n  - red\n- paper\n\nSee you there.\n"
        );
        for sign in ["•", "·", "o", "–", "§", "\u{F0B7}"] {
            assert_eq!(as_lists(&format!("\t{sign}\tone")), "- one\n", "{sign}");
        }
        assert_eq!(as_lists("• one\n• two\nwrapped"), "- one\n- two\nwrapped\n");
    }

    #[test]
    fn sentences_and_code_stay_as_they_are() {
        for text in ["o sole mio", "– he said", "2 · 3 = 6", "•", "a •\tb", "- one\n- two\n"] {
            assert_eq!(as_lists(text), text);
        }
        let code = "```\n•\tone\n~~~\n•\ttwo\n```\n";
        assert_eq!(as_lists(code), code);
    }
}

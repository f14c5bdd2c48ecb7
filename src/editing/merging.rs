//! Merges two people's texts, region by region, so that nothing that either of them wrote is lost.
//!
//! A region that only one person changed is taken from that person's text. A region that both changed appears twice:
//! first from the text of the person who is saving, then from the other's between two marked lines. A text with such
//! lines cannot be saved until somebody has decided.

use std::ops::Range;

use askama::Template;
use similar::{MergeResolution, TextMerge};

/// The start of the marked line before the other person's text.
pub const OPENS: &str = "▼▼▼";

/// The start of the marked line after the other person's text.
pub const CLOSES: &str = "▲▲▲";

/// The layout of a text, on which it depends how marked lines are separated from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One entry per line.
    Lines,
    /// Markdown, with blank lines between paragraphs. A marked line is a separate paragraph, so that the preview shows
    /// it clearly.
    Paragraphs,
}

/// The result of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The merged text.
    pub text: String,
    /// The number of places that both changed, about which somebody has to decide.
    pub undecided: usize,
}

/// The marked lines.
#[derive(Template)]
#[template(path = "editing/mark.txt")]
enum MarkedLine<'a> {
    Opens(&'a str),
    Closes(&'a str),
    TakenOut(&'a str),
}

/// Longer texts are not compared line by line, because that can take very long. Nobody writes such texts by hand.
const MOST_LINES: usize = 3000;

/// The largest number of characters in a field. A longer form could exceed the limit on requests.
const MOST_CHARACTERS: usize = 40_000;

/// Merges the changes of both texts to `base`. `them` is the name of the person who wrote the other text. Returns
/// `None` if the result would be too long for a field.
pub fn merged(layout: Layout, base: &str, mine: &str, theirs: &str, them: &str) -> Option<Merged> {
    let [base, mine, theirs] = [base, mine, theirs].map(ended);
    let mut sheet = Sheet { layout, them, text: String::new(), undecided: 0, behind_mark: false };
    if [&base, &mine, &theirs].iter().any(|text| text.lines().count() > MOST_LINES) {
        let [mine, theirs] = [&mine, &theirs].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
        sheet.write_both(&mine, &theirs);
    } else {
        let merge = TextMerge::from_lines(base.as_str(), mine.as_str(), theirs.as_str());
        let my = |range: Range<usize>| range.filter_map(|line| merge.ours_line(line)).collect::<Vec<_>>();
        let their = |range: Range<usize>| range.filter_map(|line| merge.theirs_line(line)).collect::<Vec<_>>();
        for region in merge.regions() {
            match region.resolution() {
                MergeResolution::Conflict => sheet.write_both(&my(region.ours_range()), &their(region.theirs_range())),
                MergeResolution::Theirs => sheet.write(&their(region.theirs_range())),
                _ => sheet.write(&my(region.ours_range())),
            }
        }
    }
    let text = sheet.text.trim_matches('\n').to_owned();
    (text.chars().count() <= MOST_CHARACTERS).then_some(Merged { text, undecided: sheet.undecided })
}

/// Whether the text contains a marked line, so that somebody still has to decide.
pub fn is_undecided(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| line.starts_with(OPENS) || line.starts_with(CLOSES))
}

/// Ends the last line with a line break, so that it is equal to the same line in the middle of another text.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Builds the merged text.
struct Sheet<'a> {
    layout: Layout,
    them: &'a str,
    text: String,
    undecided: usize,
    /// Whether a marked line and its blank line were written last.
    behind_mark: bool,
}

impl Sheet<'_> {
    fn write(&mut self, lines: &[&str]) {
        for line in lines.iter().filter(|line| !line.is_empty()) {
            if !(self.behind_mark && is_blank(line)) {
                self.text.push_str(line);
                self.behind_mark = false;
            }
        }
    }

    /// Writes both regions. Lines that both have in common at the start or end are written once.
    fn write_both(&mut self, mine: &[&str], theirs: &[&str]) {
        let head = mine.iter().zip(theirs).take_while(|(mine, theirs)| mine == theirs).count();
        let (head, mine, theirs) = (&mine[..head], &mine[head..], &theirs[head..]);
        let tail = mine.iter().rev().zip(theirs.iter().rev()).take_while(|(mine, theirs)| mine == theirs).count();
        let (mine, tail) = mine.split_at(mine.len() - tail);
        let theirs = &theirs[..theirs.len() - tail.len()];
        self.write(head);
        self.write(mine);
        let [is_gone, they_took_it_out] = [mine, theirs].map(|lines| lines.iter().all(|line| is_blank(line)));
        self.undecided += usize::from(!(is_gone && they_took_it_out));
        match (is_gone, they_took_it_out) {
            (true, true) => {}
            (false, true) => self.mark(&MarkedLine::TakenOut(self.them)),
            (_, false) => {
                self.mark(&MarkedLine::Opens(self.them));
                self.write(theirs);
                self.mark(&MarkedLine::Closes(self.them));
            }
        }
        self.write(tail);
    }

    fn mark(&mut self, line: &MarkedLine<'_>) {
        self.set_apart();
        self.text.push_str(line.render().expect("a name can be written").trim());
        self.text.push('\n');
        self.set_apart();
        self.behind_mark = true;
    }

    fn set_apart(&mut self) {
        let is_apart = self.text.is_empty() || self.text.ends_with("\n\n");
        if self.layout == Layout::Paragraphs && !is_apart {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn together(base: &str, mine: &str, theirs: &str) -> (String, usize) {
        let merged = merged(Layout::Paragraphs, base, mine, theirs, "Olga").expect("short enough");
        (merged.text, merged.undecided)
    }

    const BASE: &str = "One.\n\nTwo.\n\nThree.";

    #[test]
    fn changes_to_different_paragraphs_are_combined() {
        let both = together(BASE, "One, mine.\n\nTwo.\n\nThree.", "One.\n\nTwo.\n\nThree, theirs.");
        assert_eq!(both, ("One, mine.\n\nTwo.\n\nThree, theirs.".to_owned(), 0));
    }

    #[test]
    fn a_paragraph_that_both_changed_appears_twice_and_the_rest_is_combined() {
        let both = together(BASE, "One, mine.\n\nTwo.\n\nThree.", "One, theirs.\n\nTwo.\n\nThree, theirs.");
        let text = "One, mine.\n\n▼▼▼ Olga wrote here:\n\nOne, theirs.\n\n▲▲▲ End of what Olga wrote\n\nTwo.\n\nThree, theirs.";
        assert_eq!(both, (text.to_owned(), 1));
    }

    #[test]
    fn paragraphs_that_both_added_at_the_end_are_kept() {
        let both = together("One.", "One.\n\nMine.", "One.\n\nTheirs.");
        let text = "One.\n\nMine.\n\n▼▼▼ Olga wrote here:\n\nTheirs.\n\n▲▲▲ End of what Olga wrote";
        assert_eq!(both, (text.to_owned(), 1));
    }

    #[test]
    fn a_paragraph_that_one_changed_and_the_other_removed_is_kept_with_a_mark() {
        let (text, undecided) = together(BASE, "One.\n\nTwo, mine.\n\nThree.", "One.\n\nThree.");
        assert_eq!((text.matches("Two, mine.").count(), undecided), (1, 1), "{text}");
        assert!(text.contains("\n\n▲▲▲ Olga removed the text above\n\n"), "{text}");
        let (text, undecided) = together(BASE, "One.\n\nThree.", "One.\n\nTwo, theirs.\n\nThree.");
        assert_eq!((text.matches("Two, theirs.").count(), undecided), (1, 1), "{text}");
    }

    #[test]
    fn no_blank_lines_are_added_between_the_lines_of_a_list() {
        let both = merged(Layout::Lines, "Anna", "Anna\nPaul", "Anna\nMaria", "Olga").expect("short enough");
        assert_eq!(both.text, "Anna\nPaul\n▼▼▼ Olga wrote here:\nMaria\n▲▲▲ End of what Olga wrote");
    }

    #[test]
    fn a_text_is_undecided_while_it_contains_a_marked_line() {
        let (text, _) = together("One.", "Mine.", "Theirs.");
        assert!(is_undecided(&text));
        assert!(is_undecided("Mine.\n ▲▲▲ End"));
        assert!(!is_undecided("Mine ▲▲▲.\n\n▲ Theirs."));
    }

    #[test]
    fn texts_that_are_too_long_together_are_not_merged() {
        assert_eq!(merged(Layout::Paragraphs, "", &"a".repeat(30_000), &"b".repeat(30_000), "Olga"), None);
    }

    /// Generates edits: for each line of the base, whether it stays, and the lines written after it.
    fn edited(words: &'static str) -> impl Strategy<Value = Vec<(bool, Vec<String>)>> {
        let written = prop::collection::vec(prop_oneof![Just(String::new()), words], 0..3);
        prop::collection::vec((prop::bool::weighted(0.7), written), 8)
    }

    fn text(edits: &[(bool, Vec<String>)]) -> String {
        let lines = edits.iter().enumerate().flat_map(|(number, (stays, written))| {
            stays.then(|| format!("base {number}")).into_iter().chain(written.iter().cloned())
        });
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// Whether the text contains these lines in this order.
    fn holds(text: &str, lines: impl Iterator<Item = String>) -> bool {
        let mut rest = text.lines();
        lines.filter(|line| !is_blank(line)).all(|line| rest.any(|one| one == line))
    }

    proptest! {
        #[test]
        fn if_only_one_person_changed_the_text_the_result_is_theirs(base in "[a-c\n]{0,30}", mine in "[a-c\n]{0,30}") {
            let (base, mine) = (base.trim(), mine.trim());
            prop_assert_eq!(together(base, mine, base), (mine.to_owned(), 0));
            prop_assert_eq!(together(base, base, mine), (mine.to_owned(), 0));
        }

        #[test]
        fn nothing_that_either_person_wrote_is_lost(mine in edited("mine [0-9]"), theirs in edited("theirs [0-9]")) {
            let base = (0..8).map(|number| format!("base {number}")).collect::<Vec<_>>().join("\n");
            let (both, undecided) = together(&base, &text(&mine), &text(&theirs));
            let written = |edits: &[(bool, Vec<String>)]| edits.iter().flat_map(|(_, words)| words.clone()).collect::<Vec<_>>();
            prop_assert!(holds(&both, written(&mine).into_iter()), "mine in {both}");
            prop_assert!(holds(&both, written(&theirs).into_iter()), "theirs in {both}");
            let stays = (0..8).filter(|number| mine[*number].0 && theirs[*number].0);
            prop_assert!(stays.map(|number| format!("base {number}")).all(|line| both.lines().any(|one| one == line)), "{both}");
            prop_assert_eq!(undecided > 0, is_undecided(&both));
        }
    }
}

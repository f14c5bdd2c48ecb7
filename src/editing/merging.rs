//! Two people's texts put together, region by region, so that nothing that either of them wrote is left out.
//!
//! What one of them changed is taken from that one. What both changed stands twice: first the words of whoever is
//! saving, then the other's between two marked lines. A text with such a line is not saved: somebody has to decide.

use std::ops::Range;

use askama::Template;
use similar::{MergeResolution, TextMerge};

/// The line before the other's words begins with this.
pub const OPENS: &str = "▼▼▼";

/// The line behind the other's words begins with this.
pub const CLOSES: &str = "▲▲▲";

/// How a text is written, and so how a marked line is set apart in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One thing a line.
    Lines,
    /// Paragraphs with blank lines between them, as Markdown has them: a marked line is a paragraph of its own, so that
    /// the preview shows it as plainly as the text does.
    Paragraphs,
}

/// Both texts in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// In how many places both changed something, so that somebody has to decide.
    pub undecided: usize,
}

/// The marked lines, in words.
#[derive(Template)]
#[template(path = "editing/mark.txt")]
enum MarkedLine<'a> {
    Opens(&'a str),
    Closes(&'a str),
    TakenOut(&'a str),
}

/// Longer texts are not compared line by line: that can take any time, and nobody writes such texts by hand.
const MOST_LINES: usize = 3000;

/// No field takes a text of more characters, and a form that holds one might not arrive whole.
const MOST_CHARACTERS: usize = 40_000;

/// Both texts' changes to `base`; `them` names whose the other text is. None if it would be too long for any field.
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

/// Whether a marked line stands in the text, so that it is not decided yet.
pub fn is_undecided(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| line.starts_with(OPENS) || line.starts_with(CLOSES))
}

/// With a line end behind its last line too: a line is the same whether another follows it or not.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The merged text in the making.
struct Sheet<'a> {
    layout: Layout,
    them: &'a str,
    text: String,
    undecided: usize,
    /// Whether a marked line was written last, and with it the blank line that sets it apart.
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

    /// What both have in common at the beginning and at the end stands once.
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
    fn changes_to_different_paragraphs_stand_together() {
        let both = together(BASE, "One, mine.\n\nTwo.\n\nThree.", "One.\n\nTwo.\n\nThree, theirs.");
        assert_eq!(both, ("One, mine.\n\nTwo.\n\nThree, theirs.".to_owned(), 0));
    }

    #[test]
    fn a_paragraph_that_both_changed_stands_twice_and_the_rest_is_put_together() {
        let both = together(BASE, "One, mine.\n\nTwo.\n\nThree.", "One, theirs.\n\nTwo.\n\nThree, theirs.");
        let text = "One, mine.\n\n▼▼▼ Olga wrote here:\n\nOne, theirs.\n\n▲▲▲ End of what Olga wrote\n\nTwo.\n\nThree, theirs.";
        assert_eq!(both, (text.to_owned(), 1));
    }

    #[test]
    fn two_paragraphs_added_at_the_end_are_both_there() {
        let both = together("One.", "One.\n\nMine.", "One.\n\nTheirs.");
        let text = "One.\n\nMine.\n\n▼▼▼ Olga wrote here:\n\nTheirs.\n\n▲▲▲ End of what Olga wrote";
        assert_eq!(both, (text.to_owned(), 1));
    }

    #[test]
    fn a_paragraph_that_one_changed_and_the_other_took_out_is_there_and_both_are_said() {
        let (text, undecided) = together(BASE, "One.\n\nTwo, mine.\n\nThree.", "One.\n\nThree.");
        assert_eq!((text.matches("Two, mine.").count(), undecided), (1, 1), "{text}");
        assert!(text.contains("\n\n▲▲▲ Olga took out the words above\n\n"), "{text}");
        let (text, undecided) = together(BASE, "One.\n\nThree.", "One.\n\nTwo, theirs.\n\nThree.");
        assert_eq!((text.matches("Two, theirs.").count(), undecided), (1, 1), "{text}");
    }

    #[test]
    fn lines_of_a_list_are_not_torn_apart_by_blank_ones() {
        let both = merged(Layout::Lines, "Anna", "Anna\nPaul", "Anna\nMaria", "Olga").expect("short enough");
        assert_eq!(both.text, "Anna\nPaul\n▼▼▼ Olga wrote here:\nMaria\n▲▲▲ End of what Olga wrote");
    }

    #[test]
    fn a_text_is_undecided_as_long_as_one_marked_line_stands_in_it() {
        let (text, _) = together("One.", "Mine.", "Theirs.");
        assert!(is_undecided(&text));
        assert!(is_undecided("Mine.\n ▲▲▲ End"));
        assert!(!is_undecided("Mine ▲▲▲.\n\n▲ Theirs."));
    }

    #[test]
    fn texts_that_are_too_long_together_are_not_put_together() {
        assert_eq!(merged(Layout::Paragraphs, "", &"a".repeat(30_000), &"b".repeat(30_000), "Olga"), None);
    }

    /// A text in the making: of each line of the base, whether it stays, and what is written behind it.
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

    /// Each of these lines stands in the text, in their order.
    fn holds(text: &str, lines: impl Iterator<Item = String>) -> bool {
        let mut rest = text.lines();
        lines.filter(|line| !is_blank(line)).all(|line| rest.any(|one| one == line))
    }

    proptest! {
        #[test]
        fn a_text_that_only_one_changed_is_that_ones(base in "[a-c\n]{0,30}", mine in "[a-c\n]{0,30}") {
            let (base, mine) = (base.trim(), mine.trim());
            prop_assert_eq!(together(base, mine, base), (mine.to_owned(), 0));
            prop_assert_eq!(together(base, base, mine), (mine.to_owned(), 0));
        }

        #[test]
        fn nothing_that_either_wrote_is_lost(mine in edited("mine [0-9]"), theirs in edited("theirs [0-9]")) {
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

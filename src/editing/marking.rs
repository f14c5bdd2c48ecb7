//! Marks the words in which two texts differ.

use std::time::Duration;

use similar::{ChangeTag, TextDiff, utils::TextDiffRemapper};

/// How a piece of text changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The piece is in both texts.
    Same,
    /// The piece was added.
    Added,
    /// The piece was removed.
    Removed,
}

/// A piece of text with its change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text of the piece.
    pub words: String,
    /// How it changed.
    pub mark: Mark,
}

/// Returns a text in which nothing is marked.
pub fn plain(words: &str) -> Vec<Piece> {
    let piece = Piece { words: words.to_owned(), mark: Mark::Same };
    if words.is_empty() { Vec::new() } else { vec![piece] }
}

/// After this time, the rest of a text is compared more coarsely.
const TIME_LIMIT: Duration = Duration::from_millis(300);

/// Returns the differences between two texts, word by word.
pub fn marked(before: &str, after: &str) -> Vec<Piece> {
    let diff = TextDiff::configure().timeout(TIME_LIMIT).diff_words(before, after);
    let whole = TextDiffRemapper::from_text_diff(&diff, before, after);
    let mut marking = Marking::default();
    for (tag, words) in diff.ops().iter().flat_map(|op| whole.iter_slices(op)) {
        match tag {
            ChangeTag::Equal => marking.same(words),
            ChangeTag::Delete => marking.changed(words, ""),
            ChangeTag::Insert => marking.changed("", words),
        }
    }
    marking.end_change();
    marking.pieces
}

/// Collects pieces. A blank between two changed words belongs to the change, so that "lake was high" for "sea is deep"
/// is one change, not three.
#[derive(Default)]
struct Marking {
    pieces: Vec<Piece>,
    removed: String,
    added: String,
    blank: String,
}

impl Marking {
    fn same(&mut self, words: &str) {
        let is_blank = words.chars().all(|c| c == ' ');
        if is_blank && self.blank.is_empty() && !self.removed.is_empty() && !self.added.is_empty() {
            words.clone_into(&mut self.blank);
        } else {
            self.end_change();
            self.push(Mark::Same, words);
        }
    }

    fn changed(&mut self, removed: &str, added: &str) {
        let blank = std::mem::take(&mut self.blank);
        self.removed.push_str(&blank);
        self.removed.push_str(removed);
        self.added.push_str(&blank);
        self.added.push_str(added);
    }

    fn end_change(&mut self) {
        let [removed, added, blank] = [&mut self.removed, &mut self.added, &mut self.blank].map(std::mem::take);
        self.push(Mark::Removed, &removed);
        self.push(Mark::Added, &added);
        self.push(Mark::Same, &blank);
    }

    fn push(&mut self, mark: Mark, words: &str) {
        match self.pieces.last_mut() {
            _ if words.is_empty() => {}
            Some(last) if last.mark == mark => last.words.push_str(words),
            _ => self.pieces.push(Piece { words: words.to_owned(), mark }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(mark: Mark, words: &str) -> Piece {
        Piece { words: words.to_owned(), mark }
    }

    #[test]
    fn a_changed_word_is_marked_and_the_rest_is_not() {
        assert_eq!(
            marked("The data sea is deep", "The data lake is deep"),
            [
                piece(Mark::Same, "The data "),
                piece(Mark::Removed, "sea"),
                piece(Mark::Added, "lake"),
                piece(Mark::Same, " is deep")
            ]
        );
    }

    #[test]
    fn neighbouring_changed_words_are_one_change() {
        assert_eq!(
            marked("The sea is deep.", "The lake was deep."),
            [
                piece(Mark::Same, "The "),
                piece(Mark::Removed, "sea is"),
                piece(Mark::Added, "lake was"),
                piece(Mark::Same, " deep.")
            ]
        );
    }

    proptest! {
        #[test]
        fn the_marked_text_contains_every_word_of_both_texts(before in "[a-c \n]{0,40}", after in "[a-c \n]{0,40}") {
            let pieces = marked(&before, &after);
            let without = |mark| pieces.iter().filter(|piece| piece.mark != mark).map(|piece| piece.words.as_str()).collect::<String>();
            prop_assert_eq!(without(Mark::Added), before);
            prop_assert_eq!(without(Mark::Removed), after);
        }
    }
}

//! Two people's versions of one thing: what differs, what can be combined, and how a difference is marked.
//!
//! Every version is held as the form that its editor would send, so that all kinds are compared in the same way.

use std::time::Duration;

use similar::{ChangeTag, TextDiff, utils::TextDiffRemapper};

use super::merging::{Layout, Merged, is_undecided, merged};
use crate::{domain::text::clean_lines, web::Submitted};

/// A field that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    kind: FieldKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldKind {
    Value,
    Tick,
    Text(Layout),
}

impl Field {
    /// A field that is compared as a whole.
    pub const fn value(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: FieldKind::Value }
    }

    /// A box to tick.
    pub const fn tick(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: FieldKind::Tick }
    }

    /// A field that is compared word by word.
    pub const fn text(name: &'static str, label: &'static str, layout: Layout) -> Self {
        Self { name, label, kind: FieldKind::Text(layout) }
    }

    /// Whether its words are compared.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, FieldKind::Text(_))
    }

    /// A value as a person says it, if that needs nothing but the value.
    pub fn say(&self, value: &str) -> String {
        match self.kind {
            FieldKind::Tick if value.is_empty() => "no".to_owned(),
            FieldKind::Tick => "yes".to_owned(),
            _ => value.to_owned(),
        }
    }
}

/// What became of a piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It stands in both.
    Same,
    /// It came in.
    Added,
    /// It went out.
    Removed,
}

/// A piece of a text with marked differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its words.
    pub words: String,
    /// What became of it.
    pub mark: Mark,
}

/// Beyond this, a difference is marked more coarsely; nobody waits for a finer one.
const TIME_LIMIT: Duration = Duration::from_millis(300);

/// The differences between two texts, word by word.
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

/// Pieces in the making. A blank between two changed words belongs to the change: "lake was high" for "sea is deep" is
/// read as one change, not as three.
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

/// Who changed a field since the state from which both started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// The others alone.
    Them,
    /// Whoever is saving, alone.
    Me,
    /// Both, in different ways.
    Both,
}

/// A value that differs.
#[derive(Clone, Debug)]
pub struct Value {
    /// Which one, as people call it.
    pub label: &'static str,
    /// What it was when both started, in words.
    pub base: String,
    /// What is published now.
    pub theirs: String,
    /// What whoever is saving wants.
    pub mine: String,
    /// Who changed it.
    pub by: ChangedBy,
}

/// A text that differs.
#[derive(Clone, Debug)]
pub struct Text {
    /// Which one, as people call it.
    pub label: &'static str,
    /// The published one, with what changed since both started.
    pub theirs: Vec<Piece>,
    /// The one that is being saved, with what changed since both started.
    pub mine: Vec<Piece>,
    /// Who changed it.
    pub by: ChangedBy,
    /// What the form below begins with.
    pub form: Beginning,
}

/// What the form of the decision begins with, in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Everything that one of both changed.
    Together,
    /// The same, and what both changed twice, mine before theirs, with marked lines around theirs.
    Undecided,
    /// My text: both in one would be too long.
    MineAlone,
}

/// What two people did to one thing.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The values that differ.
    pub values: Vec<Value>,
    /// The texts that differ.
    pub texts: Vec<Text>,
    /// A form to begin the decision with: of each field, what one of both changed; of a value that both changed, mine; of
    /// a text that both changed, both.
    pub form: Submitted,
}

impl Comparison {
    /// Compares what is published (`theirs`, written by `them`) and what is being saved (`mine`) with the state that
    /// both started from. `say` puts a field's value into words.
    pub fn of(
        fields: &[Field],
        base: &Submitted,
        (theirs, them): (&Submitted, &str),
        mine: &Submitted,
        say: impl Fn(&Field, &str) -> String,
    ) -> Self {
        let (mut values, mut texts) = (Vec::new(), Vec::new());
        let mut form: Vec<(String, String)> = mine.fields().to_vec();
        for field in fields {
            let [was, theirs, mine] = [base, theirs, mine].map(|form| clean_lines(form.get(field.name)));
            if theirs == mine {
                continue;
            }
            let by = match (theirs == was, mine == was) {
                (false, true) => ChangedBy::Them,
                (true, false) => ChangedBy::Me,
                _ => ChangedBy::Both,
            };
            if let FieldKind::Text(layout) = field.kind {
                let both = merged(layout, &was, &mine, &theirs, them);
                let beginning = Beginning::of(both.as_ref());
                set(&mut form, field.name, both.map_or_else(|| mine.clone(), |both| both.text));
                let [theirs, mine] = [theirs, mine].map(|text| marked(&was, &text));
                texts.push(Text { label: field.label, theirs, mine, by, form: beginning });
            } else {
                if by == ChangedBy::Them {
                    set(&mut form, field.name, theirs.clone());
                }
                let [base, theirs, mine] = [was, theirs, mine].map(|value| say(field, &value));
                values.push(Value { label: field.label, base, theirs, mine, by });
            }
        }
        Self { values, texts, form: Submitted::new(form) }
    }

    /// Whether both say the same.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.texts.is_empty()
    }

    /// Whether some field was changed by both, in ways that do not fit together.
    pub fn is_apart(&self) -> bool {
        !self.values_of_both().is_empty() || self.texts.iter().any(|text| text.form != Beginning::Together)
    }

    /// The values that both changed, by their labels: the form begins with mine.
    pub fn values_of_both(&self) -> Vec<&'static str> {
        self.values.iter().filter(|value| value.by == ChangedBy::Both).map(|value| value.label).collect()
    }

    /// The texts with which the form begins so, by their labels.
    pub fn texts_beginning(&self, form: Beginning) -> Vec<&'static str> {
        self.texts.iter().filter(|text| text.form == form).map(|text| text.label).collect()
    }
}

impl Beginning {
    fn of(both: Option<&Merged>) -> Self {
        match both {
            None => Self::MineAlone,
            Some(both) if both.undecided == 0 => Self::Together,
            Some(_) => Self::Undecided,
        }
    }
}

/// The texts of a form in which something is still to be decided.
pub fn undecided<'a>(fields: &'a [Field], form: &Submitted) -> impl Iterator<Item = &'a Field> {
    fields.iter().filter(|field| field.is_text() && is_undecided(form.get(field.name)))
}

/// Whether two forms say the same in these fields.
pub fn same(fields: &[Field], one: &Submitted, other: &Submitted) -> bool {
    fields.iter().all(|field| clean_lines(one.get(field.name)) == clean_lines(other.get(field.name)))
}

/// Ticked boxes are sent or not, so an empty value takes the field out.
fn set(form: &mut Vec<(String, String)>, name: &str, value: String) {
    form.retain(|(key, _)| key != name);
    if !value.is_empty() {
        form.push((name.to_owned(), value));
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
    fn words_changed_one_after_the_other_are_one_change() {
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

    const FIELDS: [Field; 3] = [
        Field::value("title", "Title"),
        Field::value("provisional", "Provisional"),
        Field::text("text", "Text", Layout::Paragraphs),
    ];

    fn form(title: &str, provisional: bool, text: &str) -> Submitted {
        let mut fields = vec![("title".to_owned(), title.to_owned()), ("text".to_owned(), text.to_owned())];
        if provisional {
            fields.push(("provisional".to_owned(), "on".to_owned()));
        }
        Submitted::new(fields)
    }

    #[test]
    fn what_one_of_two_changed_stands_in_the_form_and_of_what_both_changed_nothing_is_lost() {
        let (base, theirs, mine) =
            (form("A", true, "words"), form("A", false, "their words"), form("B", true, "my words"));
        let compared = Comparison::of(&FIELDS, &base, (&theirs, "Olga"), &mine, |_, value| value.to_owned());
        assert_eq!(compared.form.get("title"), "B");
        assert!(!compared.form.has("provisional"));
        assert_eq!(
            compared.form.get("text"),
            "my words\n\n▼▼▼ Olga wrote here:\n\ntheir words\n\n▲▲▲ End of what Olga wrote"
        );
        assert_eq!(undecided(&FIELDS, &compared.form).map(|field| field.label).collect::<Vec<_>>(), ["Text"]);
        assert_eq!(compared.values.iter().map(|value| value.by).collect::<Vec<_>>(), [ChangedBy::Me, ChangedBy::Them]);
        assert!(compared.is_apart());
    }

    #[test]
    fn line_ends_of_another_system_are_no_difference() {
        assert!(same(&FIELDS, &form("A", false, "one\r\ntwo\r\n"), &form("A", false, "one\ntwo")));
    }

    proptest! {
        #[test]
        fn no_word_of_either_text_is_missing_from_the_marked_one(before in "[a-c \n]{0,40}", after in "[a-c \n]{0,40}") {
            let pieces = marked(&before, &after);
            let without = |mark| pieces.iter().filter(|piece| piece.mark != mark).map(|piece| piece.words.as_str()).collect::<String>();
            prop_assert_eq!(without(Mark::Added), before);
            prop_assert_eq!(without(Mark::Removed), after);
        }
    }
}

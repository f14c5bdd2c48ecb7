//! Compares two people's versions of an item: what differs, what can be combined, and how differences are marked.
//!
//! Every version has the form in which its editor would send it, so that all kinds of items are compared in the same
//! way.

use super::{
    lists::{Entries, combined},
    marking::{Mark, Piece, marked, plain},
    merging::{Layout, Merged, is_undecided, merged},
};
use crate::{domain::text::clean_lines, web::Submitted};

/// A field that is compared.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The field's name in the form.
    pub name: &'static str,
    /// The label on the page.
    pub label: &'static str,
    kind: FieldKind,
}

#[derive(Clone, Copy, Debug)]
enum FieldKind {
    Value,
    Named(fn(&str) -> String),
    Line,
    Tick,
    List(Entries),
    Text(Layout),
}

impl Field {
    /// Creates a field that is compared as a whole.
    pub const fn value(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: FieldKind::Value }
    }

    /// Creates a field whose values are codes that have names. It is compared as a whole and shown by its names.
    pub const fn named(name: &'static str, label: &'static str, say: fn(&str) -> String) -> Self {
        Self { name, label, kind: FieldKind::Named(say) }
    }

    /// Creates a field with words on one line. It is compared as a whole, and the words that differ are marked.
    pub const fn line(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: FieldKind::Line }
    }

    /// Creates a checkbox.
    pub const fn tick(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: FieldKind::Tick }
    }

    /// Creates a field that is merged line by line and shown word by word.
    pub const fn text(name: &'static str, label: &'static str, layout: Layout) -> Self {
        Self { name, label, kind: FieldKind::Text(layout) }
    }

    /// Creates a field with several entries, such as checkboxes of one name. Two people's changes to it are combined.
    pub const fn list(name: &'static str, label: &'static str, entries: Entries) -> Self {
        Self { name, label, kind: FieldKind::List(entries) }
    }

    /// Returns the field's value in a form. The entries of a list are separated by line breaks.
    pub fn value_in(&self, form: &Submitted) -> String {
        match self.kind {
            FieldKind::List(entries) => entries(&form.all(self.name).collect::<Vec<_>>()).join("\n"),
            _ => clean_lines(form.get(self.name)),
        }
    }

    /// Returns the field's value as it was sent, with all entries of a list in one.
    pub fn sent_in(&self, form: &Submitted) -> String {
        if let FieldKind::List(_) = self.kind { self.value_in(form) } else { form.get(self.name).to_owned() }
    }

    /// Whether the field is merged line by line.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, FieldKind::Text(_))
    }

    /// Returns two values of a field, in words. In a line, the words that only one of them has are marked.
    pub fn told_apart(&self, before: &str, after: &str) -> [Vec<Piece>; 2] {
        if !matches!(self.kind, FieldKind::Line) || before.is_empty() || after.is_empty() {
            return [before, after].map(plain);
        }
        let pieces = marked(before, after);
        let without = |mark| pieces.iter().filter(|piece| piece.mark != mark).cloned().collect();
        [without(Mark::Added), without(Mark::Removed)]
    }

    /// Returns a value in words, for fields whose values need no other data.
    pub fn say(&self, value: &str) -> String {
        match self.kind {
            FieldKind::Tick if value.is_empty() => "no".to_owned(),
            FieldKind::Tick => "yes".to_owned(),
            FieldKind::Named(say) => say(value),
            _ => value.to_owned(),
        }
    }
}

/// Who has changed a field since the version that both started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// Only the other person.
    Them,
    /// Only the person who is saving.
    Me,
    /// Both people, in different ways.
    Both,
}

/// A value that differs.
#[derive(Clone, Debug)]
pub struct Value {
    /// Which one, as people call it.
    pub label: &'static str,
    /// The value in the version that both started from, in words.
    pub base: Vec<Piece>,
    /// The saved value, with what it adds to that.
    pub theirs: Vec<Piece>,
    /// The value of the person who is saving, with what it adds to that.
    pub mine: Vec<Piece>,
    /// Who changed it.
    pub by: ChangedBy,
    /// Whether the form of the decision contains the changes of both people.
    pub is_combined: bool,
}

/// A text that differs.
#[derive(Clone, Debug)]
pub struct Text {
    /// Which one, as people call it.
    pub label: &'static str,
    /// The published text, with its changes since the version that both started from.
    pub theirs: Vec<Piece>,
    /// The text that is being saved, with its changes since the version that both started from.
    pub mine: Vec<Piece>,
    /// Who changed it.
    pub by: ChangedBy,
    /// What the form of the decision contains at first.
    pub form: Beginning,
}

/// What a text field in the form of the decision contains at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The changes of both people.
    Together,
    /// The changes of both people. Where both changed the same lines, mine come before theirs, which are between marked
    /// lines.
    Undecided,
    /// My text only, because both texts together would be too long.
    MineAlone,
}

/// The differences between two people's versions of an item.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The values that differ.
    pub values: Vec<Value>,
    /// The texts that differ.
    pub texts: Vec<Text>,
    /// The form of the decision. It contains all changes that only one person made. For a value that both changed, it
    /// contains mine; for a text that both changed, it contains both.
    pub form: Submitted,
}

impl Comparison {
    /// Compares the published version (`theirs`, saved by `them`) and the version that is being saved (`mine`) with the
    /// version that both started from (`base`). `say` puts a field's value into words.
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
            let [was, theirs, mine] = [base, theirs, mine].map(|form| field.value_in(form));
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
                let is_combined = matches!(field.kind, FieldKind::List(_));
                if is_combined {
                    set(&mut form, field.name, combined(&was, &theirs, &mine));
                } else if by == ChangedBy::Them {
                    set(&mut form, field.name, theirs.clone());
                }
                let [base, theirs, mine] = [was, theirs, mine].map(|value| say(field, &value));
                let [theirs, mine] = [theirs, mine].map(|value| {
                    let [_, value] = field.told_apart(&base, &value);
                    value
                });
                let base = plain(&base);
                values.push(Value { label: field.label, base, theirs, mine, by, is_combined });
            }
        }
        Self { values, texts, form: Submitted::new(form) }
    }

    /// Whether the versions are the same.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.texts.is_empty()
    }

    /// Whether both people changed the same field in ways that cannot be combined.
    pub fn is_apart(&self) -> bool {
        !self.values_of_both().is_empty() || self.texts.iter().any(|text| text.form != Beginning::Together)
    }

    /// Returns the labels of the values that both changed and that cannot be combined. The form contains mine.
    pub fn values_of_both(&self) -> Vec<&'static str> {
        let undecided = self.values.iter().filter(|value| value.by == ChangedBy::Both && !value.is_combined);
        undecided.map(|value| value.label).collect()
    }

    /// Returns the labels of the texts for which the form contains this at first.
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

/// Returns the text fields of a form that still contain marked lines.
pub fn undecided<'a>(fields: &'a [Field], form: &Submitted) -> impl Iterator<Item = &'a Field> {
    fields.iter().filter(|field| field.is_text() && is_undecided(form.get(field.name)))
}

/// Whether these fields have the same values in both forms.
pub fn same(fields: &[Field], one: &Submitted, other: &Submitted) -> bool {
    fields.iter().all(|field| field.value_in(one) == field.value_in(other))
}

/// Sets a field. An empty value removes it, because browsers do not send checkboxes that are not ticked.
fn set(form: &mut Vec<(String, String)>, name: &str, value: String) {
    form.retain(|(key, _)| key != name);
    if !value.is_empty() {
        form.push((name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_lines_the_words_that_differ_are_marked() {
        let piece = |mark, words: &str| Piece { words: words.to_owned(), mark };
        let [before, after] = Field::line("title", "Title").told_apart("The data sea is deep", "The data lake is deep");
        assert_eq!(before[1], piece(Mark::Removed, "sea"));
        assert_eq!(after[1], piece(Mark::Added, "lake"));
        assert_eq!([before.len(), after.len()], [3, 3]);
        let [before, after] = Field::line("title", "Title").told_apart("", "A lake");
        assert_eq!((before, after), (vec![], vec![piece(Mark::Same, "A lake")]));
        let [before, after] = Field::value("room", "Room").told_apart("Room 1", "Room 2");
        assert_eq!((before, after), (vec![piece(Mark::Same, "Room 1")], vec![piece(Mark::Same, "Room 2")]));
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
    fn the_form_contains_the_changes_of_one_person_and_loses_nothing_that_both_changed() {
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
    fn different_line_endings_are_not_a_difference() {
        assert!(same(&FIELDS, &form("A", false, "one\r\ntwo\r\n"), &form("A", false, "one\ntwo")));
    }
}

//! A conflict between two people's versions of an item, and the hidden fields of the form that decides it.

use std::fmt::Display;

use askama::Template;

use super::compare::{Comparison, Field, same, undecided};
use crate::web::{Errors, Result, Submitted};

/// The field with the version that a form was opened with: how often the item had been saved. A form without revisions
/// has a field for each value instead, whose names start with this.
pub const BASE: &str = "base";

/// The same in the form of a decision: the version that the second person had opened before they started to decide.
pub const BEGAN: &str = "began";

/// The prefix of the fields with what the second person had written before they started to decide.
const MINE: &str = "mine";

/// The field with a new item's key. The key is created with the form, so that sending the form twice adds one item.
pub const KEY: &str = "key";

/// Returns the form with this value in one of its fields.
pub fn with(form: &Submitted, field: &str, value: impl Display) -> Submitted {
    let others = form.fields().iter().filter(|(name, _)| name != field).cloned();
    Submitted::new(others.chain([(field.to_owned(), value.to_string())]).collect())
}

/// Returns the form with these fields of another form added as hidden fields.
pub fn carrying(form: &Submitted, what: &str, fields: &[Field], other: &Submitted) -> Submitted {
    let carried = fields.iter().map(|field| (format!("{what}-{}", field.name), field.sent_in(other)));
    Submitted::new(form.fields().iter().cloned().chain(carried).collect())
}

/// Returns the fields of another form that this form contains as hidden fields.
pub fn carried(form: &Submitted, what: &str) -> Submitted {
    let named = |name: &str| Some(name.strip_prefix(what)?.strip_prefix('-')?.to_owned());
    Submitted::new(form.fields().iter().filter_map(|(name, value)| Some((named(name)?, value.clone()))).collect())
}

/// Returns the hidden fields of a form: the version that it was opened with, and the fields of a decision.
pub fn hidden(form: &Submitted) -> impl Iterator<Item = &(String, String)> {
    form.fields().iter().filter(|(name, _)| {
        let stem = name.split_once('-').map_or(name.as_str(), |(stem, _)| stem);
        [BASE, BEGAN, MINE, KEY].contains(&stem)
    })
}

/// Two different versions, one of which was saved after the form of the other was opened.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The differences, and the form of the decision.
    pub compared: Comparison,
    /// The second person's version as it was first sent.
    pub mine: Submitted,
}

impl Conflict {
    /// Compares the saved version (`theirs`, by `them`) with the version that is being saved (`mine`). Returns `None`
    /// if they are the same, or if `theirs` is still the same as `base`.
    pub fn of(
        fields: &[Field],
        base: &Submitted,
        (theirs, them): (&Submitted, &str),
        mine: &Submitted,
        say: impl Fn(&Field, &str) -> String,
    ) -> Option<Self> {
        let mine = fields.iter().map(|field| (field.name.to_owned(), field.sent_in(mine)));
        let mine = Submitted::new(mine.filter(|(_, value)| !value.is_empty()).collect());
        let compared = Comparison::of(fields, base, (theirs, them), &mine, say);
        let is_none = compared.is_empty() || same(fields, base, theirs);
        (!is_none).then_some(Self { compared, mine })
    }

    /// Returns the form of the decision with both versions merged. Hidden fields contain what the second person had
    /// written.
    pub fn form(&self, fields: &[Field]) -> Submitted {
        carrying(&self.compared.form, MINE, fields, &self.mine)
    }

    /// Returns what the second person had written before they started to decide. The buttons that keep one version as
    /// it is send only that.
    pub fn first_sent(form: &Submitted) -> Submitted {
        let mine = carried(form, MINE);
        if mine.fields().is_empty() { form.clone() } else { mine }
    }
}

/// The error message of a text that still contains marked lines.
#[derive(Template)]
#[template(path = "editing/undecided.txt")]
struct Undecided;

/// Adds an error for each text that still contains marked lines, because the person has to decide about them first.
pub fn decided<C>(fields: &[Field], form: &Submitted, validated: Result<C, Errors>) -> Result<C, Errors> {
    let mut errors = Errors::default();
    undecided(fields, form).for_each(|field| errors.add(field.name, &Undecided));
    errors.or(validated)
}

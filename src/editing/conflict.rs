//! Two people's versions of one thing, and what the form of the decision carries along.

use std::fmt::Display;

use askama::Template;

use super::compare::{Comparison, Field, same, undecided};
use crate::web::{Errors, Result, Submitted};

/// The field that says what a form was opened with: how often the item had been saved then. A form without revisions has a
/// field for each value instead, whose names begin so.
pub const BASE: &str = "base";

/// The same in a decision: what the second of two people opened, before they began to decide.
pub const BEGAN: &str = "began";

/// Before a field's name: what the second of two had written before they began to decide.
const MINE: &str = "mine";

/// The field with a new item's key. It is made with the form, so that a form sent twice makes one item.
pub const KEY: &str = "key";

/// The form with this in one of its fields.
pub fn with(form: &Submitted, field: &str, value: impl Display) -> Submitted {
    let others = form.fields().iter().filter(|(name, _)| name != field).cloned();
    Submitted::new(others.chain([(field.to_owned(), value.to_string())]).collect())
}

/// The form, carrying these fields of another one along.
pub fn carrying(form: &Submitted, what: &str, fields: &[Field], other: &Submitted) -> Submitted {
    let carried = fields.iter().map(|field| (format!("{what}-{}", field.name), other.get(field.name).to_owned()));
    Submitted::new(form.fields().iter().cloned().chain(carried).collect())
}

/// The fields of another form that this one carries along.
pub fn carried(form: &Submitted, what: &str) -> Submitted {
    let named = |name: &str| Some(name.strip_prefix(what)?.strip_prefix('-')?.to_owned());
    Submitted::new(form.fields().iter().filter_map(|(name, value)| Some((named(name)?, value.clone()))).collect())
}

/// What a form holds hidden: what it was opened with, and what a decision carries along.
pub fn hidden(form: &Submitted) -> impl Iterator<Item = &(String, String)> {
    form.fields().iter().filter(|(name, _)| {
        let stem = name.split_once('-').map_or(name.as_str(), |(stem, _)| stem);
        [BASE, BEGAN, MINE, KEY].contains(&stem)
    })
}

/// Two versions that say different things, where others have changed something since the second was opened.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// What differs, and a form to begin the decision with.
    pub compared: Comparison,
    /// The second's version as it was first sent.
    pub mine: Submitted,
}

impl Conflict {
    /// What is saved now (`theirs`, by `them`) against what is being saved (`mine`), if both differ from `base` and from
    /// each other.
    pub fn of(
        fields: &[Field],
        base: &Submitted,
        (theirs, them): (&Submitted, &str),
        mine: &Submitted,
        say: impl Fn(&Field, &str) -> String,
    ) -> Option<Self> {
        let mine = fields.iter().map(|field| (field.name.to_owned(), mine.get(field.name).to_owned()));
        let mine = Submitted::new(mine.filter(|(_, value)| !value.is_empty()).collect());
        let compared = Comparison::of(fields, base, (theirs, them), &mine, say);
        let is_none = compared.is_empty() || same(fields, base, theirs);
        (!is_none).then_some(Self { compared, mine })
    }

    /// The form with which the second decides: both versions merged. It carries along what they had written.
    pub fn form(&self, fields: &[Field]) -> Submitted {
        carrying(&self.compared.form, MINE, fields, &self.mine)
    }

    /// What the second had written before they began to decide. The buttons that keep one version as it is send just that.
    pub fn first_sent(form: &Submitted) -> Submitted {
        let mine = carried(form, MINE);
        if mine.fields().is_empty() { form.clone() } else { mine }
    }
}

/// The words for a text in which both versions still stand.
#[derive(Template)]
#[template(path = "editing/undecided.txt")]
struct Undecided;

/// What a form says, unless a text still holds lines that mark another's words: those have to be decided first.
pub fn decided<C>(fields: &[Field], form: &Submitted, validated: Result<C, Errors>) -> Result<C, Errors> {
    let mut errors = Errors::default();
    undecided(fields, form).for_each(|field| errors.add(field.name, &Undecided));
    match validated {
        Ok(content) if errors.is_empty() => Ok(content),
        Ok(_) => Err(errors),
        Err(others) => Err(others.and(errors)),
    }
}

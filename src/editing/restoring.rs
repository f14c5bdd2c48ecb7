//! Restores a revision without what cannot be restored: what clashes with something or names something that was removed. These
//! fields then keep their present values.

use super::compare::{Field, same};
use crate::web::{Errors, Submitted};

/// The field of the form that names a field to leave as it is.
pub const KEEP: &str = "keep";

/// A revision that somebody restores.
#[derive(Clone, Debug)]
pub struct Restoring {
    /// The address that restores it.
    pub action: String,
    /// Its number.
    pub number: i32,
    /// The fields that keep their present values.
    pub kept: Vec<Field>,
}

/// Why a revision was not restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Fields have errors, such as a room that was removed.
    Errors,
    /// The database refused the whole, so a field without an error may be the cause.
    Clash,
}

/// The offer to restore the rest of a revision.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The address to send it to.
    pub action: String,
    /// The number of the revision.
    pub number: i32,
    /// The fields that keep their present values.
    pub kept: Vec<Field>,
    /// Whether the public is to read it at once.
    pub publishes: bool,
}

/// Returns the fields that this form says are to be left as they are.
pub fn kept(fields: &[Field], form: &Submitted) -> Vec<Field> {
    let is_kept = |field: &&Field| form.fields().iter().any(|(name, value)| name == KEEP && value == field.name);
    fields.iter().filter(is_kept).copied().collect()
}

/// Returns the form with the present values of these fields.
pub fn keeping(form: &Submitted, fields: &[Field], present: &Submitted) -> Submitted {
    let is_kept = |name: &str| fields.iter().any(|field| concerns(name, *field));
    let restored = form.fields().iter().filter(|(name, _)| !is_kept(name));
    let present = present.fields().iter().filter(|(name, _)| is_kept(name));
    Submitted::new(restored.chain(present).cloned().collect())
}

/// Whether an input of the form, or its error, belongs to this field. A field may have several inputs, with its name before a
/// hyphen.
fn concerns(name: &str, field: Field) -> bool {
    name.strip_prefix(field.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

impl Offer {
    /// Returns the offer after this form was refused with these errors. It leaves out more than the person has left out already,
    /// but as little as possible. `None` if this would restore nothing. `moves` are the names of the fields that can clash.
    pub fn of(
        (fields, moves): (&[Field], &[&str]),
        restoring: &Restoring,
        (form, present): (&Submitted, &Submitted),
        (errors, obstacle): (&Errors, Obstacle),
        publishes: bool,
    ) -> Option<Self> {
        let is_moved = |field: &Field| moves.contains(&field.name);
        let is_wrong = |field: &Field| errors.iter().any(|error| concerns(&error.field, *field));
        let is_left_out = |field: &Field| restoring.kept.iter().any(|kept| kept.name == field.name) || is_wrong(field);
        let only = |is_kept: &dyn Fn(&Field) -> bool| -> Vec<Field> {
            fields.iter().filter(|field| is_kept(field)).copied().collect()
        };
        // A time and a place belong together. If they are left out already, only the texts are sure to be restored.
        let candidates = [
            only(&|field| is_left_out(field) || obstacle == Obstacle::Clash && is_moved(field)),
            only(&|field| is_left_out(field) || is_moved(field)),
            only(&|field| !field.is_text()),
        ];
        let kept = candidates.into_iter().find(|kept| kept.len() > restoring.kept.len())?;
        if same(fields, present, &keeping(form, &kept, present)) {
            return None;
        }
        Some(Self { action: restoring.action.clone(), number: restoring.number, kept, publishes })
    }
}

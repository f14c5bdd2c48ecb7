//! Forms without revisions that several people use, such as a conference's settings or an attendee's data. Such a form
//! contains the values that it was opened with in hidden fields, so that two people's changes are merged in the same
//! way as for an item.

use super::{
    compare::Field,
    conflict::{BASE, BEGAN, Conflict, carried, carrying},
};
use crate::{store::audit::Change, web::Submitted};

/// The name of the other person, who is not known.
const THEM: &str = "somebody else";

/// Returns the form with the saved values.
pub fn opened(fields: &[Field], kept: &Submitted) -> Submitted {
    carrying(kept, BASE, fields, kept)
}

/// A form that was sent, merged with the saved values.
pub struct Merged {
    /// The form to save or to show again.
    pub form: Submitted,
    /// The conflict that the person has to decide, or decides with this form.
    pub conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the person has to see it before anything is saved.
    pub is_fresh: bool,
}

impl Merged {
    /// Takes a form whose values nobody else can have changed.
    pub fn alone(form: Submitted) -> Self {
        Self { form, conflict: None, is_fresh: false }
    }

    /// Merges what was sent with what is saved, if both have changed since the form was opened.
    pub fn of(fields: &[Field], kept: &Submitted, sent: Submitted) -> Self {
        Self::said(fields, kept, sent, Field::say)
    }

    /// The same for values that `say` puts into words, such as keys.
    pub fn said(fields: &[Field], kept: &Submitted, sent: Submitted, say: impl Fn(&Field, &str) -> String) -> Self {
        let base = carried(&sent, BASE);
        if let Some(conflict) = Conflict::of(fields, &base, (kept, THEM), &sent, &say) {
            // If the form does not contain the values that it was opened with, it keeps what was sent.
            let form = if base.fields().is_empty() { sent } else { conflict.form(fields) };
            let form = carrying(&form, BASE, fields, kept);
            return Self { form: carrying(&form, BEGAN, fields, &base), conflict: Some(conflict), is_fresh: true };
        }
        let began = carried(&sent, BEGAN);
        let is_decision = !began.fields().is_empty();
        let mine = Conflict::first_sent(&sent);
        let conflict = is_decision.then(|| Conflict::of(fields, &began, (kept, THEM), &mine, &say)).flatten();
        Self { form: sent, conflict, is_fresh: false }
    }
}

/// Returns the changed fields for the audit log.
pub fn changes(fields: &[Field], before: &Submitted, after: &Submitted) -> Vec<Change> {
    changes_said(fields, before, after, |_, value| value.to_owned())
}

/// The same for values that `say` puts into words, such as keys.
pub fn changes_said(
    fields: &[Field],
    before: &Submitted,
    after: &Submitted,
    say: impl Fn(&Field, &str) -> String,
) -> Vec<Change> {
    let said = |field: &Field, form: &Submitted| say(field, &field.value_in(form));
    let fields: Vec<_> = fields.iter().map(|field| (field.name, said(field, before), said(field, after))).collect();
    Change::list(fields.iter().map(|(name, before, after)| (*name, before.as_str(), after.as_str())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIELDS: [Field; 3] =
        [Field::value("name", "Name"), Field::value("city", "City"), Field::tick("public", "Public")];

    fn form(values: &[String; 3]) -> Submitted {
        Submitted::of(FIELDS.iter().zip(values).map(|(field, value)| (field.name, value.clone())))
    }

    /// Returns the form of somebody who opened it with the first values and typed the second ones.
    fn sent(opened_with: &[String; 3], typed: &[String; 3]) -> Submitted {
        carrying(&form(typed), BASE, &FIELDS, &form(opened_with))
    }

    proptest! {
        #[test]
        fn nobody_reverts_a_change_that_only_somebody_else_made(
            base in ["[ab]?", "[ab]?", "(on)?"], theirs in ["[ab]?", "[ab]?", "(on)?"], mine in ["[ab]?", "[ab]?", "(on)?"],
        ) {
            let merged = Merged::of(&FIELDS, &form(&theirs), sent(&base, &mine));
            for (index, field) in FIELDS.iter().enumerate() {
                let value = merged.form.get(field.name);
                prop_assert_eq!(value, if mine[index] == base[index] { &theirs[index] } else { &mine[index] });
            }
            prop_assert_eq!(merged.is_fresh, base != theirs && mine != theirs);

            // If the merged form is sent without changes, it is the person's decision.
            let again = Merged::of(&FIELDS, &form(&theirs), merged.form.clone());
            prop_assert!(!again.is_fresh);
            prop_assert_eq!(again.conflict.is_some(), merged.is_fresh);
            prop_assert_eq!(again.form, merged.form);
        }
    }
}

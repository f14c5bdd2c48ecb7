//! Forms that two people share and that have no revisions: a conference's settings, an attendee's data. Such a form carries
//! the values that it was opened with, so two people's changes are merged in the same way as an item's.

use super::{
    compare::Field,
    conflict::{BASE, BEGAN, Conflict, carried, carrying},
};
use crate::web::Submitted;

/// What others are called: nothing says who they were.
const THEM: &str = "somebody else";

/// The form to open: what is kept now.
pub fn opened(fields: &[Field], kept: &Submitted) -> Submitted {
    carrying(kept, BASE, fields, kept)
}

/// A form that was sent, merged with what is kept now.
pub struct Merged {
    /// The form to save, or to show again.
    pub form: Submitted,
    /// The conflict that the person has to decide, or was deciding with this form.
    pub conflict: Option<Conflict>,
    /// Whether the conflict has only now come up, so that nothing may be saved before they have seen it.
    pub is_fresh: bool,
}

impl Merged {
    /// Merges what was sent with what is kept, each changed since the form was opened.
    pub fn of(fields: &[Field], kept: &Submitted, sent: Submitted) -> Self {
        let say = |_: &str, value: &str| value.to_owned();
        let base = carried(&sent, BASE);
        if let Some(conflict) = Conflict::of(fields, &base, (kept, THEM), &sent, say) {
            let form = carrying(&conflict.form(fields), BASE, fields, kept);
            return Self { form: carrying(&form, BEGAN, fields, &base), conflict: Some(conflict), is_fresh: true };
        }
        let began = carried(&sent, BEGAN);
        let is_decision = !began.fields().is_empty();
        let mine = Conflict::first_sent(&sent);
        let conflict = is_decision.then(|| Conflict::of(fields, &began, (kept, THEM), &mine, say)).flatten();
        Self { form: sent, conflict, is_fresh: false }
    }
}

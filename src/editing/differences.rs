//! The differences between two revisions, for pages that show them.

use super::{
    compare::{Field, same},
    marking::{Piece, marked},
};
use crate::web::Submitted;

/// The differences between two revisions.
pub struct Differences {
    /// The values: label, value in the first revision, value in the second.
    pub values: Vec<(&'static str, Vec<Piece>, Vec<Piece>)>,
    /// The texts: label, and the pieces of the second, with those of the first that it removes.
    pub texts: Vec<(&'static str, Vec<Piece>)>,
}

impl Differences {
    /// Compares two revisions. `say` puts a field's value into words.
    pub fn of(fields: &[Field], first: &Submitted, second: &Submitted, say: impl Fn(&Field, &str) -> String) -> Self {
        let differing =
            |text: bool| fields.iter().filter(move |field| field.is_text() == text && !same(&[**field], first, second));
        let values = differing(false).map(|field| {
            let [first, second] = [first, second].map(|form| say(field, &field.value_in(form)));
            let [first, second] = field.told_apart(&first, &second);
            (field.label, first, second)
        });
        let texts = differing(true).map(|field| (field.label, marked(&field.value_in(first), &field.value_in(second))));
        Self { values: values.collect(), texts: texts.collect() }
    }

    /// Whether the revisions are the same.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.texts.is_empty()
    }
}

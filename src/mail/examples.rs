//! The examples of a kind, rendered for the tests.

use super::{
    compose::render,
    kind::{Audience, Kind},
    text::{Case, Rendered},
};
use crate::domain::Conference;

/// An example of a kind.
pub struct Example {
    /// The name of its snapshot.
    pub name: String,
    /// Its text.
    pub rendered: Rendered,
    /// The cases of its kind, each with whether it applies.
    pub cases: Vec<Case>,
    /// Who receives it.
    pub audience: Audience,
}

/// Returns the examples of this kind for this conference.
pub fn examples<K: Kind>(of: &Conference) -> Vec<Example> {
    let samples = K::samples(of).into_iter().map(|(name, mail)| Example {
        name: if name.is_empty() { K::NAME.to_owned() } else { format!("{}_{name}", K::NAME) },
        rendered: render(&mail).unwrap_or_else(|error| panic!("{} {name}: {error}", K::NAME)),
        cases: mail.cases(),
        audience: K::AUDIENCE,
    });
    samples.collect()
}

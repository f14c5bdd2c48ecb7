//! What every form that registers somebody shares: the fields of a person, reading and validating them, the questions, the fees
//! and the code. Delegates use it on the public form and with their link, staff at the desk.

pub mod choices;
pub mod code;
pub mod fees;
pub mod people;
pub mod questions;
pub mod validate;

mod block;
#[cfg(test)]
pub mod example;

pub use block::field;

use crate::domain::Country;

/// Returns the countries in two groups, those of Europe first.
pub fn countries() -> [(&'static str, impl Iterator<Item = (&'static str, &'static str)>); 2] {
    [("Europe", true), ("Other countries", false)].map(|(group, european)| {
        let countries = Country::all().iter().filter(move |country| country.is_european() == european);
        (group, countries.map(|country| (country.code(), country.name())))
    })
}

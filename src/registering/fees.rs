//! What the categories on the form are and cost. The form contains the fees that it showed, so that nobody registers for
//! another amount than they read.

use super::{block::field, people};
use crate::{
    domain::{CategoryId, Cents, Day, Zone},
    store::registrations::categories::{Offer, OfferedCategory},
    web::Submitted,
};

/// The hidden field with the fees that the form showed: `category:cents` for each category with a fee.
pub const SHOWN: &str = "fees";

/// Returns the value of the hidden field for this offer.
pub fn shown(offer: &Offer) -> String {
    written(offer.public().map(|category| (category.id, category.fee.at(offer.at))))
}

/// Returns the fees as the hidden field has them.
fn written(fees: impl Iterator<Item = (CategoryId, Cents)>) -> String {
    let owed: Vec<_> = fees.filter(|(_, fee)| fee.is_positive()).map(|(id, fee)| format!("{id}:{}", fee.0)).collect();
    owed.join(" ")
}

/// Returns the value of the hidden field of a form that is shown again: the fees that it showed when it was opened.
/// A fee that a code has lowered counts as shown.
pub fn carried(form: &Submitted, offer: &Offer) -> String {
    if !form.has(SHOWN) {
        return shown(offer);
    }
    let fee = |category: &OfferedCategory| match category.reduced_by {
        Some(_) => category.fee.at(offer.at),
        None => shown_in(form, category.id),
    };
    written(offer.public().map(|category| (category.id, fee(category))))
}

/// A fee that is not what the form showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeChange {
    /// The name of the category.
    pub category: String,
    /// The amount that the form showed.
    pub before: String,
    /// The amount now.
    pub now: String,
}

/// Returns the chosen categories whose fees are not what the form showed. The form is in order.
pub fn changed(form: &Submitted, offer: &Offer) -> Vec<FeeChange> {
    let is_chosen = |category: &&OfferedCategory| {
        (1..=people::count(form)).any(|number| form.is(&field(number, "category"), category.id))
    };
    let change = |category: &OfferedCategory| {
        let (before, now) = (shown_in(form, category.id), category.fee.at(offer.at));
        // A code that was given but not applied to the form lowers the fee without a question.
        let is_lowered = category.reduced_by.is_some() && now < before;
        (before != now && !is_lowered).then(|| FeeChange {
            category: category.name.clone(),
            before: offer.currency.fee(before),
            now: offer.currency.fee(now),
        })
    };
    offer.public().filter(is_chosen).filter_map(change).collect()
}

/// Returns the fee of a category that a form showed. A form that shows none was opened when nothing had a fee.
pub fn shown_in(form: &Submitted, category: CategoryId) -> Cents {
    let mut fees = form.get(SHOWN).split_whitespace().filter_map(|fee| fee.split_once(':'));
    let shown = fees.find(|(id, _)| *id == category.to_string()).and_then(|(_, cents)| cents.parse().ok());
    shown.map(Cents).unwrap_or_default()
}

/// A category as the form describes it.
pub struct Described {
    pub name: String,
    pub audience: String,
    pub description: String,
    /// What it costs now; empty if the conference has no fees.
    pub fee: String,
    /// The last day of the early fee, and the fee after it.
    pub later: Option<(Day, String)>,
}

/// Returns the categories that can be chosen, if there is more to say about any than its name.
pub fn described(offer: &Offer, zone: &Zone) -> Vec<Described> {
    let has_more = |category: &OfferedCategory| !category.audience.is_empty() || !category.description.is_empty();
    if !offer.has_fees() && !offer.public().any(has_more) {
        return Vec::new();
    }
    let described = offer.public().map(|category| Described {
        name: category.name.clone(),
        audience: category.audience.clone(),
        description: category.description.clone(),
        fee: if offer.has_fees() { offer.currency.fee(category.fee.at(offer.at)) } else { String::new() },
        later: category
            .fee
            .early_at(offer.at)
            .map(|early| (zone.day_before(early.until), offer.currency.fee(category.fee.full))),
    });
    described.collect()
}

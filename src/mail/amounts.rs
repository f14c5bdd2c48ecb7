//! What a registration owes, for mails to its contact and to the operations desk.

use super::text::{Case, Row, Values};
use crate::{
    domain::{Cents, Zone},
    store::registrations::amounts::Amounts,
};

/// Sets the values about amounts. They are empty if nothing was ever owed or paid.
pub fn add(values: &mut Values, zone: &Zone, amounts: Option<&Amounts>) {
    add_sums(values, amounts);
    let say = |amount: fn(&Amounts) -> Cents| amounts.map(|one| one.say(amount(one))).unwrap_or_default();
    let rows = amounts.into_iter().flat_map(|one| {
        one.lines().map(|line| Row::typed(&line.name, vec![format!("{}: {}", line.description, one.say(line.amount))]))
    });
    values.rows("owed_lines", rows.collect());
    let open = amounts.filter(|one| one.open().is_positive());
    values.words("open", &open.map(|one| one.say(one.open())).unwrap_or_default());
    values.words("too_much", &say(Amounts::paid_too_much));
    let due = amounts.and_then(|one| one.due(zone));
    values.words("due", &due.map(|day| format!("{} {}", day.long(), day.0.year())).unwrap_or_default());
    let settings = amounts.map(|one| &one.settings);
    values.typed("vat", settings.map_or("", |settings| settings.vat_wording.as_str()));
    values.typed("account_holder", settings.map_or("", |settings| settings.account_holder.as_str()));
    let shown = |iban: Option<String>| iban.unwrap_or_default();
    values.words("iban", &shown(settings.and_then(|settings| settings.iban.as_ref().map(ToString::to_string))));
    values.words("bic", &shown(settings.and_then(|settings| settings.bic.as_ref().map(ToString::to_string))));
    values.typed("bank", settings.map_or("", |settings| settings.bank.as_str()));
}

/// Sets the sums for mails to the operations desk. They are empty if nothing was ever owed or paid.
pub fn add_sums(values: &mut Values, amounts: Option<&Amounts>) {
    let say = |amount: fn(&Amounts) -> Cents| amounts.map(|one| one.say(amount(one))).unwrap_or_default();
    values.words("owed", &say(Amounts::owed));
    values.words("paid", &say(Amounts::paid));
    values.words("open", &say(Amounts::open));
}

/// Returns the cases about amounts.
pub fn cases(amounts: Option<&Amounts>) -> [Case; 3] {
    let open = amounts.map(Amounts::open).unwrap_or_default();
    [
        ("something was owed", amounts.is_some()),
        ("something is open", open.is_positive()),
        ("too much was paid", open < Cents::ZERO),
    ]
}

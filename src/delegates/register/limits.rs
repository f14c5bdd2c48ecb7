//! Nobody has to confirm an address before mail goes there, and nobody has to sign in to take a place. These limits keep
//! the form from being used to send many mails or to take all places. Only a registration that is kept counts.

use sha2::{Digest, Sha256};
use time::Duration;

use super::{people::field, validate::Said};
use crate::{
    domain::{Confirmation, Registration, email},
    store::rate_limits::{Rule, Try},
    web::Errors,
};

/// Places for one network: 140 at once, so several groups from one city hall pass, and then ten more each hour. That is
/// never more than 150 within any hour.
const NETWORK: Rule = Rule { name: "registration_places_of_network", burst: 140, refill: Duration::minutes(6) };

/// Mails to one address. An office that registers for its whole city gets one for each form.
const RECIPIENT: Rule = Rule { name: "registration_mails_to_address", burst: 10, refill: Duration::hours(2) };

/// Why a registration has to wait.
pub enum Wait {
    /// So many places went to this network that it has to wait for so many seconds.
    Network(u32),
    /// This address has had enough mails; the error stands beside it.
    Recipient(Errors),
}

/// What this registration counts against: the network's places first, then each address that gets a mail.
pub fn of(registration: &Registration, network: &str) -> Vec<Try> {
    let places = u32::try_from(registration.attendees.count()).unwrap_or(NETWORK.burst);
    let places = Try { rule: NETWORK, key: network.to_owned(), count: places };
    let mails = registration.confirmations();
    let mails = mails.iter().map(|mail| Try { rule: RECIPIENT, key: digest(mail), count: 1 });
    std::iter::once(places).chain(mails).collect()
}

/// Why the registration has to wait, when this one of its limits is reached.
pub fn wait(registration: &Registration, which: usize, seconds: u32) -> Wait {
    match which.checked_sub(1).and_then(|number| registration.confirmations().into_iter().nth(number)) {
        Some(mail) => Wait::Recipient(often(&mail, seconds)),
        None => Wait::Network(seconds),
    }
}

/// The table need not know whom we wrote to.
fn digest(mail: &Confirmation<'_>) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(email::mailbox(mail.to.as_str())))
}

fn often(mail: &Confirmation<'_>, seconds: u32) -> Errors {
    let place = match (mail.contact, mail.attendees.first()) {
        (false, Some(number)) => field(number + 1, "email"),
        _ => "email".to_owned(),
    };
    let mut errors = Errors::default();
    errors.add(place, &Said::MailedOften(seconds.div_ceil(3600)));
    errors
}

//! Limits on registrations. People need neither confirm their address nor sign in, so these limits prevent anybody from
//! using the form to send many mails or to take all places. Only registrations that are stored count.

use sha2::{Digest, Sha256};
use time::Duration;

use crate::{
    domain::{Confirmation, EmailAddress, Registration, email},
    registering::{field, validate::ErrorMessage},
    store::rate_limits::{Rule, Try},
    web::Errors,
};

/// The places for one network: 140 at once, enough for two groups of fifty from one city hall, and then ten an hour. So a
/// network never takes more than 150 places within an hour.
const NETWORK: Rule = Rule { name: "registration_places_of_network", burst: 140, refill: Duration::minutes(6) };

/// The mails to one address: ten at once, then one every two hours. An office that registers for its whole city gets
/// one mail for each form.
const RECIPIENT: Rule = Rule { name: "registration_mails_to_address", burst: 10, refill: Duration::hours(2) };

/// Why a registration has to wait.
pub enum Wait {
    /// The network has taken too many places; the seconds to wait.
    Network(u32),
    /// One address has been sent too many mails; the error beside that address.
    Recipient(Errors),
}

/// Returns the limits that apply to this registration: first the network's places, then the mails to each address.
pub fn of(registration: &Registration, network: &str) -> Vec<Try> {
    let places = u32::try_from(registration.attendees.count()).unwrap_or(NETWORK.burst);
    let mails = registration.confirmations();
    let mails = mails.iter().map(|mail| mail_to(mail.to));
    std::iter::once(places_of(network, places)).chain(mails).collect()
}

/// Returns the limit on places that this network takes.
pub fn places_of(network: &str, count: u32) -> Try {
    Try { rule: NETWORK, key: network.to_owned(), count }
}

/// Returns the limit on mails to an address that somebody typed.
pub fn mail_to(address: &EmailAddress) -> Try {
    Try { rule: RECIPIENT, key: digest(address), count: 1 }
}

/// Returns why the registration has to wait. `which` is the index of the reached limit in [`of`].
pub fn wait(registration: &Registration, which: usize, seconds: u32) -> Wait {
    match which.checked_sub(1).and_then(|number| registration.confirmations().into_iter().nth(number)) {
        Some(mail) => Wait::Recipient(too_many_mails(&mail, seconds)),
        None => Wait::Network(seconds),
    }
}

/// Returns a hash of the address, so that the table of limits contains no e-mail addresses.
fn digest(address: &EmailAddress) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(email::mailbox(address.as_str())))
}

fn too_many_mails(mail: &Confirmation<'_>, seconds: u32) -> Errors {
    let field = match (mail.contact, mail.attendees.first()) {
        (false, Some(number)) => field(number + 1, "email"),
        _ => "email".to_owned(),
    };
    let mut errors = Errors::default();
    errors.add(field, &ErrorMessage::TooManyMails(seconds.div_ceil(3600)));
    errors
}

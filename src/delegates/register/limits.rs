//! The form sends mail to addresses that nobody has confirmed; these limits keep it from being used to send many.

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::Duration;

use super::{judge::Said, people::field};
use crate::{
    domain::{Confirmation, Registration, email},
    store::allowances::{self, Rule, Try},
    web::{Errors, Visitor},
};

/// Mails or places for one network, whichever are more. Generous: a whole city hall, or the Wi-Fi of a conference, stands
/// behind one address.
const NETWORK: Rule = Rule { name: "registration_mails_of_network", burst: 500, refill: Duration::seconds(30) };

/// Mails to one address. An office that registers for its whole city gets one for each form.
const RECIPIENT: Rule = Rule { name: "registration_mails_to_address", burst: 10, refill: Duration::hours(2) };

/// Why a registration has to wait.
pub enum Wait {
    /// So many came from this network that it has to wait for so many seconds.
    Network(u32),
    /// This address has had enough; the error stands beside it.
    Recipient(Errors),
}

/// Takes what the mails of this registration cost, or nothing.
pub async fn take(
    conn: &mut PgConnection,
    visitor: Visitor,
    registration: &Registration,
) -> Result<Result<(), Wait>, sqlx::Error> {
    let mails = registration.confirmations();
    let most = mails.len().max(registration.attendees.count());
    let network = Try { rule: NETWORK, key: visitor.network(), count: u32::try_from(most).unwrap_or(NETWORK.burst) };
    let recipients = mails.iter().map(|mail| Try { rule: RECIPIENT, key: digest(mail), count: 1 });
    let tries: Vec<_> = std::iter::once(network).chain(recipients).collect();
    Ok(allowances::take_each(conn, &tries).await?.map_err(|(which, seconds)| match which {
        0 => Wait::Network(seconds),
        which => Wait::Recipient(often(&mails[which - 1], seconds)),
    }))
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

//! People on the form who are registered already, and forms about another person of the same name and address.

use sqlx::PgConnection;

use super::limits;
use crate::{
    domain::{NewAttendee, Registration, Secret, email, text::folded},
    registering::people,
    store::{
        rate_limits::Try,
        registrations::{
            Another, Submission,
            same_person::{self, KnownPerson, Pending, Standing},
        },
    },
    web::{App, Result, Submitted},
};

/// The hidden field with the secret of the mail that says that somebody is another person.
pub const ANOTHER: &str = "another";

/// Returns the form that completes a pending registration. `token` is the secret of its link.
pub fn resumed(pending: &Pending, token: &str) -> Submitted {
    let mut fields = pending.fields.clone();
    fields.push((ANOTHER.to_owned(), token.to_owned()));
    // The number of the form is that of the pending registration, so pressing the button twice makes one registration.
    fields.push(("submission".to_owned(), pending.id.to_string()));
    Submitted::new(fields)
}

/// Returns the pending registration that the form completes, and which of its people is meant, by the index from 0. `None` if the
/// form has no valid secret, or if it is not about that person any more.
pub async fn another(
    app: &App,
    conn: &mut PgConnection,
    form: &Submitted,
    submission: Submission<'_>,
) -> Result<Option<Another>> {
    let Some(secret) = Secret::parse(form.get(ANOTHER)) else { return Ok(None) };
    let is_open = |pending: &Pending| pending.standing == Standing::Open && pending.conference == submission.conference;
    let pending = same_person::find(conn, &secret, app.clock.now()).await?;
    let Some(pending) = pending.filter(|pending| is_open(pending)) else { return Ok(None) };
    let name = folded(&pending.name);
    let is_meant = |NewAttendee { details, .. }: &NewAttendee| {
        folded(details.name.as_str()) == name && email::is_same(details.email.as_str(), &pending.email)
    };
    Ok(submission
        .registration
        .attendees
        .iter()
        .position(is_meant)
        .map(|number| Another { number, pending: Some(pending.id) }))
}

/// Returns the people with these indices, each with a form that registers only them.
pub fn people(form: &Submitted, numbers: &[usize]) -> Vec<KnownPerson> {
    let one = |number: &usize| KnownPerson { number: *number, fields: alone(form, number + 1).fields().to_vec() };
    numbers.iter().map(one).collect()
}

/// Returns the form, which is in order, with only this person, without the number of the form and the button that was pressed.
/// Somebody who attends and is not this person stays the contact.
fn alone(form: &Submitted, number: usize) -> Submitted {
    let form = people::with_only(form, number);
    let attends = if number == 1 { form.get("attends").to_owned() } else { "others".to_owned() };
    let dropped = ["attends", "submission", "do", people::PASTED, ANOTHER];
    let kept = form.fields().iter().filter(|(name, _)| !dropped.contains(&name.as_str()));
    Submitted::new(kept.cloned().chain([("attends".to_owned(), attends)]).collect())
}

/// Returns the limits for a form of which these people are registered already. A mailbox that gets several mails is counted for each.
pub fn limits(registration: &Registration, known: &[usize], network: &str) -> Vec<Try> {
    let rest = registration.without(known);
    let confirmations = rest.as_ref().map(Registration::confirmations).unwrap_or_default();
    let mut told: Vec<_> = confirmations.iter().map(|mail| mail.to.normalised()).collect();
    let mut limits = limits::of(registration, network);
    for person in known.iter().filter_map(|number| registration.attendees.iter().nth(*number)) {
        let email = &person.details.email;
        if told.contains(&email.normalised()) {
            limits.push(limits::mail_to(email));
        }
        told.push(email.normalised());
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registering::field;

    #[test]
    fn the_form_of_one_person_has_their_block_and_what_all_share() {
        let fields = [
            ("name", "Anna"),
            ("attends", "me"),
            ("submission", "1"),
            ("asked", "a"),
            ("asked", "b"),
            ("attendee-1-category", "member"),
            ("attendee-2-name", "Boris"),
            ("attendee-2-dietary", "no nuts"),
            ("attendee-3-name", "Carla"),
        ];
        let form = Submitted::new(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        let anna = alone(&form, 1);
        assert_eq!((anna.get("attends"), anna.get(&field(1, "category")), people::count(&anna)), ("me", "member", 1));
        let boris = alone(&form, 2);
        assert_eq!((boris.get("attends"), boris.get("name")), ("others", "Anna"));
        assert_eq!((boris.get(&field(1, "name")), boris.get(&field(1, "dietary"))), ("Boris", "no nuts"));
        assert!(!boris.has("submission") && !boris.has(&field(1, "category")) && people::count(&boris) == 1);
        assert_eq!(boris.all("asked").collect::<Vec<_>>(), ["a", "b"]);
    }
}

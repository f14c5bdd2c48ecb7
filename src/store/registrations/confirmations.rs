//! The mails that a new registration queues.

use uuid::Uuid;

use super::seating::Seats;
use crate::{
    domain::{AttendeeId, EmailAddress, MessageId, Registration},
    store::outbox::{ConfirmationData, Kind},
};

/// The mails as arrays, one for each column. Their data contains only the keys of the attendees concerned; the rest is read
/// when a mail is sent.
#[derive(Default)]
pub(super) struct Mails<'a> {
    pub ids: Vec<Uuid>,
    pub kinds: Vec<&'static str>,
    pub recipients: Vec<&'a str>,
    pub attendees: Vec<Option<Uuid>>,
    pub data: Vec<serde_json::Value>,
}

impl<'a> Mails<'a> {
    /// Returns one mail for each address: a confirmation, or, if everybody whom it is about waits, a mail about that. If nobody is to be
    /// told, only operations get one.
    pub fn of(
        registration: &'a Registration,
        operations: &'a EmailAddress,
        people: &[Uuid],
        seats: &Seats,
        tells: bool,
    ) -> Self {
        let mut mails = Self::default();
        mails.add(Kind("operations_confirmation"), operations, None, people);
        if !tells {
            return mails;
        }
        for mail in registration.confirmations() {
            let about: Vec<Uuid> = mail.attendees.iter().map(|number| people[*number]).collect();
            let all_wait =
                if mail.contact { seats.all_wait() } else { mail.attendees.iter().all(|one| seats.waits(*one)) };
            let attendee = about.first().copied().filter(|_| !mail.contact);
            let kind = match (all_wait, mail.contact) {
                (true, _) => Kind("waiting"),
                (false, true) => Kind("contact_confirmation"),
                (false, false) => Kind("attendee_confirmation"),
            };
            mails.add(kind, mail.to, attendee, &about);
        }
        mails
    }

    fn add(&mut self, kind: Kind, to: &'a EmailAddress, attendee: Option<Uuid>, about: &[Uuid]) {
        self.ids.push(MessageId::new().0);
        self.kinds.push(kind.0);
        self.recipients.push(to.as_str());
        self.attendees.push(attendee);
        let attendees = about.iter().copied().map(AttendeeId).collect();
        self.data.push(ConfirmationData { attendees, ..ConfirmationData::default() }.into());
    }
}

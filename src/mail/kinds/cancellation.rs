//! A cancellation, for the contact or for attendees who were cancelled.

use crate::{
    domain::{AttendeeId, RegistrationStatus},
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Row, Values},
    },
    store::{
        outbox::{CancellationData, Claimed, for_mails::Attendee},
        registrations::categories,
    },
};

/// The data of the mail.
pub struct Cancellation {
    about: About,
    /// The cancelled attendees whom it lists.
    cancelled: Vec<AttendeeId>,
    /// The reason that staff gave; empty if a delegate cancelled.
    reason: String,
    /// Whether it is sent to the contact.
    is_contacts: bool,
    can_register: bool,
}

impl Cancellation {
    fn cancelled(&self) -> impl Iterator<Item = &Attendee> {
        self.cancelled.iter().filter_map(|id| self.about.find(Some(*id)))
    }

    /// Returns how many others are still expected, which only the contact is told.
    fn remaining(&self) -> usize {
        if self.is_contacts { self.about.coming().count() } else { 0 }
    }

    fn name(&self) -> &str {
        match self.cancelled.as_slice() {
            _ if self.is_contacts => &self.about.registration.contact_name,
            [one] => self.about.find(Some(*one)).map_or("", |attendee| &attendee.name),
            _ => "",
        }
    }
}

impl Kind for Cancellation {
    const NAME: &'static str = "cancellation";
    const TITLE: &'static str = "Cancellation";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/cancellation.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let data: CancellationData = serde_json::from_value(claimed.data.clone())?;
        let mut cancelled = about.cancelled(&data);
        if let Some(attendee) = claimed.attendee {
            let readers = about.readers(attendee)?;
            cancelled.retain(|id| readers.contains(id));
        }
        let mut conn = context.store.read().await?;
        let places = categories::availability(&mut conn, about.registration.conference).await?;
        let window = about.conference.window().at(context.clock.now());
        let can_register = RegistrationStatus::of(window, places).can_register();
        Ok(Self { about, cancelled, reason: data.reason, is_contacts: claimed.attendee.is_none(), can_register })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", self.name());
        values.rows("cancelled", self.cancelled().map(|one| Row::typed(&one.name, Vec::new())).collect());
        values.typed_lines("reason", &self.reason);
        values.words("remaining", &self.remaining().to_string());
        values
    }

    fn cases(&self) -> Vec<Case> {
        vec![
            ("several people read it", self.name().is_empty()),
            ("one place is cancelled", self.cancelled.len() == 1),
            ("several places are cancelled", self.cancelled.len() != 1),
            ("one other person comes", self.remaining() == 1),
            ("several others come", self.remaining() > 1),
            ("somebody can register", self.can_register),
            ("nobody can register", !self.can_register),
        ]
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, attendee, cancelled, key, ludwig, zeljka};

        let eva = || attendee(3, "Eva Roth", "ludwig@graz.example", "University");
        let of_contact = |attendees| Self {
            about: about(attendees),
            cancelled: vec![key(2)],
            reason: "Registered twice.\nRobin".to_owned(),
            is_contacts: true,
            can_register: true,
        };
        let one = || of_contact(vec![zeljka(), cancelled(ludwig())]);
        let both = || of_contact(vec![zeljka(), cancelled(ludwig()), cancelled(eva())]);
        vec![
            ("", one()),
            ("when_closed", Self { can_register: false, ..one() }),
            ("of_one_of_three", of_contact(vec![zeljka(), cancelled(ludwig()), eva()])),
            ("to_the_attendee", Self { is_contacts: false, reason: String::new(), ..one() }),
            ("to_a_shared_mailbox", Self { is_contacts: false, cancelled: vec![key(2), key(3)], ..both() }),
        ]
    }
}

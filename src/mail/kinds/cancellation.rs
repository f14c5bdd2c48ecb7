//! A cancellation, for whom it concerns: the contact, or attendees who were cancelled.

use super::{Frame, Kind, Receiver, text};
use crate::{
    domain::{AttendeeId, RegistrationStatus},
    mail::{
        compose::{ComposeError, Context},
        registration::About,
        text::{Placeholder, Row, Values},
        unlinked,
    },
    store::{
        outbox::{CancellationData, Claimed, for_mails::Attendee},
        registrations::categories,
    },
};

/// What the mail needs.
pub struct Cancellation {
    about: About,
    /// Those of the cancelled whom it tells of.
    cancelled: Vec<AttendeeId>,
    /// What staff said about it; empty when the delegate cancelled.
    reason: String,
    /// Whether it is the contact's.
    is_contacts: bool,
    can_register: bool,
}

impl Cancellation {
    fn cancelled(&self) -> impl Iterator<Item = &Attendee> {
        self.cancelled.iter().filter_map(|id| self.about.find(Some(*id)))
    }

    /// How many others are still expected, which is told to the contact only.
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
    const RECEIVER: Receiver = Receiver::Delegate;
    const TEXT: &'static str = text!("mail/cancellation.md");
    const FRAME: Frame = Frame::Conference;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("reference", "the short code of the registration"),
        Placeholder::words("name", "the reader’s name; empty when several people read the mail"),
        Placeholder::block("cancelled", "the names of those who were cancelled"),
        Placeholder::lines("reason", "what staff said about it; may be empty"),
        Placeholder::words("remaining", "how many others are still expected"),
    ];
    const CASES: &'static [&'static str] = &[
        "several people read it",
        "one place is cancelled",
        "several places are cancelled",
        "one other person comes",
        "several others come",
        "somebody can register",
        "nobody can register",
    ];

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
        let mut values = self.about.edition.values();
        let names = self.cancelled().map(|one| Row { strong: unlinked(&one.name), ..Row::default() });
        values.words("reference", &self.about.registration.reference);
        values.typed("name", self.name());
        values.block("cancelled", names.collect());
        values.typed_lines("reason", &self.reason);
        values.words("remaining", &self.remaining().to_string());
        values
    }

    fn cases(&self) -> Vec<&'static str> {
        let mut cases = Vec::new();
        cases.extend(self.name().is_empty().then_some("several people read it"));
        cases.push(if self.cancelled.len() == 1 { "one place is cancelled" } else { "several places are cancelled" });
        match self.remaining() {
            0 => {}
            1 => cases.push("one other person comes"),
            _ => cases.push("several others come"),
        }
        cases.push(if self.can_register { "somebody can register" } else { "nobody can register" });
        cases
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::{about, attendee, cancelled, key, ludwig, zeljka};

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

//! A cancellation, for the contact or for attendees who were cancelled.

use crate::{
    domain::{AttendeeId, CancelCause, Conference, RegistrationStatus},
    mail::{
        amounts,
        context::{ComposeError, Context},
        envelope::Attachment,
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Row, Values},
    },
    store::{
        outbox::{CancellationData, Claimed, for_mails::Attendee},
        registrations::{
            amounts::{self as stored, Amounts},
            categories,
        },
    },
};

/// The data of the mail.
pub struct Cancellation {
    about: About,
    /// The cancelled attendees whom it lists.
    cancelled: Vec<AttendeeId>,
    /// Those of them who had no place, because they were on the waiting list.
    waited: Vec<AttendeeId>,
    /// Whether the place had only been offered, and was declined.
    is_declined: bool,
    /// What staff say about it; may be empty.
    reason: String,
    /// Whether it is sent to the contact.
    is_contacts: bool,
    can_register: bool,
    /// What is owed, which only the contact is told.
    owed: Owed,
    /// The file that removes the conference from the reader's calendar.
    calendar: Option<Attachment>,
}

/// What the contact is told of what is owed.
enum Owed {
    /// Nothing, because nothing was ever owed or paid.
    Nothing,
    /// That the terms decide what remains owed.
    AsBefore(Amounts),
    /// What remains owed, which staff have set.
    Settled(Amounts),
}

impl Owed {
    fn amounts(&self) -> Option<&Amounts> {
        match self {
            Self::Nothing => None,
            Self::AsBefore(amounts) | Self::Settled(amounts) => Some(amounts),
        }
    }
}

impl Cancellation {
    fn cancelled(&self) -> impl Iterator<Item = &Attendee> {
        self.cancelled.iter().filter_map(|id| self.about.find(Some(*id)))
    }

    /// Returns how many others are still expected, which only the contact is told.
    fn remaining(&self) -> usize {
        if self.is_contacts { self.about.coming().count() } else { 0 }
    }

    fn has_waited(&self, id: AttendeeId) -> bool {
        self.waited.contains(&id)
    }

    /// Returns the row of somebody who was cancelled. If only some of them had places, it says who.
    fn row(&self, one: &Attendee) -> Row {
        let small = match (self.is_mixed(), self.has_waited(one.id)) {
            (true, true) => vec!["was on the waiting list".to_owned()],
            (true, false) => vec!["had a place".to_owned()],
            (false, _) => Vec::new(),
        };
        Row::typed(&one.name, small)
    }

    /// Returns whether some had places and others waited.
    fn is_mixed(&self) -> bool {
        self.cancelled.iter().any(|id| self.has_waited(*id)) && !self.all_waited()
    }

    fn all_waited(&self) -> bool {
        !self.waited.is_empty() && self.cancelled.iter().all(|id| self.has_waited(*id))
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
        let status = RegistrationStatus::of(about.conference.window(), context.clock.now(), places);
        let can_register = status.has_places();
        let is_contacts = claimed.attendee.is_none();
        let amounts = if is_contacts {
            stored::find(&mut conn, about.registration.conference, about.registration.id).await?
        } else {
            None
        };
        let owed = match amounts {
            None => Owed::Nothing,
            Some(amounts) if data.is_settled => Owed::Settled(amounts),
            Some(amounts) => Owed::AsBefore(amounts),
        };
        let is_declined = data.cause.as_deref() == Some(CancelCause::Declined.as_str());
        // Only a confirmation brings the entry, so whoever waited or declined has none.
        let had_place = !is_declined && cancelled.iter().any(|id| !data.waited.contains(id));
        let calendar =
            if had_place { about.calendar_cancellation(context, &mut conn, &claimed.recipient).await? } else { None };
        Ok(Self {
            about,
            cancelled,
            waited: data.waited,
            is_declined,
            reason: data.reason,
            is_contacts,
            can_register,
            owed,
            calendar,
        })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", self.name());
        values.rows("cancelled", self.cancelled().map(|one| self.row(one)).collect());
        values.typed_lines("reason", &self.reason);
        values.words("remaining", &self.remaining().to_string());
        amounts::add(&mut values, &self.about.conference.zone, self.owed.amounts());
        values
    }

    fn cases(&self) -> Vec<Case> {
        let waited = self.all_waited();
        vec![
            ("several people read it", self.name().is_empty()),
            ("the place is declined", self.is_declined),
            ("one place is cancelled", !self.is_declined && !waited && self.cancelled.len() == 1),
            ("several places are cancelled", !waited && !self.is_mixed() && self.cancelled.len() != 1),
            ("places and waiting people are cancelled", self.is_mixed()),
            ("one person leaves the waiting list", waited && self.cancelled.len() == 1),
            ("several people leave the waiting list", waited && self.cancelled.len() != 1),
            ("one other person comes", self.remaining() == 1),
            ("several others come", self.remaining() > 1),
            ("the conference leaves the calendar", self.calendar.is_some()),
            ("somebody can register", self.can_register),
            ("nobody can register", !self.can_register),
            ("the terms decide what remains owed", matches!(self.owed, Owed::AsBefore(_))),
            ("it is set what remains owed", matches!(self.owed, Owed::Settled(_))),
            ("too much was paid", self.owed.amounts().is_some_and(|amounts| amounts.paid_too_much().is_positive())),
        ]
    }

    fn calendar(&self) -> Option<Attachment> {
        self.calendar.clone()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, amounts, attendee, calendar, cancelled, key, ludwig, payment, zeljka};

        let eva = || attendee(3, "Eva Roth", "ludwig@graz.example", "University");
        let of_contact = |attendees| Self {
            about: about(of, attendees),
            cancelled: vec![key(2)],
            waited: Vec::new(),
            is_declined: false,
            reason: "Registered twice.\nRobin".to_owned(),
            is_contacts: true,
            can_register: true,
            owed: Owed::Nothing,
            calendar: None,
        };
        let one = || of_contact(vec![zeljka(), cancelled(ludwig())]);
        let both = || of_contact(vec![zeljka(), cancelled(ludwig()), cancelled(eva())]);
        let owing = |payments| Amounts { payments, ..amounts(of) };
        vec![
            ("", one()),
            ("when_the_terms_decide", Self { owed: Owed::AsBefore(owing(Vec::new())), reason: String::new(), ..one() }),
            ("when_settled", Self { owed: Owed::Settled(owing(vec![payment(of, 1, 90_000)])), ..one() }),
            ("when_closed", Self { can_register: false, ..one() }),
            ("of_one_of_three", of_contact(vec![zeljka(), cancelled(ludwig()), eva()])),
            (
                "to_the_attendee",
                Self { is_contacts: false, reason: String::new(), calendar: Some(calendar()), ..one() },
            ),
            ("to_a_shared_mailbox", Self { is_contacts: false, cancelled: vec![key(2), key(3)], ..both() }),
            ("of_one_who_waited", Self { waited: vec![key(2)], ..one() }),
            ("of_two_who_waited", Self { cancelled: vec![key(2), key(3)], waited: vec![key(2), key(3)], ..both() }),
            ("of_two_of_whom_one_waited", Self { cancelled: vec![key(2), key(3)], waited: vec![key(3)], ..both() }),
            ("declined", Self { is_declined: true, reason: String::new(), ..one() }),
        ]
    }
}

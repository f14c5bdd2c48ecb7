//! A cancellation, for the operations desk.

use super::{Frame, Kind, Receiver, text};
use crate::{
    domain::AttendeeId,
    mail::{
        compose::{ComposeError, Context},
        registration::{About, attendees},
        text::{Link, Placeholder, Row, Values},
        unlinked,
    },
    store::outbox::{CancellationData, Claimed},
};

/// What the mail needs.
pub struct OperationsCancellation {
    about: About,
    cancelled: Vec<AttendeeId>,
    /// The attendee who cancelled with their own link; `None` for the contact and staff.
    by: Option<AttendeeId>,
    /// What staff said about it; empty when the delegate cancelled.
    reason: String,
    desk: Link,
}

impl Kind for OperationsCancellation {
    const NAME: &'static str = "operations_cancellation";
    const TITLE: &'static str = "Cancellation for operations";
    const RECEIVER: Receiver = Receiver::Operations;
    const TEXT: &'static str = text!("mail/operations_cancellation.md");
    const FRAME: Frame = Frame::Operations;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("reference", "the short code of the registration"),
        Placeholder::words("organisation", "the organisation"),
        Placeholder::words("town", "the organisation’s city"),
        Placeholder::words("country", "the organisation’s country"),
        Placeholder::words("number", "how many were cancelled: “2 attendees”"),
        Placeholder::block("cancelled", "those who were cancelled, with their categories"),
        Placeholder::lines("reason", "what staff said about it; may be empty"),
        Placeholder::words("remaining", "how many on the registration are still expected"),
        Placeholder::address("desk", "one of them at the desk"),
    ];

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let data: CancellationData = serde_json::from_value(claimed.data.clone())?;
        let cancelled = about.cancelled(&data);
        let desk = about.desk(context, cancelled.first().copied());
        Ok(Self { about, cancelled, by: data.by, reason: data.reason, desk })
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.edition.values();
        let gone = self.cancelled.iter().filter_map(|id| self.about.find(Some(*id)));
        let rows =
            gone.map(|one| Row { strong: unlinked(&one.name), rest: String::new(), small: vec![one.category.clone()] });
        values.words("reference", &registration.reference);
        values.typed("organisation", &registration.organisation);
        values.typed("town", &registration.city);
        values.words("country", &registration.country.to_string());
        values.words("number", &attendees(self.cancelled.len()));
        values.block("cancelled", rows.collect());
        values.typed_lines("reason", &self.reason);
        values.words("remaining", &self.about.coming().count().to_string());
        values.address_of("desk", self.desk.clone());
        values
    }

    /// Whoever cancelled: an attendee with their own link, else the contact.
    fn delegate(&self) -> Option<(String, String)> {
        let attendee = self.about.find(self.by).map(|attendee| (attendee.name.clone(), attendee.email.clone()));
        Some(attendee.unwrap_or_else(|| self.about.contact()))
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::{about, absolute, cancelled, key, ludwig, zeljka};

        let sample = Self {
            about: about(vec![zeljka(), cancelled(ludwig())]),
            cancelled: vec![key(2)],
            by: None,
            reason: "Registered twice.".to_owned(),
            desk: Link::open(absolute("/staff/leipzig-2018/attendees/0193")),
        };
        vec![("", sample)]
    }
}

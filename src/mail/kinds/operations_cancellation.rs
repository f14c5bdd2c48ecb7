//! A cancellation, for the operations desk.

use crate::{
    domain::{AttendeeId, CancelCause, Conference},
    mail::{
        amounts,
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::{About, attendees},
        text::{Link, Row, Values},
    },
    store::{
        outbox::{CancellationData, Claimed},
        registrations::amounts::Amounts,
    },
};

/// The data of the mail.
pub struct OperationsCancellation {
    about: About,
    cancelled: Vec<AttendeeId>,
    /// The attendee who cancelled with their own link; `None` if the contact or staff cancelled.
    by: Option<AttendeeId>,
    /// The reason that staff gave; empty if a delegate cancelled.
    reason: String,
    /// The word of the cause, if it was an offer that was declined or has lapsed.
    cause: Option<String>,
    /// What is owed; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    desk: Link,
}

impl Kind for OperationsCancellation {
    const NAME: &'static str = "operations_cancellation";
    const TITLE: &'static str = "Cancellation for operations";
    const AUDIENCE: Audience = Audience::Operations;
    const TEXT: &'static str = markdown!("mail/operations_cancellation.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let data: CancellationData = serde_json::from_value(claimed.data.clone())?;
        let amounts = about.amounts(context).await?;
        let cancelled = about.cancelled(&data);
        let desk = about.desk(context, cancelled.first().copied());
        Ok(Self { about, cancelled, by: data.by, reason: data.reason, cause: data.cause, amounts, desk })
    }

    fn values(&self) -> Values {
        let mut values = self.about.values_for_operations(&self.desk);
        amounts::add_sums(&mut values, self.amounts.as_ref());
        let gone = self.cancelled.iter().filter_map(|id| self.about.find(Some(*id)));
        let rows = gone.map(|one| Row::typed(&one.name, vec![one.category.clone()]));
        values.words("number", &attendees(self.cancelled.len()));
        values.rows("cancelled", rows.collect());
        let cause = self.cause.as_deref().and_then(CancelCause::parse).map_or("", CancelCause::words);
        values.words("cause", cause);
        values.typed_lines("reason", &self.reason);
        values.words("remaining", &self.about.coming().count().to_string());
        values
    }

    /// Returns who cancelled: the attendee, if their own link was used; otherwise the contact.
    fn delegate(&self) -> Option<(String, String)> {
        let attendee = self.about.find(self.by).map(|attendee| (attendee.name.clone(), attendee.email.clone()));
        Some(attendee.unwrap_or_else(|| self.about.contact()))
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, amounts, cancelled, desk, key, ludwig, zeljka};

        let sample = Self {
            about: about(of, vec![zeljka(), cancelled(ludwig())]),
            cancelled: vec![key(2)],
            by: None,
            reason: "Registered twice.".to_owned(),
            cause: None,
            amounts: Some(amounts(of)),
            desk: desk(of),
        };
        let lapsed = Self {
            about: about(of, vec![zeljka(), cancelled(ludwig())]),
            cancelled: vec![key(2)],
            by: None,
            reason: String::new(),
            cause: Some("lapsed".to_owned()),
            amounts: None,
            desk: desk(of),
        };
        vec![("", sample), ("lapsed", lapsed)]
    }
}

//! What remains owed after a cancellation, for the contact.

use crate::{
    domain::{AttendeeId, Conference},
    mail::{
        amounts,
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Link, Row, Values},
    },
    store::{
        outbox::{CancellationData, Claimed},
        registrations::amounts::{self as stored, Amounts},
    },
};

/// The data of the mail.
pub struct RemainingSet {
    about: About,
    amounts: Option<Amounts>,
    /// Those for whom it was set.
    cancelled: Vec<AttendeeId>,
    manage: Link,
}

impl Kind for RemainingSet {
    const NAME: &'static str = "remaining_set";
    const TITLE: &'static str = "What remains owed";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/remaining_set.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let data: CancellationData = serde_json::from_value(claimed.data.clone())?;
        let mut tx = About::begin_links(context, claimed).await?;
        let amounts = stored::find(&mut tx, about.registration.conference, about.registration.id).await?;
        let manage = about.link(context, &mut tx, None).await?;
        tx.commit().await?;
        Ok(Self { cancelled: about.cancelled(&data), amounts, manage, about })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        amounts::add(&mut values, &self.about.conference.zone, self.amounts.as_ref());
        values.typed("contact", &self.about.registration.contact_name);
        let row = |id: &AttendeeId| {
            let attendee = self.about.find(Some(*id))?;
            let owed = self.amounts.as_ref().map(|amounts| amounts.say(amounts.owed_for(*id)));
            Some(Row::typed(&attendee.name, owed.into_iter().collect()))
        };
        values.rows("remaining", self.cancelled.iter().filter_map(row).collect());
        values.link("manage", self.manage.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        amounts::cases(self.amounts.as_ref()).into_iter().filter(|(name, _)| *name != "something was owed").collect()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, amounts, cancelled, key, ludwig, manage, payment, zeljka};

        let sample = |paid| Self {
            about: about(of, vec![zeljka(), cancelled(ludwig())]),
            amounts: Some(Amounts { payments: paid, ..amounts(of) }),
            cancelled: vec![key(2)],
            manage: manage("contact-secret"),
        };
        vec![("", sample(Vec::new())), ("too_much", sample(vec![payment(of, 1, 90_000)]))]
    }
}

//! The offer of a place, for the operations desk.

use crate::{
    domain::{AttendeeId, Conference},
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Link, Values},
    },
    store::outbox::{Claimed, OfferData, for_mails},
};

/// The data of the mail.
pub struct OperationsOffer {
    about: About,
    attendee: AttendeeId,
    /// When the offer ends, with the time zone.
    until: String,
    desk: Link,
}

impl Kind for OperationsOffer {
    const NAME: &'static str = "operations_offer";
    const TITLE: &'static str = "Offer of a place, for operations";
    const AUDIENCE: Audience = Audience::Operations;
    const TEXT: &'static str = markdown!("mail/operations_offer.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let OfferData { offer } = serde_json::from_value(claimed.data.clone())?;
        let offer = for_mails::get_offer(&mut *context.store.read().await?, offer).await?;
        let until = about.conference.zone.zoned_moment(offer.lapses_at);
        let desk = about.desk(context, Some(offer.attendee));
        Ok(Self { about, attendee: offer.attendee, until, desk })
    }

    fn values(&self) -> Values {
        let mut values = self.about.values_for_operations(&self.desk);
        let attendee = self.about.find(Some(self.attendee));
        values.typed("name", attendee.map_or("", |attendee| &attendee.name));
        values.words("category", attendee.map_or("", |attendee| &attendee.category));
        values.words("until", &self.until);
        values
    }

    fn delegate(&self) -> Option<(String, String)> {
        Some(self.about.contact())
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, desk, key, ludwig, moment, offered, zeljka};

        let sample = Self {
            about: about(of, vec![zeljka(), offered(ludwig())]),
            attendee: key(2),
            until: moment(of, 2),
            desk: desk(of),
        };
        vec![("", sample)]
    }
}

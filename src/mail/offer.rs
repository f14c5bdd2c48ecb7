//! The offer of a place that a mail is about.

use super::{
    context::{ComposeError, Context},
    registration::About,
    text::{Case, Link, Values},
};
use crate::{
    domain::{AttendeeId, Conference},
    store::{
        outbox::{Claimed, OfferData, for_mails},
        payment_settings,
        registrations::charges,
    },
    urls,
};

/// The offer of a place, with the registration. The mail goes to the contact or to the attendee.
pub struct AboutOffer {
    /// The registration.
    pub about: About,
    /// To whom the place is offered.
    pub attendee: AttendeeId,
    /// Whether it is sent to the contact.
    pub is_contacts: bool,
    /// When the offer ends, with the time zone.
    pub until: String,
    /// What the place costs, if it costs anything and the mail is the contact's.
    pub fee: String,
    /// Whether it can still be answered.
    pub is_open: bool,
    /// The page on which it is answered.
    pub link: Link,
}

impl AboutOffer {
    /// Reads the offer of this row, and creates the link of its recipient.
    pub async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let OfferData { offer } = serde_json::from_value(claimed.data.clone())?;
        let offer = for_mails::get_offer(&mut *context.store.read().await?, offer).await?;
        let mut tx = About::begin_links(context, claimed).await?;
        let now = context.clock.now();
        let is_open = offer.outcome.is_none() && now < offer.lapses_at;
        let registration = (about.registration.conference, about.registration.id);
        let mut fee = String::new();
        if is_open && claimed.attendee.is_none() {
            let price = charges::price(&mut tx, registration, offer.attendee, now).await?;
            if price.is_positive() {
                fee = payment_settings::get(&mut tx, registration.0).await?.currency.of(price);
            }
        }
        let secret = about.secret(&mut tx, claimed.attendee).await?;
        tx.commit().await?;
        let of_contact = claimed.attendee.is_none().then_some(offer.attendee);
        let link = Link::secret(context.absolute(&urls::public::offer(&secret.reveal(), of_contact)));
        Ok(Self {
            attendee: offer.attendee,
            is_contacts: claimed.attendee.is_none(),
            until: about.conference.zone.zoned_moment(offer.lapses_at),
            fee,
            is_open,
            link,
            about,
        })
    }

    fn is_readers(&self) -> bool {
        !self.is_contacts || self.about.find(Some(self.attendee)).is_some_and(|one| self.about.is_contact(one))
    }

    /// Returns the values that its text may name.
    pub fn values(&self) -> Values {
        let name = self.about.find(Some(self.attendee)).map_or("", |attendee| &attendee.name);
        let category = self.about.find(Some(self.attendee)).map_or("", |attendee| &attendee.category);
        let mut values = self.about.common.clone();
        values.typed("reader", if self.is_contacts { &self.about.registration.contact_name } else { name });
        values.typed("name", name);
        values.words("category", category);
        values.words("until", &self.until);
        values.words("fee", &self.fee);
        values.link("offer", self.link.clone());
        values
    }

    /// Returns the cases that its text may distinguish.
    pub fn cases(&self) -> Vec<Case> {
        vec![
            ("it is open", self.is_open),
            ("it has ended", !self.is_open),
            ("the reader is offered it", self.is_open && self.is_readers()),
            ("somebody else is offered it", self.is_open && !self.is_readers()),
            ("the reader is meant", self.is_readers()),
            ("somebody else is meant", !self.is_readers()),
        ]
    }

    /// Returns examples: to the attendee, and to the contact about a colleague, open or ended.
    pub fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use super::samples::{about, absolute, key, ludwig, moment, offered, zeljka};

        let sample = |is_contacts, is_open| Self {
            about: about(of, vec![zeljka(), offered(ludwig())]),
            attendee: key(2),
            is_contacts,
            until: moment(of, 2),
            fee: if is_contacts { "EUR 450.00".to_owned() } else { String::new() },
            is_open,
            link: Link::secret(absolute("/offers/ludwigs-secret")),
        };
        vec![("", sample(false, true)), ("to_the_contact", sample(true, true)), ("ended", sample(true, false))]
    }
}

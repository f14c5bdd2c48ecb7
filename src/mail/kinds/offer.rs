//! Offers a place to somebody on the waiting list, to the attendee and to the contact.

use crate::{
    domain::Conference,
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        offer::AboutOffer,
        text::{Case, Values},
    },
    store::outbox::Claimed,
};

/// The data of the mail.
pub struct Offer(AboutOffer);

impl Kind for Offer {
    const NAME: &'static str = "offer";
    const TITLE: &'static str = "Offer of a place";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/offer.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        AboutOffer::read(context, claimed).await.map(Self)
    }

    fn values(&self) -> Values {
        self.0.values()
    }

    fn cases(&self) -> Vec<Case> {
        self.0.cases()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        AboutOffer::samples(of).into_iter().map(|(name, offer)| (name, Self(offer))).collect()
    }
}

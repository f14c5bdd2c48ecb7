//! Tells the attendee and the contact that an offer was not answered in time.

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
pub struct OfferLapsed(AboutOffer);

impl Kind for OfferLapsed {
    const NAME: &'static str = "offer_lapsed";
    const TITLE: &'static str = "End of an offer";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/offer_lapsed.md");

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

//! The note to the present e-mail address that somebody asked to replace it.

use crate::{
    domain::Conference,
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::Values,
    },
    store::outbox::Claimed,
};

/// The data of the mail.
pub struct EmailChange {
    about: About,
    /// The name of the person whose address is to be replaced.
    name: String,
}

impl Kind for EmailChange {
    const NAME: &'static str = "email_change";
    const TITLE: &'static str = "Note about a new address";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/email_change.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let attendee = about.find(claimed.attendee).map(|attendee| attendee.name.clone());
        Ok(Self { name: attendee.unwrap_or_else(|| about.registration.contact_name.clone()), about })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", &self.name);
        values
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, ludwig};

        vec![("", Self { about: about(of, vec![ludwig()]), name: "Ludwig Maier".to_owned() })]
    }
}

//! The mail to a new e-mail address, with the link that confirms it.

use crate::{
    domain::Conference,
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Link, Values},
    },
    store::{
        outbox::{Claimed, EmailChangeData},
        registrations::links::{self, Subject},
    },
    urls,
};

/// The data of the mail.
pub struct ConfirmEmail {
    about: About,
    confirm: Link,
}

impl Kind for ConfirmEmail {
    const NAME: &'static str = "confirm_email";
    const TITLE: &'static str = "Link to confirm a new address";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/confirm_email.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let EmailChangeData { change } = serde_json::from_value(claimed.data.clone())?;
        let (conference, registration) = (about.registration.conference, about.registration.id);
        let subject = Subject { conference, registration, attendee: claimed.attendee };
        let mut tx = About::begin_links(context, claimed).await?;
        let secret = links::mint_for_email_change(&mut tx, subject, change).await?;
        tx.commit().await?;
        let path = urls::public::confirm_email(&secret.reveal());
        Ok(Self { about, confirm: Link::secret(context.absolute(&path)) })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.link("confirm", self.confirm.clone());
        values
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, absolute, ludwig};

        let confirm = Link::secret(absolute("/confirm-email/new-secret"));
        vec![("", Self { about: about(of, vec![ludwig()]), confirm })]
    }
}

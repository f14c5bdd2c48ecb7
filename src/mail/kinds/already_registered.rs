//! The mail to somebody who is registered already, after a registration with the same name and address: it brings their link, and
//! one with which another person of that name and address is registered.

use crate::{
    domain::Conference,
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Link, Values},
    },
    store::{
        outbox::{Claimed, PendingData},
        registrations::links::{self, Subject},
    },
    urls,
};

/// The data of the mail.
pub struct AlreadyRegistered {
    about: About,
    name: String,
    /// Whether the person still has a place or waits for one.
    is_registered: bool,
    manage: Link,
    another: Link,
}

impl Kind for AlreadyRegistered {
    const NAME: &'static str = "already_registered";
    const TITLE: &'static str = "Registered already, or another person";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/already_registered.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let PendingData { pending } = serde_json::from_value(claimed.data.clone())?;
        let (conference, registration) = (about.registration.conference, about.registration.id);
        let subject = Subject { conference, registration, attendee: claimed.attendee };
        let mut tx = About::begin_links(context, claimed).await?;
        let manage = about.link(context, &mut tx, claimed.attendee).await?;
        let secret = links::mint_for_another_person(&mut tx, subject, pending).await?;
        tx.commit().await?;
        let another = Link::secret(context.absolute(&urls::public::another_person(&secret.reveal())));
        let person = about.find(claimed.attendee.or(about.registration.contact_attendee));
        let name = person.map_or(&about.registration.contact_name, |person| &person.name).clone();
        let is_registered = person.is_some_and(|person| !person.is_cancelled());
        Ok(Self { about, name, is_registered, manage, another })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", &self.name);
        values.link("manage", self.manage.clone());
        values.link("another", self.another.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        vec![("they are registered", self.is_registered), ("they are cancelled", !self.is_registered)]
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, absolute, cancelled, ludwig, manage};

        let sample = |person: crate::store::outbox::for_mails::Attendee| Self {
            name: person.name.clone(),
            is_registered: !person.is_cancelled(),
            about: about(of, vec![person]),
            manage: manage("ludwigs-secret"),
            another: Link::secret(absolute("/another-person/new-secret")),
        };
        vec![("", sample(ludwig())), ("cancelled", sample(cancelled(ludwig())))]
    }
}

//! Tells the contact, or attendees with one address, that they are on the waiting list, and their position when it is sent.

use crate::{
    domain::{AttendeeId, Conference},
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::{About, row},
        text::{Case, Link, Values},
    },
    store::outbox::{Claimed, for_mails::Attendee},
};

/// The data of the mail.
pub struct Waiting {
    about: About,
    /// The link of the contact, if it is sent to the contact.
    manage: Option<Link>,
    /// Otherwise the attendees who read it, each with their link.
    readers: Vec<(AttendeeId, Link)>,
}

impl Waiting {
    /// Iterates over the attendees whom it is about.
    fn meant(&self) -> impl Iterator<Item = &Attendee> {
        let all = self.about.registration.attendees.iter();
        all.filter(|one| self.manage.is_some() || self.readers.iter().any(|(id, _)| *id == one.id))
    }

    fn name(&self) -> &str {
        let mut meant = self.meant();
        match (meant.next(), meant.next()) {
            _ if self.manage.is_some() => &self.about.registration.contact_name,
            (Some(one), None) => &one.name,
            _ => "",
        }
    }
}

impl Kind for Waiting {
    const NAME: &'static str = "waiting";
    const TITLE: &'static str = "Waiting list";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/waiting.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let ids = claimed.attendee.map(|id| about.readers(id)).transpose()?;
        let mut tx = About::begin_links(context, claimed).await?;
        let manage = match ids {
            None => Some(about.link(context, &mut tx, None).await?),
            Some(_) => None,
        };
        let mut readers = Vec::new();
        for id in ids.unwrap_or_default() {
            readers.push((id, about.link(context, &mut tx, Some(id)).await?));
        }
        tx.commit().await?;
        Ok(Self { about, manage, readers })
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.common.clone();
        values.typed("name", self.name());
        // The reader may not know who registered them, so only the beginning is shown.
        values.excerpt("contact", &registration.contact_name);
        values.excerpt("organisation", &registration.organisation);
        if let Some(manage) = &self.manage {
            values.rows("people", self.meant().map(row).collect());
            values.link("manage", manage.clone());
        } else {
            let found = |id, link: &Link| Some((row(self.about.find(Some(id))?), link.clone()));
            values.rows("people", Vec::new());
            values.linked_rows("manage", self.readers.iter().filter_map(|(id, link)| found(*id, link)).collect());
        }
        values
    }

    fn cases(&self) -> Vec<Case> {
        let is_contacts = self.manage.is_some();
        let somebody_waits = self.meant().any(Attendee::is_waiting);
        vec![
            ("several people read it", self.name().is_empty()),
            ("somebody waits", somebody_waits),
            ("nobody waits", !somebody_waits),
            ("the contact reads it", somebody_waits && is_contacts),
            ("an attendee reads it", somebody_waits && !is_contacts),
        ]
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, attendee, cancelled, key, ludwig, manage, waiting, zeljka};

        let to_contact = |attendees| Self {
            about: about(of, attendees),
            manage: Some(manage("contact-secret")),
            readers: Vec::new(),
        };
        let to_readers = |attendees: Vec<Attendee>, ids: &[u8]| Self {
            about: about(of, attendees),
            manage: None,
            readers: ids.iter().map(|id| (key(*id), manage(&format!("secret-{id}")))).collect(),
        };
        let anna = || waiting(attendee(3, "Anna Nagy", "ludwig@graz.example", "Member city"), 13);
        vec![
            ("", to_contact(vec![waiting(zeljka(), 12)])),
            ("for_two", to_contact(vec![waiting(zeljka(), 12), waiting(ludwig(), 2)])),
            ("to_the_attendee", to_readers(vec![zeljka(), waiting(ludwig(), 2)], &[2])),
            ("shared", to_readers(vec![zeljka(), waiting(ludwig(), 2), anna()], &[2, 3])),
            ("cancelled", to_contact(vec![cancelled(zeljka())])),
        ]
    }
}

//! New links for somebody who asked for them: to each registration with their address, and to each place that is theirs.

use crate::{
    domain::{Conference, email},
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Link, Row, Values},
    },
    store::{
        outbox::{Claimed, LinkData, for_mails},
        registrations::links::{self, Purpose, Subject},
    },
    urls,
};

/// The data of the mail.
pub struct SentLink {
    about: About,
    /// What each link opens, with the link.
    links: Vec<(Row, Link)>,
}

impl Kind for SentLink {
    const NAME: &'static str = "link";
    const TITLE: &'static str = "Links that somebody asked for";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/link.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let LinkData { readers } = serde_json::from_value(claimed.data.clone())?;
        let mut tx = About::begin_links(context, claimed).await?;
        let mut found = Vec::with_capacity(readers.len());
        for (id, attendee) in readers {
            let registration = for_mails::get_registration(&mut tx, id).await?;
            let one = registration.attendees.iter().find(|one| Some(one.id) == attendee);
            // Its address may have been corrected since somebody asked.
            let address = one.map_or(&registration.contact_email, |one| &one.email);
            if !email::is_same(address, &claimed.recipient) {
                continue;
            }
            let names = registration.attendees.iter().map(|one| Row::typed(&one.name, Vec::new()).strong);
            let row = one.map_or_else(
                || Row::typed(&registration.reference, vec![names.collect::<Vec<_>>().join(", ")]),
                |one| Row::typed(&one.name, vec![registration.reference.clone()]),
            );
            let subject = Subject { conference: registration.conference, registration: id, attendee };
            let secret = links::mint(&mut tx, Purpose::Manage, subject).await?;
            found.push((row, Link::secret(context.absolute(&urls::public::manage(&secret.reveal())))));
        }
        tx.commit().await?;
        Ok(Self { about, links: found })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.linked_rows("manage", self.links.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        vec![("there is one", self.links.len() == 1), ("there are several", self.links.len() != 1)]
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, ludwig, manage, zeljka};

        let first =
            || (Row::typed("K7P-3XQM", vec!["Željka Horvat, Ludwig Maier".to_owned()]), manage("contact-secret"));
        let second = (Row::typed("Željka Horvat", vec!["B8R-4YWN".to_owned()]), manage("zeljkas-secret"));
        let sample = |links| Self { about: about(of, vec![zeljka(), ludwig()]), links };
        vec![("", sample(vec![first()])), ("several", sample(vec![first(), second]))]
    }
}

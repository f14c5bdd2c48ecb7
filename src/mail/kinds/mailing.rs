//! What staff wrote to the people of a view, for one of them.

use std::borrow::Cow;

use crate::{
    domain::{Conference, MailingReaders},
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind},
        mailing::{self, Reader},
        registration::About,
        text::Values,
    },
    store::{
        mailings::{self, Writing},
        outbox::{Claimed, MailingData},
    },
};

/// The data of the mail.
pub struct Mailing {
    written: mailing::Mailing,
    reader: Reader,
}

impl Kind for Mailing {
    const NAME: &'static str = "mailing";
    const TITLE: &'static str = "Mailing";
    const AUDIENCE: Audience = Audience::Delegate;
    /// Staff write it.
    const TEXT: &'static str = "";

    /// Fails if the reader should not get the mail any more: they are cancelled, or lack what the text needs.
    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let id = claimed.mailing.ok_or(ComposeError::Subject("mailing"))?;
        let Writing { with_cancelled, subject, text, instead } =
            mailings::get_writing(&mut *context.store.read().await?, id).await?;
        let readers = if claimed.attendee.is_some() { MailingReaders::Attendees } else { MailingReaders::Contacts };
        let written = mailing::Mailing { readers, subject, text, instead };
        let MailingData { attendees: people } = serde_json::from_value(claimed.data.clone())?;
        let about = About::read(context, claimed).await?;
        let mut tx = About::begin_links(context, claimed).await?;
        // The contact's link is also for the attendee who is the contact.
        let owner = claimed.attendee.filter(|id| about.registration.contact_attendee != Some(*id));
        let link = about.link(context, &mut tx, owner).await?;
        let reader = Reader { about, attendee: claimed.attendee, people, link };
        if reader.is_cancelled() && !with_cancelled {
            return Err(ComposeError::Unwanted("cancelled before it was sent".to_owned()));
        }
        if let Some(lacked) = written.lacked_by(&reader) {
            return Err(ComposeError::Unwanted(format!("the {lacked} is missing")));
        }
        tx.commit().await?;
        Ok(Self { written, reader })
    }

    fn text(&self) -> Cow<'_, str> {
        self.written.source().into()
    }

    fn values(&self) -> Values {
        self.written.values_for(&self.reader)
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, key, ludwig, manage, zeljka};

        let written = |readers, text: &str| mailing::Mailing {
            readers,
            subject: "Bus to {venue}, {first_day}".to_owned(),
            text: text.to_owned(),
            instead: [("job_title".to_owned(), "colleague".to_owned())].into(),
        };
        let reader = |attendee| Reader {
            about: about(of, vec![zeljka(), ludwig()]),
            attendee,
            people: Vec::new(),
            link: manage("own-secret"),
        };
        let to_attendees = "Dear {name},\n\nas {job_title} of {organisation} ({town}, {country}) you come as **{category}**. \
            A bus leaves at 8:00:\n\n- Where: Main station\n- Your reference: {reference}\n\n{manage_link}\n\n\
            *Questions? Call {telephone}.*";
        let to_contacts = "Dear {name},\n\nplease tell your colleagues:\n\n{attendees}\n\n## Invoice\n\n\
            Your number is {purchase_order}. [Change it]({manage_link}) until {first_day}.";
        vec![
            ("", Self { written: written(MailingReaders::Attendees, to_attendees), reader: reader(Some(key(2))) }),
            (
                "to_the_contact",
                Self {
                    written: written(MailingReaders::Contacts, to_contacts),
                    reader: Reader { people: vec![key(1), key(2)], ..reader(None) },
                },
            ),
        ]
    }
}

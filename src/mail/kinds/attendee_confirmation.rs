//! The confirmation for an attendee, with the attendee's own link. Attendees who share an address get one mail.

use crate::{
    domain::{AttendeeId, Conference},
    mail::{
        context::{ComposeError, Context},
        envelope::Attachment,
        kind::{Audience, Kind, markdown},
        registration::{About, row},
        text::{Case, Link, Values},
    },
    store::outbox::{Claimed, ConfirmationData, for_mails::Attendee},
};

/// The data of the mail.
pub struct AttendeeConfirmation {
    about: About,
    /// The attendee whose cancellation was undone, if the mail is about that.
    reinstated: Option<AttendeeId>,
    /// Whether the place was transferred to the attendee.
    is_transferred: bool,
    /// The attendees who read it, each with their link.
    readers: Vec<(AttendeeId, Link)>,
    calendar: Option<Attachment>,
}

impl AttendeeConfirmation {
    fn readers(&self) -> impl Iterator<Item = (&Attendee, &Link)> {
        self.readers.iter().filter_map(|(id, link)| Some((self.about.find(Some(*id))?, link)))
    }

    fn somebody_waits(&self) -> bool {
        self.readers().any(|(attendee, _)| attendee.is_waiting())
    }

    fn somebody_comes(&self) -> bool {
        self.readers().any(|(attendee, _)| attendee.is_coming())
    }
}

impl Kind for AttendeeConfirmation {
    const NAME: &'static str = "attendee_confirmation";
    const TITLE: &'static str = "Confirmation for an attendee";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/attendee_confirmation.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let ids = about.readers(claimed.attendee.ok_or(ComposeError::Subject("attendee"))?)?;
        let mut tx = About::begin_links(context, claimed).await?;
        let mut readers = Vec::with_capacity(ids.len());
        for id in ids {
            readers.push((id, about.link(context, &mut tx, Some(id)).await?));
        }
        tx.commit().await?;
        let data: ConfirmationData = serde_json::from_value(claimed.data.clone())?;
        let is_transferred = data.transferred;
        let reinstated = about.reinstated(claimed)?;
        let mut mail = Self { reinstated, is_transferred, readers, calendar: None, about };
        mail.calendar = mail.somebody_comes().then(|| mail.about.calendar(context));
        Ok(mail)
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.common.clone();
        let alone = self.readers().next().filter(|_| self.readers.len() == 1).map(|(attendee, _)| attendee);
        let other = self.about.find(self.reinstated).filter(|_| alone.is_none() && self.somebody_comes());
        values.typed("name", alone.map_or("", |attendee| &attendee.name));
        // The reader may not know who registered them, so only the beginning is shown.
        values.excerpt("contact", &registration.contact_name);
        values.excerpt("organisation", &registration.organisation);
        values.typed("reinstated", other.map_or("", |attendee| &attendee.name));
        values.linked_rows("manage", self.readers().map(|(attendee, link)| (row(attendee), link.clone())).collect());
        values
    }

    fn cases(&self) -> Vec<Case> {
        let is_shared = self.readers.len() > 1;
        let comes = self.somebody_comes();
        let is_undone = comes && self.reinstated.is_some();
        vec![
            ("several people read it", is_shared),
            ("nobody comes", !comes && !self.somebody_waits()),
            ("everybody waits", !comes && self.somebody_waits()),
            ("somebody waits", self.somebody_waits()),
            ("somebody comes", comes),
            ("one person can cancel", comes && !is_shared),
            ("several people can cancel", comes && is_shared),
            ("they were registered", comes && !is_undone && !self.is_transferred),
            ("a place was transferred", comes && !is_undone && self.is_transferred),
            ("a cancellation is undone", is_undone),
            ("the reader’s cancellation is undone", is_undone && !is_shared),
        ]
    }

    fn calendar(&self) -> Option<Attachment> {
        self.calendar.clone()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, attendee, cancelled, key, ludwig, manage, waiting};

        let anna = || attendee(3, "Anna Nagy", "ludwig@graz.example", "Member city");
        let sample = |attendees: Vec<Attendee>, reinstated| {
            let secrets = ["ludwigs-secret", "annas-secret"];
            let readers = attendees.iter().zip(secrets).map(|(one, secret)| (one.id, manage(secret))).collect();
            Self { about: about(of, attendees), reinstated, is_transferred: false, readers, calendar: None }
        };
        vec![
            ("", sample(vec![ludwig()], None)),
            ("shared", sample(vec![ludwig(), cancelled(anna())], None)),
            ("shared_with_one_waiting", sample(vec![ludwig(), waiting(anna(), 3)], None)),
            ("waiting", sample(vec![waiting(ludwig(), 3)], None)),
            ("cancelled", sample(vec![cancelled(ludwig())], None)),
            ("shared_cancelled", sample(vec![cancelled(ludwig()), cancelled(anna())], None)),
            ("reinstated", sample(vec![ludwig()], Some(key(2)))),
            ("transferred", Self { is_transferred: true, ..sample(vec![ludwig()], None) }),
            ("shared_reinstated", sample(vec![ludwig(), anna()], Some(key(3)))),
        ]
    }
}

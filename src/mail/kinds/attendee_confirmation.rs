//! An attendee's own confirmation, with the attendee's link. Attendees who share an address get one mail.

use super::{Frame, Kind, Receiver, text};
use crate::{
    domain::AttendeeId,
    mail::{
        compose::{Calendar, ComposeError, Context},
        registration::{About, row},
        shown,
        text::{Link, Placeholder, Values},
    },
    store::outbox::{Claimed, for_mails::Attendee},
};

/// What the mail needs.
pub struct AttendeeConfirmation {
    about: About,
    /// Whose cancellation was undone, if it tells of that.
    reinstated: Option<AttendeeId>,
    /// Those who read it, each with their link.
    readers: Vec<(AttendeeId, Link)>,
    calendar: Calendar,
}

impl AttendeeConfirmation {
    fn readers(&self) -> impl Iterator<Item = (&Attendee, &Link)> {
        self.readers.iter().filter_map(|(id, link)| Some((self.about.find(Some(*id))?, link)))
    }

    fn somebody_comes(&self) -> bool {
        self.readers().any(|(attendee, _)| attendee.is_coming())
    }
}

impl Kind for AttendeeConfirmation {
    const NAME: &'static str = "attendee_confirmation";
    const TITLE: &'static str = "Confirmation for an attendee";
    const RECEIVER: Receiver = Receiver::Delegate;
    const TEXT: &'static str = text!("mail/attendee_confirmation.md");
    const FRAME: Frame = Frame::Conference;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("reference", "the short code of the registration"),
        Placeholder::words("name", "the reader’s name; empty when several people read the mail"),
        Placeholder::words("contact", "the name of the person who registered them"),
        Placeholder::words("organisation", "the organisation"),
        Placeholder::words("reinstated", "the name of the other person whose cancellation is undone; else empty"),
        Placeholder::addresses("manage", "each reader’s page that shows and cancels their registration; a secret"),
    ];
    const CASES: &'static [&'static str] = &[
        "nobody comes",
        "somebody comes",
        "several people read it",
        "they were registered",
        "a cancellation is undone",
        "the reader’s cancellation is undone",
        "one person can cancel",
        "several people can cancel",
    ];

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let ids = about.readers(claimed.attendee.ok_or(ComposeError::Subject("attendee"))?)?;
        let mut tx = About::minting(context, claimed).await?;
        let mut readers = Vec::with_capacity(ids.len());
        for id in ids {
            readers.push((id, about.link(context, &mut tx, Some(id)).await?));
        }
        tx.commit().await?;
        let mut mail = Self { reinstated: about.reinstated(claimed)?, readers, calendar: None, about };
        mail.calendar = mail.somebody_comes().then(|| mail.about.calendar(context));
        Ok(mail)
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.edition.values();
        let alone = self.readers().next().filter(|_| self.readers.len() == 1).map(|(attendee, _)| attendee);
        let other = self.about.find(self.reinstated).filter(|_| alone.is_none() && self.somebody_comes());
        values.words("reference", &registration.reference);
        values.typed("name", alone.map_or("", |attendee| &attendee.name));
        // The reader may not know whoever registered them: their words are cut short.
        values.typed("contact", &shown(&registration.contact_name));
        values.typed("organisation", &shown(&registration.organisation));
        values.typed("reinstated", other.map_or("", |attendee| &attendee.name));
        values.addresses("manage", self.readers().map(|(attendee, link)| (row(attendee), link.clone())).collect());
        values
    }

    fn cases(&self) -> Vec<&'static str> {
        let is_shared = self.readers.len() > 1;
        let mut cases = Vec::new();
        cases.extend(is_shared.then_some("several people read it"));
        if !self.somebody_comes() {
            cases.push("nobody comes");
            return cases;
        }
        cases.push("somebody comes");
        cases.push(if is_shared { "several people can cancel" } else { "one person can cancel" });
        if self.reinstated.is_none() {
            cases.push("they were registered");
        } else {
            cases.push("a cancellation is undone");
            cases.extend((!is_shared).then_some("the reader’s cancellation is undone"));
        }
        cases
    }

    fn calendar(&self) -> Calendar {
        self.calendar.clone()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::{about, attendee, cancelled, key, ludwig, manage};

        let anna = || attendee(3, "Anna Nagy", "ludwig@graz.example", "Member city");
        let sample = |attendees: Vec<Attendee>, reinstated| {
            let secrets = ["ludwigs-secret", "annas-secret"];
            let readers = attendees.iter().zip(secrets).map(|(one, secret)| (one.id, manage(secret))).collect();
            Self { about: about(attendees), reinstated, readers, calendar: None }
        };
        vec![
            ("", sample(vec![ludwig()], None)),
            ("shared", sample(vec![ludwig(), cancelled(anna())], None)),
            ("cancelled", sample(vec![cancelled(ludwig())], None)),
            ("shared_cancelled", sample(vec![cancelled(ludwig()), cancelled(anna())], None)),
            ("reinstated", sample(vec![ludwig()], Some(key(2)))),
            ("shared_reinstated", sample(vec![ludwig(), anna()], Some(key(3)))),
        ]
    }
}

//! The reminder a week before the conference, for the contact or for attendees who share an address.

use crate::{
    domain::{AttendeeId, Conference},
    mail::{
        context::{ComposeError, Context},
        envelope::Attachment,
        kind::{Audience, Kind, markdown},
        registration::{About, row},
        text::{Case, Link, Values},
    },
    store::outbox::Claimed,
};

/// The data of the mail.
pub struct Reminder {
    about: About,
    /// The attendees who read it, each with their link; for the contact, `None` with the link that manages everything.
    readers: Vec<(Option<AttendeeId>, Link)>,
    calendar: Option<Attachment>,
}

impl Reminder {
    fn is_contacts(&self) -> bool {
        self.readers.iter().any(|(attendee, _)| attendee.is_none())
    }

    /// Returns how many of the people whom the mail is about have a place.
    fn coming(&self) -> usize {
        let is_read_by = |id| self.is_contacts() || self.readers.iter().any(|(attendee, _)| *attendee == Some(id));
        self.about.coming().filter(|attendee| is_read_by(attendee.id)).count()
    }

    fn name(&self) -> &str {
        match self.readers.as_slice() {
            [(None, _)] => &self.about.registration.contact_name,
            [(one, _)] => self.about.find(*one).map_or("", |attendee| &attendee.name),
            _ => "",
        }
    }
}

impl Kind for Reminder {
    const NAME: &'static str = "reminder";
    const TITLE: &'static str = "Reminder a week before the conference";
    const AUDIENCE: Audience = Audience::Delegate;
    const CAN_BE_OFF: bool = true;
    const TEXT: &'static str = markdown!("mail/reminder.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let ids: Vec<_> = match claimed.attendee {
            Some(attendee) => about.readers(attendee)?.into_iter().map(Some).collect(),
            None => vec![None],
        };
        let mut tx = About::begin_links(context, claimed).await?;
        let mut readers = Vec::with_capacity(ids.len());
        for id in ids {
            readers.push((id, about.link(context, &mut tx, id).await?));
        }
        tx.commit().await?;
        let calendar = about.coming().next().map(|_| about.calendar(context));
        Ok(Self { about, readers, calendar })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", self.name());
        let shown = self.about.coming().filter(|_| self.is_contacts());
        values.rows("coming", shown.map(row).collect());
        match self.readers.as_slice() {
            [(_, link)] => values.link("manage", link.clone()),
            several => {
                let links = several.iter().filter_map(|(one, link)| Some((row(self.about.find(*one)?), link.clone())));
                values.linked_rows("manage", links.collect());
            }
        }
        values
    }

    fn cases(&self) -> Vec<Case> {
        let coming = self.coming();
        vec![
            ("nobody comes", coming == 0),
            ("somebody comes", coming > 0),
            ("several people read it", self.readers.len() > 1),
            ("the contact reads it", self.is_contacts() && coming > 0),
        ]
    }

    fn calendar(&self) -> Option<Attachment> {
        self.calendar.clone()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, attendee, cancelled, key, ludwig, manage, zeljka};

        let eva = || attendee(3, "Eva Roth", "ludwig@graz.example", "University");
        let of_contact = |attendees| Self {
            about: about(of, attendees),
            readers: vec![(None, manage("contact-secret"))],
            calendar: None,
        };
        let shared = vec![(Some(key(2)), manage("ludwigs-secret")), (Some(key(3)), manage("evas-secret"))];
        vec![
            ("", of_contact(vec![zeljka(), ludwig()])),
            ("cancelled", of_contact(vec![cancelled(zeljka())])),
            (
                "to_the_attendee",
                Self {
                    readers: vec![(Some(key(2)), manage("ludwigs-secret"))],
                    ..of_contact(vec![zeljka(), ludwig()])
                },
            ),
            ("to_a_shared_mailbox", Self { readers: shared, ..of_contact(vec![zeljka(), ludwig(), eva()]) }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime, macros::datetime};

    use crate::mail::samples::leipzig;

    #[test]
    fn people_are_reminded_in_the_week_before_the_first_day_in_the_conferences_time_zone() {
        let conference = leipzig();
        let is_near = |instant: OffsetDateTime| conference.is_near(instant);
        // From 08:00 on Monday 21 May to 24:00 on Sunday 27 May, CEST.
        let (from, to) = (datetime!(2018-05-21 8:00 +2), datetime!(2018-05-28 0:00 +2));
        assert!(is_near(from) && is_near(to - Duration::SECOND));
        assert!(!is_near(from - Duration::SECOND) && !is_near(to));
    }
}

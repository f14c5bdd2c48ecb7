//! A registration that a mail is about, with all that several kinds of mail tell of it. Needs at table and at the door are not
//! read here: they stand in no mail.

use sqlx::PgTransaction;

use super::{
    compose::{ComposeError, Context},
    edition::Edition,
    envelope::Attachment,
    text::{Link, Row},
    unlinked,
};
use crate::{
    documents::calendar,
    domain::{AttendeeId, Conference, Stored, email},
    store::{
        outbox::{
            self, CancellationData, Claimed, ConfirmationData,
            for_mails::{self, Attendee, Registration},
        },
        registrations::{
            self,
            links::{self, Purpose, Subject},
        },
        sites,
    },
    urls,
};

/// The registration, and the conference it is for.
#[derive(Clone, Debug)]
pub struct About {
    /// The conference.
    pub conference: Conference,
    /// What mails say of it.
    pub edition: Edition,
    /// The registration.
    pub registration: Registration,
}

impl About {
    /// Reads the registration that this row is about.
    pub async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let id = claimed.registration.ok_or(ComposeError::Subject("registration"))?;
        let mut conn = context.store.read().await?;
        let registration = for_mails::get_registration(&mut conn, id).await?;
        let conference = sites::find_conference(&mut conn, &registration.conference_slug).await?;
        let conference = conference.ok_or(ComposeError::Subject("conference"))?;
        let edition = Edition::of(&conference, |path| context.absolute(path));
        Ok(Self { conference, edition, registration })
    }

    /// Those who come.
    pub fn coming(&self) -> impl Iterator<Item = &Attendee> {
        self.registration.attendees.iter().filter(|attendee| attendee.is_coming())
    }

    /// The attendee of this key.
    pub fn find(&self, id: Option<AttendeeId>) -> Option<&Attendee> {
        self.registration.attendees.iter().find(|attendee| Some(attendee.id) == id)
    }

    /// Whether the attendee is the contact.
    pub fn is_contact(&self, attendee: &Attendee) -> bool {
        let contact = (&*self.registration.contact_name, &*self.registration.contact_email);
        registrations::is_same_person((&attendee.name, &attendee.email), contact)
    }

    /// The people who read mail at this attendee's address: a shared office mailbox gets one mail for all of them.
    pub fn readers(&self, id: AttendeeId) -> Result<Vec<AttendeeId>, ComposeError> {
        let one = self.find(Some(id)).ok_or(ComposeError::Subject("attendee"))?;
        let all = self.registration.attendees.iter();
        Ok(all.filter(|attendee| email::is_same(&attendee.email, &one.email)).map(|attendee| attendee.id).collect())
    }

    /// The person whose cancellation was undone, if a confirmation tells of that and it still holds.
    pub fn reinstated(&self, claimed: &Claimed) -> Result<Option<AttendeeId>, ComposeError> {
        let data: ConfirmationData = serde_json::from_value(claimed.data.clone())?;
        Ok(self.find(data.reinstated).filter(|attendee| attendee.is_coming()).map(|attendee| attendee.id))
    }

    /// Who was cancelled just now, as far as the row says; else everybody who is.
    pub fn cancelled(&self, data: &CancellationData) -> Vec<AttendeeId> {
        let is_meant = |attendee: &&Attendee| match data.attendees.as_slice() {
            [] => attendee.is_cancelled(),
            named => named.contains(&attendee.id),
        };
        self.registration.attendees.iter().filter(is_meant).map(|attendee| attendee.id).collect()
    }

    /// The contact's name and address.
    pub fn contact(&self) -> (String, String) {
        (self.registration.contact_name.clone(), self.registration.contact_email.clone())
    }

    /// A transaction for links. None is made for an address that staff have just corrected.
    pub async fn minting(context: &Context, claimed: &Claimed) -> Result<PgTransaction<'static>, ComposeError> {
        let mut tx = context.store.begin().await?;
        if !outbox::is_still_for(&mut tx, claimed).await? {
            return Err(ComposeError::Moved);
        }
        Ok(tx)
    }

    /// The link with which an attendee, or the contact, manages the registration.
    pub async fn link(
        &self,
        context: &Context,
        tx: &mut PgTransaction<'_>,
        attendee: Option<AttendeeId>,
    ) -> Result<Link, ComposeError> {
        let Registration { conference, id: registration, .. } = self.registration;
        let secret = links::mint(tx, Purpose::Manage, Subject { conference, registration, attendee }).await?;
        Ok(Link::secret(context.absolute(&urls::public::manage(&secret.reveal()))))
    }

    /// The attendee's page at the desk.
    pub fn desk(&self, context: &Context, attendee: Option<AttendeeId>) -> Link {
        let slug = &self.registration.conference_slug;
        let path =
            attendee.map_or_else(|| urls::staff::attendees(slug), |attendee| urls::staff::attendee(slug, attendee));
        Link::open(context.absolute(&path))
    }

    /// The days of the conference for the reader's calendar.
    pub fn calendar(&self, context: &Context) -> Attachment {
        let conference = &self.conference;
        let home = context.absolute(&urls::public::home(&conference.slug));
        let entry = calendar::Entry::conference(conference, context.host(), home, self.registration.created_at);
        Attachment {
            name: format!("{}.ics", conference.slug),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: calendar::file(&conference.title, &[entry]),
        }
    }
}

/// An attendee in a list for delegates: the name, the category and, unless they come, how it stands.
pub fn row(attendee: &Attendee) -> Row {
    Row { strong: unlinked(&attendee.name), rest: String::new(), small: vec![standing(attendee)] }
}

/// The category of an attendee and, unless they come, how it stands.
pub fn standing(attendee: &Attendee) -> String {
    match &attendee.state {
        Stored::Known(_) if attendee.is_coming() => attendee.category.clone(),
        Stored::Known(state) => format!("{}, {}", attendee.category, state.as_str()),
        Stored::Newer(word) => format!("{}, {word}", attendee.category),
    }
}

/// "1 attendee", "2 attendees".
pub fn attendees(number: usize) -> String {
    if number == 1 { "1 attendee".to_owned() } else { format!("{number} attendees") }
}

/// What was typed, or that nothing was.
pub fn or_none_given(typed: &str) -> &str {
    if typed.is_empty() { "none given" } else { typed }
}

/// Data for examples.
#[cfg(test)]
pub mod samples {
    use time::macros::{date, datetime};

    use super::*;
    use crate::domain::{AttendeeState, ConferenceId, Country, Day, RegistrationId, Zone};

    /// The address that examples stand under.
    pub fn absolute(path: &str) -> String {
        format!("https://conference.example{path}")
    }

    /// A link with this secret.
    pub fn manage(secret: &str) -> Link {
        Link::secret(absolute(&format!("/manage/{secret}")))
    }

    /// The key of the attendee at this place.
    pub fn key(place: u128) -> AttendeeId {
        AttendeeId(uuid::Uuid::from_u128(place))
    }

    /// An attendee.
    pub fn attendee(place: u128, name: &str, email: &str, category: &str) -> Attendee {
        Attendee {
            id: key(place),
            name: name.to_owned(),
            email: email.to_owned(),
            job_title: String::new(),
            category: category.to_owned(),
            state: Stored::Known(AttendeeState::Confirmed),
        }
    }

    /// The same, cancelled.
    pub fn cancelled(attendee: Attendee) -> Attendee {
        Attendee { state: Stored::Known(AttendeeState::Cancelled), ..attendee }
    }

    /// Željka Horvat, CIO in Graz.
    pub fn zeljka() -> Attendee {
        Attendee { job_title: "CIO".to_owned(), ..attendee(1, "Željka Horvat", "zeljka@graz.example", "Member city") }
    }

    /// Ludwig Maier, her colleague.
    pub fn ludwig() -> Attendee {
        attendee(2, "Ludwig Maier", "ludwig@graz.example", "University")
    }

    /// A registration of these attendees by Željka Horvat.
    pub fn about(attendees: Vec<Attendee>) -> About {
        let conference = Conference {
            id: ConferenceId(uuid::Uuid::nil()),
            slug: "leipzig-2018".to_owned(),
            title: "Annual conference of Major Cities of Europe, 2018 Leipzig".to_owned(),
            theme: "Are we ready? Taking the digital city to the next level".to_owned(),
            city: "Leipzig".to_owned(),
            country: Country::parse("DE").expect("a country"),
            venue: "Kongresshalle Leipzig".to_owned(),
            venue_url: String::new(),
            hosts: String::new(),
            first_day: Day(date!(2018 - 05 - 28)),
            last_day: Day(date!(2018 - 05 - 30)),
            zone: Zone::parse("Europe/Berlin").expect("a zone"),
            contact_email: String::new(),
            contact_telephone: "+43 1 7189476-33".to_owned(),
            contact_fax: String::new(),
            registration_opens: None,
            registration_closes: None,
            is_current: true,
            revision: 1,
        };
        let registration = Registration {
            id: RegistrationId(uuid::Uuid::nil()),
            conference: conference.id,
            conference_slug: conference.slug.clone(),
            reference: "K7P-3XQM".to_owned(),
            contact_name: "Željka Horvat".to_owned(),
            contact_email: "zeljka@graz.example".to_owned(),
            contact_telephone: "+43 316 872-0".to_owned(),
            organisation: "City of Graz".to_owned(),
            city: "Graz".to_owned(),
            country: Country::parse("AT").expect("a country"),
            purchase_order: "PO-2018.4711".to_owned(),
            invoice_address: "Finance office\nHauptplatz 1\n8010 Graz".to_owned(),
            created_at: datetime!(2018-03-01 10:00 UTC),
            attendees,
        };
        About { edition: Edition::of(&conference, absolute), conference, registration }
    }

    /// The same without invoice data and without a telephone number.
    pub fn about_without_invoice(attendees: Vec<Attendee>) -> About {
        let mut about = about(attendees);
        about.registration.purchase_order.clear();
        about.registration.invoice_address.clear();
        about.registration.contact_telephone.clear();
        about
    }
}

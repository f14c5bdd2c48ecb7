//! Makes the mail of an outbox row: reads what it tells, mints the links it carries, adds the calendar file.

mod accounts;
mod error;

use lettre::Message;
use sqlx::PgTransaction;

use self::error::ComposeError;
use super::Workshop;
use crate::{
    documents::calendar,
    domain::{AttendeeId, Conference, RegistrationId, RegistrationStatus, email},
    mail::{
        Attachment, Envelope, Letter, ReplyTo, has_link,
        letters::{
            AttendeeConfirmation, Cancellation, ContactConfirmation, Edition, Guest, OperationsCancellation,
            OperationsConfirmation, Person, Reinstated,
        },
        seal, shown, unlinked, unlinked_lines,
    },
    store::{
        categories,
        links::{self, Purpose, Subject},
        mailed::{self, MailedAttendee, MailedRegistration},
        messages::{self, CancellationData, Claimed, ConfirmationData, MessageKind},
        registrations, sites,
    },
    urls,
};

/// The mail of this row, as it goes out now.
pub async fn compose(shop: &Workshop, claimed: &Claimed) -> Result<Message, ComposeError> {
    let mut delegate = None;
    let (letter, attachment) = match claimed.kind {
        MessageKind::OperationsConfirmation => {
            let about = About::read(shop, claimed).await?;
            let letter = about.operations_confirmation()?;
            delegate = Some(about.contact());
            (letter, None)
        }
        MessageKind::OperationsCancellation => {
            let about = About::read(shop, claimed).await?;
            let letter = about.operations_cancellation()?;
            delegate = Some(about.who_cancelled()?);
            (letter, None)
        }
        MessageKind::Cancellation => (About::read(shop, claimed).await?.cancellation().await?, None),
        MessageKind::ContactConfirmation => About::read(shop, claimed).await?.contact_confirmation().await?,
        MessageKind::AttendeeConfirmation => About::read(shop, claimed).await?.attendee_confirmation().await?,
        MessageKind::SetPassword => (accounts::set_password(shop, claimed).await?, None),
        MessageKind::AccountChanged => (accounts::account_changed(shop, claimed).await?, None),
    };
    // Whoever reads a mail answers the other side: delegates write to operations, operations to the delegate.
    let reply_to = match &delegate {
        Some((name, address)) => ReplyTo { name, address },
        None => ReplyTo { name: "", address: shop.settings.operations_address.as_str() },
    };
    let envelope = Envelope {
        id: claimed.id,
        host: shop.host(),
        from: &shop.settings.mail_from,
        reply_to,
        to: &claimed.recipient,
        date: shop.clock.now().into(),
    };
    Ok(seal(&envelope, &letter, attachment)?)
}

type WithFile = (Letter, Option<Attachment>);

/// A registration that a mail is about, with all that may stand in it.
struct About<'a> {
    shop: &'a Workshop,
    claimed: &'a Claimed,
    id: RegistrationId,
    registration: MailedRegistration,
    conference: Conference,
}

impl<'a> About<'a> {
    async fn read(shop: &'a Workshop, claimed: &'a Claimed) -> Result<Self, ComposeError> {
        let id = claimed.registration.ok_or(ComposeError::Subject("registration"))?;
        let mut conn = shop.store.read().await?;
        let registration = mailed::get_registration(&mut conn, id).await?;
        let conference = sites::find_conference(&mut conn, &registration.conference_slug).await?;
        let conference = conference.ok_or(ComposeError::Subject("conference"))?;
        Ok(Self { shop, claimed, id, registration, conference })
    }

    fn edition(&self) -> Edition {
        Edition::of(&self.conference, |path| self.shop.absolute(path))
    }

    fn operations_confirmation(&self) -> Result<Letter, ComposeError> {
        let registration = &self.registration;
        let mut categories: Vec<(String, usize)> = Vec::new();
        for attendee in registration.attendees.iter().filter(|attendee| !attendee.cancelled) {
            match categories.iter_mut().find(|(category, _)| *category == attendee.category) {
                Some((_, number)) => *number += 1,
                None => categories.push((attendee.category.clone(), 1)),
            }
        }
        let letter = OperationsConfirmation {
            frame: self.edition(),
            reference: registration.reference.clone(),
            registered: self.conference.zone.zoned_moment(registration.created_at),
            organisation: unlinked(&registration.organisation),
            city: unlinked(&registration.city),
            country: registration.country.to_string(),
            contact: unlinked(&registration.contact_name),
            contact_email: registration.contact_email.clone(),
            contact_telephone: unlinked(&registration.contact_telephone),
            purchase_order: unlinked(&registration.purchase_order),
            invoice_address: unlinked_lines(&registration.invoice_address),
            people: registration.attendees.iter().map(guest).collect(),
            categories,
            reinstated: self.reinstated_attendee()?.map(|attendee| unlinked(&attendee.name)).unwrap_or_default(),
            taken_apart: self.has_link(),
            desk: self.desk(self.reinstated_attendee()?.or(registration.attendees.first())),
        };
        Ok(letter.letter()?)
    }

    fn operations_cancellation(&self) -> Result<Letter, ComposeError> {
        let registration = &self.registration;
        let data = self.cancellation_data()?;
        let letter = OperationsCancellation {
            frame: self.edition(),
            reference: registration.reference.clone(),
            organisation: unlinked(&registration.organisation),
            city: unlinked(&registration.city),
            country: registration.country.to_string(),
            people: self.cancelled(&data).map(guest).collect(),
            reason: unlinked_lines(&data.reason),
            remaining: self.remaining(),
            desk: self.desk(self.cancelled(&data).next()),
        };
        Ok(letter.letter()?)
    }

    async fn cancellation(&self) -> Result<Letter, ComposeError> {
        let data = self.cancellation_data()?;
        let own = self.claimed.attendee.map(|id| self.of_address(id)).transpose()?;
        let names: Vec<String> = self
            .cancelled(&data)
            .filter(|attendee| own.as_ref().is_none_or(|own| own.iter().any(|one| one.id == attendee.id)))
            .map(|attendee| unlinked(&attendee.name))
            .collect();
        let greeting = match (&own, names.as_slice()) {
            (None, _) => unlinked(&self.registration.contact_name),
            (Some(_), [name]) => name.clone(),
            (Some(_), _) => EVERYBODY.to_owned(),
        };
        let letter = Cancellation {
            frame: self.edition(),
            reference: self.registration.reference.clone(),
            greeting,
            names,
            reason: unlinked_lines(&data.reason),
            remaining: if own.is_none() { self.remaining() } else { 0 },
            can_register: self.can_register().await?,
        };
        Ok(letter.letter()?)
    }

    async fn contact_confirmation(&self) -> Result<WithFile, ComposeError> {
        let registration = &self.registration;
        let mut tx = self.minting().await?;
        let manage = self.link(&mut tx, None).await?;
        tx.commit().await?;
        let letter = ContactConfirmation {
            frame: self.edition(),
            reference: registration.reference.clone(),
            contact: unlinked(&registration.contact_name),
            people: registration.attendees.iter().map(|attendee| person(attendee, String::new())).collect(),
            comes: registration.attendees.iter().any(|attendee| !attendee.cancelled && self.is_contact(attendee)),
            others: registration
                .attendees
                .iter()
                .any(|attendee| !attendee.cancelled && !email::is_same(&attendee.email, &registration.contact_email)),
            purchase_order: unlinked(&registration.purchase_order),
            invoice_address: unlinked_lines(&registration.invoice_address),
            reinstated: self.reinstated(|attendee| self.is_contact(attendee))?,
            manage,
        };
        Ok((letter.letter()?, (self.remaining() > 0).then(|| self.calendar())))
    }

    async fn attendee_confirmation(&self) -> Result<WithFile, ComposeError> {
        let registration = &self.registration;
        let own = self.of_address(self.claimed.attendee.ok_or(ComposeError::Subject("attendee"))?)?;
        let mut tx = self.minting().await?;
        let mut people = Vec::with_capacity(own.len());
        for attendee in &own {
            people.push(person(attendee, self.link(&mut tx, Some(attendee.id)).await?));
        }
        tx.commit().await?;
        let standing = own.iter().any(|attendee| !attendee.cancelled);
        let letter = AttendeeConfirmation {
            frame: self.edition(),
            reference: registration.reference.clone(),
            greeting: if let [one] = own.as_slice() { unlinked(&one.name) } else { EVERYBODY.to_owned() },
            contact: shown(&registration.contact_name),
            organisation: shown(&registration.organisation),
            people,
            standing,
            reinstated: self.reinstated(|_| own.len() == 1)?,
        };
        Ok((letter.letter()?, standing.then(|| self.calendar())))
    }

    fn is_contact(&self, attendee: &MailedAttendee) -> bool {
        let contact = (&*self.registration.contact_name, &*self.registration.contact_email);
        registrations::is_same_person((&attendee.name, &attendee.email), contact)
    }

    /// The people who read mail at this attendee's address: a shared office mailbox gets one mail for all of them.
    fn of_address(&self, id: AttendeeId) -> Result<Vec<&MailedAttendee>, ComposeError> {
        let all = &self.registration.attendees;
        let one = all.iter().find(|attendee| attendee.id == id).ok_or(ComposeError::Subject("attendee"))?;
        Ok(all.iter().filter(|attendee| email::is_same(&attendee.email, &one.email)).collect())
    }

    fn cancellation_data(&self) -> Result<CancellationData, ComposeError> {
        Ok(serde_json::from_value(self.claimed.data.clone())?)
    }

    /// The person whose cancellation was undone, if the mail tells of that and it still holds.
    fn reinstated_attendee(&self) -> Result<Option<&MailedAttendee>, ComposeError> {
        let data: ConfirmationData = serde_json::from_value(self.claimed.data.clone())?;
        let mut all = self.registration.attendees.iter();
        Ok(all.find(|attendee| !attendee.cancelled && data.reinstated == Some(attendee.id)))
    }

    /// That person, as the mail tells of them; `is_reader` says whether it is written to them alone.
    fn reinstated(&self, is_reader: impl Fn(&MailedAttendee) -> bool) -> Result<Option<Reinstated>, ComposeError> {
        Ok(self.reinstated_attendee()?.map(|attendee| {
            if is_reader(attendee) { Reinstated::Reader } else { Reinstated::Other(unlinked(&attendee.name)) }
        }))
    }

    /// Whether a delegate typed something into the form that would become a link in a mail.
    fn has_link(&self) -> bool {
        let about = &self.registration;
        let of_all = [
            &about.organisation,
            &about.city,
            &about.contact_name,
            &about.contact_telephone,
            &about.purchase_order,
            &about.invoice_address,
        ];
        let of_each = about.attendees.iter().flat_map(|attendee| [&attendee.name, &attendee.job_title]);
        of_all.into_iter().chain(of_each).any(|typed| has_link(typed))
    }

    /// The contact's name and address.
    fn contact(&self) -> (String, String) {
        (self.registration.contact_name.clone(), self.registration.contact_email.clone())
    }

    /// The name and address of the delegate who cancelled: an attendee with their own link, else the contact.
    fn who_cancelled(&self) -> Result<(String, String), ComposeError> {
        let by = self.cancellation_data()?.by;
        let attendee = self.registration.attendees.iter().find(|attendee| by == Some(attendee.id));
        Ok(attendee.map_or_else(|| self.contact(), |attendee| (attendee.name.clone(), attendee.email.clone())))
    }

    /// Whether somebody can register now.
    async fn can_register(&self) -> Result<bool, ComposeError> {
        let mut conn = self.shop.store.read().await?;
        let places = categories::availability(&mut conn, self.registration.conference).await?;
        let window = self.conference.window().at(self.shop.clock.now());
        Ok(RegistrationStatus::of(window, places).can_register())
    }

    /// Who was cancelled just now, as far as the row says; else everybody who is.
    fn cancelled(&self, data: &CancellationData) -> impl Iterator<Item = &MailedAttendee> {
        let now = data.attendees.clone();
        self.registration
            .attendees
            .iter()
            .filter(move |attendee| if now.is_empty() { attendee.cancelled } else { now.contains(&attendee.id) })
    }

    fn remaining(&self) -> usize {
        self.registration.attendees.iter().filter(|attendee| !attendee.cancelled).count()
    }

    /// A transaction for links. None is made for an address that staff have just corrected.
    async fn minting(&self) -> Result<PgTransaction<'static>, ComposeError> {
        let mut tx = self.shop.store.begin().await?;
        if !messages::is_still_for(&mut tx, self.claimed).await? {
            return Err(ComposeError::Moved);
        }
        Ok(tx)
    }

    async fn link(&self, tx: &mut PgTransaction<'_>, attendee: Option<AttendeeId>) -> Result<String, ComposeError> {
        let subject = Subject { conference: self.registration.conference, registration: self.id, attendee };
        let secret = links::mint(tx, Purpose::Manage, subject).await?;
        Ok(self.shop.absolute(&urls::public::manage(&secret.reveal())))
    }

    /// The attendee's page at the desk.
    fn desk(&self, attendee: Option<&MailedAttendee>) -> String {
        let slug = &self.registration.conference_slug;
        let path =
            attendee.map_or_else(|| urls::staff::attendees(slug), |attendee| urls::staff::attendee(slug, attendee.id));
        self.shop.absolute(&path)
    }

    fn calendar(&self) -> Attachment {
        let conference = &self.conference;
        let home = self.shop.absolute(&urls::public::home(&conference.slug));
        let entry = calendar::Entry::conference(conference, self.shop.host(), home, self.registration.created_at);
        Attachment {
            name: format!("{}.ics", conference.slug),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: calendar::file(&conference.title, &[entry]),
        }
    }
}

/// Whom a mail greets that several people read.
const EVERYBODY: &str = "everybody";

fn person(attendee: &MailedAttendee, manage: String) -> Person {
    Person {
        name: unlinked(&attendee.name),
        category: attendee.category.clone(),
        cancelled: attendee.cancelled,
        manage,
    }
}

fn guest(attendee: &MailedAttendee) -> Guest {
    Guest {
        name: unlinked(&attendee.name),
        email: attendee.email.clone(),
        job_title: unlinked(&attendee.job_title),
        category: attendee.category.clone(),
        cancelled: attendee.cancelled,
    }
}

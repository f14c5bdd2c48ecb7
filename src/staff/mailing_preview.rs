//! The preview of a mailing with the data of a real person, and a test of it to its author.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use time::Duration;
use uuid::Uuid;

use super::{attendee_of, mailing_form::Draft};
use crate::{
    domain::{AttendeeId, AuditKind, MailingReaders, RegistrationId, SignedIn, email},
    mail::{About, Link, Mailing, Reader},
    store::{
        audit::{self, Actor, Entry},
        mailings::{self, Counted, Readers},
        outbox::{self, Kind, MailingTestData, NewMessage, for_mails},
        rate_limits::{self, Attempt, Rule},
    },
    urls,
    web::{App, AppError, Result, Site, Submitted},
};

/// Five at once, then one a minute.
const TESTS: Rule = Rule { name: "mailing_test", burst: 5, refill: Duration::minutes(1) };

/// A mailing as one of its readers gets it.
pub struct Preview {
    /// The attendee, or the first one of the registration.
    pub attendee: AttendeeId,
    /// The name of the reader.
    pub name: String,
    /// Which of the mails it is, counted from 1.
    pub place: usize,
    /// How many mails there are, and for how many people and addresses.
    pub counted: Counted,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// Identifies what is sent, to whom and when, so that nothing is sent that nobody has seen.
    pub seen: String,
    registration: RegistrationId,
    reader: Option<AttendeeId>,
    people: Vec<AttendeeId>,
}

/// The fields of the form that a preview does not depend on: the buttons, who is shown, and the form's own.
const NOT_SEEN: [&str; 8] = ["preview", "previous", "next", "send", "test", "person", "seen", "submission"];

/// Identifies what this form sends to these readers.
fn seen(form: &Submitted, readers: &[AttendeeId]) -> String {
    let fields = form.fields().iter().filter(|(name, _)| !NOT_SEEN.contains(&name.as_str()));
    let digest = fields.fold(Sha256::new(), |digest, (name, value)| {
        digest.chain_update(name).chain_update([0]).chain_update(value).chain_update([0])
    });
    let mut readers = readers.to_vec();
    readers.sort_unstable();
    let digest = readers.iter().fold(digest, |digest, id| digest.chain_update(id.0.as_bytes()));
    HEXLOWER.encode(&digest.finalize())
}

impl Preview {
    /// Returns the preview that the form asks for; `None` if nobody gets the mail.
    pub async fn of(
        app: &App,
        site: &Site,
        form: &Submitted,
        readers: Readers<'_>,
        mailing: &Mailing,
    ) -> Result<Option<Self>> {
        let (all, counted) = {
            let mut conn = app.store.read().await?;
            (mailings::list_readers(&mut conn, readers).await?, mailings::count(&mut conn, readers).await?)
        };
        let Some(last) = all.len().checked_sub(1) else { return Ok(None) };
        let shown = form.get("person").parse().ok().and_then(|id: AttendeeId| all.iter().position(|one| *one == id));
        let at = match shown {
            Some(at) if form.has("next") => (at + 1).min(last),
            Some(at) if form.has("previous") => at.saturating_sub(1),
            shown => shown.unwrap_or(0),
        };
        let attendee = all[at];
        let detail = attendee_of(app, site, attendee).await?;
        let (registration, slug) = (detail.registration.id, &site.conference.slug);
        let data = for_mails::get_registration(&mut *app.store.read().await?, registration).await?;
        let about = About::new(site.conference.clone(), data, |path| app.absolute(path));
        let is_contact = readers.who == MailingReaders::Contacts;
        let of_view = about.registration.attendees.iter().filter(|one| {
            is_contact && readers.attendees.contains(&one.id.0) && (readers.with_cancelled || !one.is_cancelled())
        });
        let people: Vec<_> = of_view.map(|one| one.id).collect();
        let link = Link::open(app.absolute(&urls::staff::attendee(slug, attendee)));
        let reader = Reader { about, attendee: (!is_contact).then_some(attendee), people: people.clone(), link };
        let rendered = mailing.render(&reader).map_err(AppError::internal)?;
        Ok(Some(Self {
            attendee,
            name: if is_contact { detail.registration.contact_name.clone() } else { detail.attendee.name.clone() },
            place: at + 1,
            counted,
            subject: rendered.subject,
            text: rendered.text,
            seen: seen(form, &all),
            registration,
            reader: reader.attendee,
            people,
        }))
    }

    /// Returns how many mails there are.
    pub fn mails(&self) -> i64 {
        self.counted.mails
    }

    /// Whether it is the last one.
    pub fn is_last(&self) -> bool {
        usize::try_from(self.mails()).is_ok_and(|mails| self.place >= mails)
    }

    /// Sends the mail to its author. Returns the seconds to wait if that was done too often.
    pub async fn test(&self, app: &App, site: &Site, person: &SignedIn, draft: &Draft) -> Result<Option<u32>> {
        let conference = Some(site.conference.id);
        let data = MailingTestData {
            registration: self.registration,
            attendee: self.reader,
            people: self.people.clone(),
            subject: draft.mailing.subject.clone(),
            text: draft.mailing.text.clone(),
            instead: draft.mailing.instead.clone(),
        };
        let mut tx = app.store.begin().await?;
        if let Attempt::TooMany { retry_after } =
            rate_limits::take(&mut tx, TESTS, &email::mailbox(&person.email)).await?
        {
            return Ok(Some(retry_after));
        }
        // It belongs to no registration, so it is not listed among the mails of the person whose data it shows.
        let mail = NewMessage {
            kind: Kind("mailing_test"),
            recipient: &person.email,
            conference,
            registration: None,
            attendee: None,
            account: Some(person.account),
            data: data.into(),
        };
        let id = outbox::enqueue(&mut tx, mail).await?;
        let entry = Entry::of(AuditKind::MailingTested, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference, subject: Some(id.0), ..entry }).await?;
        tx.commit().await?;
        app.outbox.notify_one();
        Ok(None)
    }
}

/// Returns who reads a draft.
pub fn readers_of<'a>(draft: &Draft, site: &Site, attendees: &'a [Uuid], with_cancelled: bool) -> Readers<'a> {
    Readers {
        conference: site.conference.id,
        attendees,
        who: draft.mailing.readers,
        with_cancelled,
        needed: draft.mailing.needed(),
    }
}

//! `/staff/{c}/attendees/{attendee}`: everything about one attendee.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use super::{attendee_of, fields, query::ListQuery};
use crate::{
    access::{Person, ResumedForm},
    domain::{Action, AnswerReaders, AskedOf, AttendeeId, AttendeeState, AuditKind, SignedIn, Stored},
    store::{
        audit::{self, HistoryEntry},
        outbox::{self, Message, MessageState},
        registrations::{
            self, RegisteredAttendee, SamePerson,
            amounts::{self, Amounts},
            answers::{self, GivenAnswer},
            attendees::{self, AttendeeNote, Detail},
            batches::{self, BatchKind, BatchOf},
            questions,
        },
    },
    urls,
    web::{App, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/attendee.html")]
pub struct AttendeePage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    /// The answers that everybody at the desk may see: those of the attendee, and those about the registration.
    answers: Vec<GivenAnswer>,
    /// Whether there are answers that only people who may read needs see.
    has_guarded_answers: bool,
    /// Whether there are questions about the registration.
    asks_registration: bool,
    /// Whether needs are kept; the page does not say what they are.
    has_needs: bool,
    /// What the registration owes and has paid; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    /// Others with the same name and address who are not cancelled.
    same: Vec<SamePerson>,
    /// The mails to this attendee, or to the contact if the attendee is the contact.
    mails: Vec<Message>,
    /// The other mails about the registration.
    other_mails: Vec<Message>,
    notes: Vec<AttendeeNote>,
    /// The note that was sent, if it has an error.
    pub form: Submitted,
    pub errors: Errors,
    history: Vec<HistoryEntry>,
    /// What was done to this attendee and many others at once.
    batches: Vec<BatchOf>,
    /// What has just been done, as the address says it.
    done: String,
    /// The list that the page leads back to.
    list: ListQuery,
    /// The minutes to wait before a confirmation can be sent again, if it was sent too often.
    pub wait: Option<u32>,
}

/// `GET /staff/{c}/attendees/{attendee}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    uri: Uri,
    resumed: ResumedForm,
) -> Result {
    let mut attendee = AttendeePage::of(&app, &person, &site, attendee_of(&app, &site, attendee).await?).await?;
    let asked = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    asked.get("done").clone_into(&mut attendee.done);
    attendee.list = ListQuery::read(Some(asked.get("list")));
    attendee.form = resumed.shown_in(&mut attendee.desk).unwrap_or_default();
    page(&attendee)
}

impl AttendeePage {
    /// Creates the page of this attendee.
    pub async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, detail: Detail) -> Result<Self> {
        let mut conn = app.store.read().await?;
        let (registration, attendee) = (detail.registration.id, detail.attendee.id);
        let mut answers = answers::list(&mut conn, registration, AnswerReaders::Desk).await?;
        answers.retain(|answer| answer.is_about(attendee));
        let (mails, other_mails) = outbox::list_of_registration(&mut conn, registration)
            .await?
            .into_iter()
            .partition(|mail| mail.to_attendee == Some(attendee) || mail.is_to_contact() && detail.is_the_contact());
        let asked = questions::asked(&mut conn, site.conference.id).await?;
        let guarded = answers::list(&mut conn, registration, AnswerReaders::Needs).await?;
        Ok(Self {
            answers,
            asks_registration: asked.iter().any(|question| question.asked_of == AskedOf::Registration),
            has_guarded_answers: guarded.iter().any(|answer| answer.is_about(attendee)),
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            site: site.clone(),
            has_needs: attendees::list_with_needs(&mut conn, detail.registration.id)
                .await?
                .contains(&detail.attendee.id),
            amounts: amounts::find(&mut conn, site.conference.id, detail.registration.id).await?,
            same: registrations::list_registered_again(&mut conn, site.conference.id, attendee).await?,
            mails,
            other_mails,
            notes: attendees::list_notes(&mut conn, attendee).await?,
            form: Submitted::default(),
            errors: Errors::default(),
            batches: batches::list_of_attendee(&mut conn, site.conference.id, attendee).await?,
            history: audit::history(&mut conn, detail.registration.id, detail.attendee.id).await?,
            detail,
            done: String::new(),
            list: ListQuery::default(),
            wait: None,
        })
    }

    /// Whether the heading has the focus, so that a screen reader says the name first and the next key reaches the actions. Otherwise a
    /// notice or an error has it.
    fn is_heading_first(&self) -> bool {
        self.errors.is_empty() && self.wait.is_none() && self.done != "registered"
    }

    fn is_active(&self) -> bool {
        self.detail.attendee.is_active()
    }

    /// Returns when the consent to keep needs was withdrawn, if it was.
    fn withdrawn_at(&self) -> Option<OffsetDateTime> {
        self.history.iter().find(|entry| entry.kind == AuditKind::ConsentWithdrawn.as_str()).map(|entry| entry.at)
    }

    /// Whether staff can set what remains owed for the attendee.
    fn can_settle(&self, amounts: &Amounts) -> bool {
        let attendee = &self.detail.attendee;
        attendee.is_cancelled() && amounts.agreed(attendee.id).is_positive() && self.desk.may(Action::RecordPayments)
    }

    /// Returns the address of the line in the list that the page leads back to.
    fn back(&self) -> String {
        format!("{}#{}", self.list.address(&self.site.conference.slug), self.detail.attendee.id)
    }

    fn registration_choices(&self) -> String {
        urls::staff::registration_choices(self.slug(), self.detail.attendee.id)
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn colleague(&self, other: &RegisteredAttendee) -> String {
        urls::staff::attendee(&self.site.conference.slug, other.id)
    }

    fn same(&self, other: &SamePerson) -> String {
        urls::staff::attendee(&self.site.conference.slug, other.attendee)
    }

    fn note_remove(&self, note: &AttendeeNote) -> String {
        urls::staff::note_remove(self.slug(), self.detail.attendee.id, note.id)
    }

    fn mail(&self, mail: &Message) -> String {
        urls::staff::message(&self.site.conference.slug, mail.id)
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}

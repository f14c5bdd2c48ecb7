//! `/staff/{c}/waiting`: the queue of each category, the offers of places, and moving somebody to another position.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use crate::{
    access::{Person, ResumedForm},
    domain::{Action, AttendeeId, MoveReason, OfferOutcome, SignedIn, Stored},
    store::registrations::queue::{self, InQueue, ListedOffer, Moving},
    urls,
    web::{App, Current, Desk, DeskNav, Errors, Missing, Result, Site, Submitted, page, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/waiting.html")]
struct WaitingPage {
    desk: Desk,
    site: Arc<Site>,
    /// Everybody who waits, in the order of the categories and of their queues.
    queue: Vec<InQueue>,
    /// The offers: first those that are open.
    offers: Vec<ListedOffer>,
    form: Submitted,
    errors: Errors,
    /// Whether somebody was just moved.
    moved: bool,
}

/// The error messages of the form (`templates/staff/waiting_errors.txt`).
#[derive(Template)]
#[template(path = "staff/waiting_errors.txt")]
enum ErrorMessage {
    /// Nobody was chosen, or somebody who does not wait any more.
    Nobody,
    /// The text is not a position.
    NoPosition,
}

/// `GET /staff/{c}/waiting`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let mut again = WaitingPage::of(&app, &person, &site, Submitted::default()).await?;
    // A link on an attendee's page chooses the attendee.
    let asked = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    again.moved = asked.get("done") == "moved";
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(asked);
    page(&again)
}

/// `POST /staff/{c}/waiting`: moves somebody to another position in the queue of their category.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let mut errors = Errors::default();
    let attendee: Option<AttendeeId> = form.get("attendee").parse().ok();
    if attendee.is_none() {
        errors.add("attendee", &ErrorMessage::Nobody);
    }
    let position = form.line("position").parse::<i64>().ok().filter(|position| (1..=100_000).contains(position));
    if position.is_none() {
        errors.add("position", &ErrorMessage::NoPosition);
    }
    let reason = errors.check_required("reason", MoveReason::parse(form.get("reason")), Missing::Reason);
    if let (Some(attendee), Some(position), Some(reason)) = (attendee, position, &reason) {
        let mut tx = app.store.begin().await?;
        let moving = Moving { conference: site.conference.id, attendee, position, reason, by: person.account };
        if queue::move_to(&mut tx, moving).await?.is_some() {
            tx.commit().await?;
            return Ok(see_other(&urls::staff::waiting_done(&site.conference.slug)));
        }
        errors.add("attendee", &ErrorMessage::Nobody);
    }
    let mut again = WaitingPage::of(&app, &person, &site, form).await?;
    again.errors = errors;
    unprocessable(&again)
}

impl WaitingPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, form: Submitted) -> Result<Self> {
        let mut conn = app.store.read().await?;
        Ok(Self {
            desk: Desk::new(DeskNav::Waiting, Some(site), person),
            site: site.clone(),
            queue: queue::list(&mut conn, site.conference.id).await?,
            offers: queue::list_offers(&mut conn, site.conference.id).await?,
            form,
            errors: Errors::default(),
            moved: false,
        })
    }

    /// Returns the queues of the categories in which somebody waits.
    fn queues(&self) -> impl Iterator<Item = &[InQueue]> {
        self.queue.chunk_by(|one, next| one.category == next.category)
    }

    fn open(&self) -> impl Iterator<Item = &ListedOffer> {
        self.offers.iter().filter(|offer| offer.ended.is_none())
    }

    /// Returns the offers that have ended, each with what became of it and when.
    fn ended(&self) -> impl Iterator<Item = (&ListedOffer, String, OffsetDateTime)> {
        self.offers.iter().filter_map(|offer| {
            let (outcome, at) = offer.ended.clone()?;
            let words = match outcome {
                Stored::Known(OfferOutcome::Withdrawn) => "withdrawn, because the attendee was cancelled".to_owned(),
                Stored::Known(outcome) => outcome.to_string(),
                Stored::Newer(word) => word,
            };
            Some((offer, words, at))
        })
    }

    /// Returns those who wait, for the choice of whom to move.
    fn options(&self) -> Vec<(String, String)> {
        let option = |one: &InQueue| {
            let words = format!("{}, number {} ({}, {})", one.name, one.position, one.category_name, one.organisation);
            (one.attendee.to_string(), words)
        };
        self.queue.iter().map(option).collect()
    }

    fn attendee(&self, id: &AttendeeId) -> String {
        urls::staff::attendee(&self.site.conference.slug, *id)
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}

//! `/staff/{c}/waiting`: the queue of each category, the offers of places, and moving somebody to another position.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use crate::{
    access::{Person, ResumedForm},
    domain::{Action, AttendeeId, CategoryId, MoveReason, OfferOutcome, Stored, text::grouped},
    store::registrations::queue::{self, InQueue, ListedOffer, Moving, PAGE, Part},
    urls,
    web::{App, Current, Desk, DeskNav, Errors, Missing, Result, Site, Submitted, page, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/waiting.html")]
struct WaitingPage {
    desk: Desk,
    site: Arc<Site>,
    /// Those who wait, in the order of the categories and of their queues: a page of each queue, or of one.
    queue: Vec<InQueue>,
    part: Part,
    /// The offers: first those that are open.
    offers: Vec<ListedOffer>,
    form: Submitted,
    errors: Errors,
    /// Whether somebody was just moved.
    moved: bool,
}

/// The highest position that can be asked for.
const MOST: i64 = 100_000;

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
    // A link on an attendee's page chooses the attendee.
    let asked = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let category: Option<CategoryId> = asked.get("category").parse().ok();
    let from = asked.line("from").parse().ok().filter(|from| (1..=MOST).contains(from)).unwrap_or(1);
    let moved: Option<AttendeeId> = asked.get("moved").parse().ok();
    let mut desk = Desk::new(DeskNav::Waiting, Some(&site), &person);
    let form = resumed.shown_in(&mut desk).unwrap_or(asked);
    let part = Part { category, from, chosen: moved.or_else(|| form.get("attendee").parse().ok()) };
    page(&WaitingPage { moved: moved.is_some(), ..WaitingPage::of(&app, desk, &site, (form, part)).await? })
}

/// `POST /staff/{c}/waiting`: moves somebody to another position in the queue of their category.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let mut errors = Errors::default();
    let attendee: Option<AttendeeId> = form.get("attendee").parse().ok();
    if attendee.is_none() {
        errors.add("attendee", &ErrorMessage::Nobody);
    }
    let position = form.line("position").parse::<i64>().ok().filter(|position| (1..=MOST).contains(position));
    if position.is_none() {
        errors.add("position", &ErrorMessage::NoPosition);
    }
    let reason = errors.check_required("reason", MoveReason::parse(form.get("reason")), Missing::Reason);
    if let (Some(attendee), Some(position), Some(reason)) = (attendee, position, &reason) {
        let mut tx = app.store.begin().await?;
        let moving = Moving { conference: site.conference.id, attendee, position, reason, by: person.account };
        if queue::move_to(&mut tx, moving).await?.is_some() {
            tx.commit().await?;
            return Ok(see_other(&urls::staff::moved_in_waiting(&site.conference.slug, attendee)));
        }
        errors.add("attendee", &ErrorMessage::Nobody);
    }
    let desk = Desk::new(DeskNav::Waiting, Some(&site), &person);
    let part = Part { category: None, from: 1, chosen: attendee };
    unprocessable(&WaitingPage { errors, ..WaitingPage::of(&app, desk, &site, (form, part)).await? })
}

impl WaitingPage {
    async fn of(app: &App, desk: Desk, site: &Arc<Site>, (form, mut part): (Submitted, Part)) -> Result<Self> {
        let mut conn = app.store.read().await?;
        let mut queue = queue::list(&mut conn, site.conference.id, part).await?;
        if part.from > 1 && queue.iter().all(|one| one.position < part.from) {
            // The queue no longer reaches this position.
            part.from = 1;
            queue = queue::list(&mut conn, site.conference.id, part).await?;
        }
        Ok(Self {
            desk,
            site: site.clone(),
            queue,
            part,
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

    /// Returns the addresses of the pages of a queue before and after what is shown of it.
    fn turns(&self, queue: &[InQueue]) -> (Option<String>, Option<String>) {
        let page = |from| urls::staff::waiting_from(&self.site.conference.slug, queue[0].category, from);
        let from = self.part.from;
        let earlier = (from > 1).then(|| page((from - PAGE).max(1)));
        (earlier, (from + PAGE <= queue[0].length).then(|| page(from + PAGE)))
    }

    /// Returns which of a queue are shown: "51–100 of 2,000".
    fn range(&self, queue: &[InQueue]) -> String {
        let (from, length) = (self.part.from, queue[0].length);
        format!("{}–{} of {}", grouped(from), grouped(length.min(from + PAGE - 1)), grouped(length))
    }

    /// Returns how to move somebody who is not shown, if there may be anybody.
    fn hint(&self) -> &'static str {
        let has_more = self.part.category.is_some() || self.queues().any(|queue| queue[0].length > PAGE);
        if has_more { "To move somebody who is not listed above, open their page and follow Move there." } else { "" }
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

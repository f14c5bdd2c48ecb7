//! `/staff/{c}/attendees/{attendee}/reinstate`: explains the consequences and undoes a cancellation if a place is free.

use askama::Template;
use axum::{extract::State, http::StatusCode};

use super::attendee_of;
use crate::{
    access::Person,
    domain::{AttendeeId, Capacity, Code, SignedIn},
    store::{
        audit::Actor,
        registrations::{
            self, RegisteredAttendee, ReinstateError, Reinstating, SamePerson, attendees::Detail, categories, codes,
        },
    },
    urls,
    web::{App, Current, Desk, DeskNav, Named, Result, Site, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/reinstate.html")]
struct ReinstatePage {
    desk: Desk,
    slug: String,
    detail: Detail,
    /// The same person with a place on the same registration, if any. Then the cancellation cannot be undone.
    twin: Option<AttendeeId>,
    /// Other registrations on which the same person has a place now.
    elsewhere: Vec<SamePerson>,
    /// What has no free place, with its capacity: the conference, the category, or both.
    full: Vec<(String, Capacity)>,
    /// How many people on the waiting list come first.
    ahead: i64,
    /// The attendee's code, if as many people as can use it do.
    used_up: Option<Code>,
    /// Whether the person has just tried to undo the cancellation and there was no free place.
    refused: bool,
}

/// `GET /staff/{c}/attendees/{attendee}/reinstate`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    page(&ReinstatePage::of(&app, &person, &site, detail).await?)
}

/// `POST /staff/{c}/attendees/{attendee}/reinstate`. If the attendee is not cancelled, nothing changes and no mail is
/// sent.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let id = detail.attendee.id;
    let mut tx = app.store.begin().await?;
    let reinstating = Reinstating {
        conference: site.conference.id,
        registration: detail.registration.id,
        attendee: id,
        by: Actor::Account(person.account),
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    match registrations::reinstate(&mut tx, reinstating).await {
        Ok(true) => {
            tx.commit().await?;
            app.outbox.notify_one();
            return Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, id, "reinstated")));
        }
        Ok(false) => return Ok(see_other(&urls::staff::attendee(&site.conference.slug, id))),
        Err(ReinstateError::Full | ReinstateError::Awaited | ReinstateError::CodeUsedUp | ReinstateError::Twice) => {}
        Err(ReinstateError::Database(error)) => return Err(error.into()),
    }
    drop(tx);
    let mut again = ReinstatePage::of(&app, &person, &site, detail).await?;
    again.refused = true;
    reply::with_status(StatusCode::CONFLICT, &again)
}

impl ReinstatePage {
    async fn of(app: &App, person: &SignedIn, site: &std::sync::Arc<Site>, detail: Detail) -> Result<Self> {
        let mut conn = app.store.read().await?;
        let conference = site.conference.id;
        let (same, elsewhere): (Vec<_>, Vec<_>) =
            registrations::list_registered_again(&mut conn, conference, detail.attendee.id)
                .await?
                .into_iter()
                .partition(|other| other.reference == detail.registration.reference);
        let ahead = registrations::count_ahead(&mut conn, conference, detail.attendee.id).await?;
        let offer = categories::offer(&mut conn, conference, app.clock.now()).await?;
        let category = offer.categories.into_iter().find(|category| category.name == detail.attendee.category_name);
        let code = codes::find_of_attendee(&mut conn, detail.attendee.id).await?;
        let is_kept = code.as_ref().is_some_and(|code| code.kept > 0);
        let counted = [
            Some(("The conference".to_owned(), offer.whole)),
            category.map(|category| (category.name, category.capacity)),
        ];
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            slug: site.conference.slug.clone(),
            twin: same.first().map(|other| other.attendee),
            elsewhere,
            ahead,
            used_up: code.filter(|code| code.left.is_some_and(|left| left <= 0)).map(|code| code.code),
            full: counted.into_iter().flatten().filter(|(_, capacity)| capacity.is_full() && !is_kept).collect(),
            detail,
            refused: false,
        })
    }

    fn is_cancelled(&self) -> bool {
        self.detail.attendee.is_cancelled()
    }

    /// Returns the others on the registration who stay cancelled.
    fn colleagues(&self) -> Vec<&RegisteredAttendee> {
        self.detail.registration.cancelled().filter(|other| other.id != self.detail.attendee.id).collect()
    }

    fn attendee(&self, id: &AttendeeId) -> String {
        urls::staff::attendee(&self.slug, *id)
    }
}

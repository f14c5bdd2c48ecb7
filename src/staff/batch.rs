//! `/staff/{c}/batches/{batch}`: what was done to many attendees at once, and undoing it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::{Action, BatchId, SignedIn, text::grouped},
    store::registrations::{
        batches::{self, Batch, BatchKind, BatchPerson, Standing},
        undoing::{self, Undoing},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Site, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/batch.html")]
struct BatchPage {
    desk: Desk,
    site: Arc<Site>,
    batch: Batch,
}

/// `GET /staff/{c}/batches/{batch}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(batch): Named<BatchId>,
) -> Result {
    let found = batches::find(&mut *app.store.read().await?, site.conference.id, batch).await?;
    let batch = found.ok_or(AppError::NotFound)?;
    page(&BatchPage { desk: Desk::new(DeskNav::Attendees, Some(&site), &person), site, batch })
}

/// `POST /staff/{c}/batches/{batch}/undo`: undoes it as far as places are left. Nothing happens if somebody else has.
pub async fn undo(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(batch): Named<BatchId>,
) -> Result {
    let mut tx = app.store.begin().await?;
    undoing::undo(&mut tx, undoing_of(&app, &site, &person, batch)).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::batch(&site.conference.slug, batch)))
}

/// `POST /staff/{c}/batches/{batch}/wait`: puts those who could not return on the waiting list.
pub async fn wait(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(batch): Named<BatchId>,
) -> Result {
    let mut tx = app.store.begin().await?;
    undoing::put_on_waiting_list(&mut tx, undoing_of(&app, &site, &person, batch)).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::batch(&site.conference.slug, batch)))
}

fn undoing_of<'a>(app: &'a App, site: &Site, person: &SignedIn, batch: BatchId) -> Undoing<'a> {
    Undoing {
        conference: site.conference.id,
        batch,
        by: person.account,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    }
}

impl BatchPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn count(&self) -> String {
        match self.batch.people.iter().filter(|one| one.is_done).count() {
            1 => "1 attendee".to_owned(),
            number => format!("{} attendees", grouped(number)),
        }
    }

    /// Returns those for whom it could not be done.
    fn left_out(&self) -> Vec<&BatchPerson> {
        self.batch.people.iter().filter(|one| !one.is_done).collect()
    }

    /// Returns those for whom it was done and who could not return.
    fn not_back(&self) -> Vec<&BatchPerson> {
        self.batch.people.iter().filter(|one| one.is_done && one.standing == Standing::AsLeft).collect()
    }

    /// Returns those whom somebody has changed since then.
    fn changed_since(&self) -> Vec<&BatchPerson> {
        self.batch.people.iter().filter(|one| one.is_done && one.standing == Standing::Changed).collect()
    }

    /// Whether those who could not return can join the waiting list.
    fn can_wait(&self) -> bool {
        self.batch.kind == BatchKind::Cancellation && self.desk.may(Action::EditAttendees)
    }

    fn attendee(&self, one: &BatchPerson) -> String {
        urls::staff::attendee(self.slug(), one.id)
    }

    fn iso(&self, at: &time::OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &time::OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}

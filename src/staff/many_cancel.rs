//! `/staff/{c}/many/cancel`: cancels many attendees at once.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use super::{cancel::must_be_shown, many::Chosen, query::ListQuery};
use crate::{
    access::{Person, ResumedForm},
    domain::{AttendeeState, CancelMessage, CancelReason, SignedIn},
    store::registrations::{
        Tells,
        batches::{self, Batching},
    },
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, Missing, Result, Site, Submitted, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/many_cancel.html")]
struct ManyCancelPage {
    desk: Desk,
    site: Arc<Site>,
    chosen: Chosen,
    /// Whether other people are on the list than when the form was opened.
    has_changed: bool,
    /// The message, if it has to be shown before it is sent.
    shown_message: Option<CancelMessage>,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/many/cancel`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    resumed: ResumedForm,
) -> Result {
    let mut again = ManyCancelPage::of(&app, &person, &site, uri.query(), Submitted::default()).await?;
    again.form = resumed.shown_in(&mut again.desk).unwrap_or_else(|| Submitted::of([("tells", "on".to_owned())]));
    page(&again)
}

/// `POST /staff/{c}/many/cancel`: cancels them, if they are still the same people.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    form: Submitted,
) -> Result {
    let mut again = ManyCancelPage::of(&app, &person, &site, uri.query(), form).await?;
    let reason = again.errors.check_required("reason", CancelReason::parse(again.form.get("reason")), Missing::Reason);
    let message = again.errors.check("message", CancelMessage::parse(again.form.get("message")));
    let (Some(reason), Some(message)) = (reason, message) else { return unprocessable(&again) };
    if !again.chosen.are_meant_by(&again.form) {
        again.has_changed = true;
        return reply::conflict(&again);
    }
    if must_be_shown(&message, &again.form) {
        again.shown_message = Some(message);
        return page(&again);
    }
    let mut tx = app.store.begin().await?;
    let batching = Batching {
        conference: site.conference.id,
        by: person.account,
        reason: &reason,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    let ids: Vec<_> = again.chosen.people.iter().map(|one| one.id).collect();
    let tells = if again.form.has("tells") { Tells::Message(&message) } else { Tells::Nothing };
    let Some(batch) = batches::cancel_many(&mut tx, batching, &ids, tells).await? else {
        return Ok(see_other(&again.chosen.query.address(&site.conference.slug)));
    };
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::batch(&site.conference.slug, batch)))
}

impl ManyCancelPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, query: Option<&str>, form: Submitted) -> Result<Self> {
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            chosen: Chosen::find(app, site, ListQuery::read(query)).await?,
            site: site.clone(),
            has_changed: false,
            shown_message: None,
            form,
            errors: Errors::default(),
        })
    }

    fn list(&self) -> String {
        self.chosen.query.address(&self.site.conference.slug)
    }

    /// Returns how many are cancelled already.
    fn cancelled(&self) -> usize {
        self.chosen.people.iter().filter(|one| one.state.is(AttendeeState::Cancelled)).count()
    }
}

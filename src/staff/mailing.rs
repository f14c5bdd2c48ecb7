//! `/staff/{c}/mailings/{mailing}`: one mailing, how far it is, and stopping it.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use super::view;
use crate::{
    access::Person,
    domain::{Action, AuditKind, MailingId, MailingReaders, Stored},
    store::{
        audit::{self, Actor, Entry},
        mailings::{self, Mailing},
        outbox::MessageState,
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Site, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/mailing.html")]
struct MailingPage {
    desk: Desk,
    site: Arc<Site>,
    mailing: Mailing,
    /// What has just been done, as the address says it.
    done: String,
}

/// `GET /staff/{c}/mailings/{mailing}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MailingId>,
    uri: Uri,
) -> Result {
    let found = mailings::find(&mut *app.store.read().await?, site.conference.id, id).await?;
    page(&MailingPage {
        desk: Desk::new(DeskNav::Messages, Some(&site), &person),
        site,
        mailing: found.ok_or(AppError::NotFound)?,
        done: uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().to_owned(),
    })
}

/// `POST /staff/{c}/mailings/{mailing}`: stops it. What was sent stays sent.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MailingId>,
) -> Result {
    let conference = site.conference.id;
    let mut tx = app.store.begin().await?;
    mailings::find(&mut tx, conference, id).await?.ok_or(AppError::NotFound)?;
    let stopped = mailings::stop(&mut tx, conference, id, person.account, app.clock.now()).await?;
    if stopped.is_some() {
        let entry = Entry::of(AuditKind::MailingStopped, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(conference), subject: Some(id.0), ..entry }).await?;
        tx.commit().await?;
    }
    let done = if stopped.is_some() { "stopped" } else { "too-late" };
    Ok(see_other(&urls::staff::mailing_done(&site.conference.slug, id, done)))
}

impl MailingPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the address of the view in the list of attendees.
    fn view(&self) -> String {
        urls::staff::attendees_where(self.slug(), &view::fields(Some(&self.mailing.view)))
    }

    /// Returns the numbers of mails by status, with the addresses of their lists.
    fn numbers(&self) -> Vec<(&'static str, i64, String)> {
        let Mailing { waiting, sent, failed, held, discarded, .. } = self.mailing;
        let all = [
            ("Sent", sent, MessageState::Sent),
            ("Waiting", waiting, MessageState::Waiting),
            ("Failed", failed, MessageState::Failed),
            ("Held", held, MessageState::Held),
            ("Not sent", discarded, MessageState::Discarded),
        ];
        let list = |state: MessageState| urls::staff::messages_of(self.slug(), self.mailing.id, Some(state.as_str()));
        let shown = all.into_iter().filter(|(_, count, state)| *count > 0 || *state == MessageState::Sent);
        shown.map(|(words, count, state)| (words, count, list(state))).collect()
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}

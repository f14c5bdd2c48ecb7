//! `/staff/{c}/mailings`: what staff have written to the people of a view.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use crate::{
    access::Person,
    domain::{Action, MailingId},
    store::mailings::{self, Mailing},
    urls::{self, query::with_query},
    web::{App, Current, Desk, DeskNav, Result, Site, Submitted, page},
};

/// How many mailings a page lists.
const PAGE: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "staff/mailings.html")]
struct MailingsPage {
    desk: Desk,
    site: Arc<Site>,
    mailings: Vec<Mailing>,
    /// The address of the page with older ones, if there are any.
    older: Option<String>,
}

/// `GET /staff/{c}/mailings`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let query = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let before: Option<MailingId> = query.get("before").parse().ok();
    let limit = i64::try_from(PAGE + 1).unwrap_or(1);
    let mut mailings = mailings::list(&mut *app.store.read().await?, site.conference.id, before, limit).await?;
    let more = mailings.len() > PAGE;
    mailings.truncate(PAGE);
    let here = urls::staff::mailings(&site.conference.slug);
    let last = mailings.last().filter(|_| more).map(|last| last.id.to_string());
    page(&MailingsPage {
        desk: Desk::new(DeskNav::Messages, Some(&site), &person),
        older: last.map(|last| with_query(here, &[("before", last)])),
        mailings,
        site,
    })
}

impl MailingsPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn mailing(&self, mailing: &Mailing) -> String {
        urls::staff::mailing(self.slug(), mailing.id)
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}

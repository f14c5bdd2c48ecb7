//! `/administration/{c}/codes`: the codes of the registration form.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use crate::{
    access::Person,
    store::registrations::code_settings::{self, ListedCode},
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, page},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/codes.html")]
struct CodesPage {
    desk: Desk,
    site: Arc<Site>,
    codes: Vec<ListedCode>,
    now: OffsetDateTime,
    /// What was just done, from the address.
    done: String,
}

/// `GET /administration/{c}/codes`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let codes = code_settings::list(&mut *app.store.read().await?, site.conference.id).await?;
    page(&CodesPage {
        desk: Desk::new(DeskNav::Settings, Some(&site), &person),
        site,
        codes,
        now: app.clock.now(),
        done: uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().to_owned(),
    })
}

impl CodesPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn code(&self, one: &ListedCode) -> String {
        urls::administration::code(self.slug(), one.id)
    }

    /// Returns when a code ends or has ended, for machines and for people.
    fn end(&self, one: &ListedCode) -> Option<(String, String)> {
        let (zone, at) = (&self.site.conference.zone, one.ended_at.into_iter().chain(one.until).min()?);
        Some((zone.iso(at), zone.zoned_moment(at)))
    }
}

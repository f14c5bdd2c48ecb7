//! The page after registering: the reference, the next steps, and the dates as a calendar file.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{
    documents::calendar::{self, Entry},
    domain::Secret,
    store::registrations::{
        self, Registered,
        amounts::{self, Amounts},
        links::{self, Purpose},
        same_person,
    },
    urls,
    web::{App, AppError, Current, Frame, Named, Nav, Result, Site, Token, page, texts},
};

#[derive(Template)]
#[template(path = "delegates/registered.html")]
struct RegisteredPage {
    frame: Frame,
    site: Arc<Site>,
    /// What organisers say about what happens next, as HTML.
    next: String,
    registered: Registered,
    /// What it owes; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    /// The names and addresses of those on the form who are registered only once a mail was answered.
    held_back: Vec<(String, String)>,
    calendar: String,
}

/// `GET /{c}/registered/{token}`: shows the registration of a receipt link.
pub async fn get(State(app): State<App>, Current(site): Current, Named(Token(token)): Named<Token>) -> Result {
    let registered = receipt(&app, &site, &token).await?;
    let title = title(&registered);
    let mut conn = app.store.read().await?;
    let amounts = amounts::find(&mut conn, site.conference.id, registered.id).await?;
    let held_back = same_person::list_beside(&mut conn, registered.id, app.clock.now()).await?;
    page(&RegisteredPage {
        frame: Frame::of(&app, &site, Nav::Register).titled(title),
        calendar: urls::public::registered_calendar(&site.conference.slug, &token),
        registered,
        amounts,
        held_back,
        next: texts::published(&site, texts::NEXT),
        site,
    })
}

/// Returns the heading, which depends on who has a place and who waits.
fn title(registered: &Registered) -> &'static str {
    match (registered.coming().count(), registered.waiting().count()) {
        (0, 0) => "This registration was cancelled",
        (0, _) if registered.waiting().any(|one| registered.is_contact(one)) => "You are on the waiting list",
        (0, 1) => "Your colleague is on the waiting list",
        (0, _) => "Your colleagues are on the waiting list",
        _ if registered.contact_comes() => "You are registered",
        (1, _) => "Your colleague is registered",
        _ => "Your colleagues are registered",
    }
}

/// `GET /{c}/registered/{token}/calendar.ics`: the days of the conference as a calendar file.
pub async fn days(State(app): State<App>, Current(site): Current, Named(Token(token)): Named<Token>) -> Result {
    receipt(&app, &site, &token).await?;
    Ok(calendar_of_days(&app, &site))
}

/// Responds with a calendar file with the days of the conference.
pub fn calendar_of_days(app: &App, site: &Site) -> Response {
    let home = app.absolute(&urls::public::home(&site.conference.slug));
    let entry = Entry::conference(&site.conference, home, app.clock.now());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"conference.ics\"")),
    ];
    (headers, calendar::file(&site.conference.title, &[entry])).into_response()
}

/// Returns the registration of this receipt link. Not found if the link is unknown or belongs to another conference.
async fn receipt(app: &App, site: &Site, token: &str) -> Result<Registered> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let mut conn = app.store.read().await?;
    let link = links::find(&mut conn, Purpose::Receipt, &secret).await?;
    let link = link.filter(|link| link.subject.conference == site.conference.id).ok_or(AppError::NotFound)?;
    Ok(registrations::get(&mut conn, link.subject.registration).await?)
}

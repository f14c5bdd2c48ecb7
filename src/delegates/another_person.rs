//! `/another-person/{token}`: registers another person who has the name and address of somebody who is registered. Only the button
//! registers them, because mail programs open links to check them.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode};

use super::{limits, register};
use crate::{
    domain::Secret,
    store::registrations::same_person::{self, Pending, Standing},
    web::{App, AppError, Frame, Named, Nav, Result, Site, Token, Visitor, page, reply},
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/another_person.html")]
struct AnotherPersonPage {
    frame: Frame,
    site: Arc<Site>,
    pending: Pending,
    token: String,
}

/// `GET /another-person/{token}`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    let (site, pending) = find(&app, &token).await?;
    respond(&app, site, pending, token)
}

/// `POST /another-person/{token}`: registers the person with what was sent, or shows the registration form with the reason why that
/// is not possible now.
pub async fn post(State(app): State<App>, Named(Token(token)): Named<Token>, visitor: Visitor) -> Result {
    limits::change(&mut *app.store.read().await?, visitor).await?;
    let (site, pending) = find(&app, &token).await?;
    match pending.standing {
        Standing::Open => register::complete(&app, site, visitor, &pending, &token).await,
        Standing::Completed | Standing::Expired => respond(&app, site, pending, token),
    }
}

async fn find(app: &App, token: &str) -> Result<(Arc<Site>, Pending)> {
    let secret = Secret::parse(token).ok_or(AppError::NotFound)?;
    let found = same_person::find(&mut *app.store.read().await?, &secret, app.clock.now()).await?;
    let pending = found.ok_or(AppError::NotFound)?;
    Ok((app.sites.named(&app.store, &pending.slug).await?, pending))
}

fn respond(app: &App, site: Arc<Site>, pending: Pending, token: String) -> Result {
    let (status, title) = match pending.standing {
        Standing::Open => (StatusCode::OK, format!("Another {}?", pending.name)),
        Standing::Completed => (StatusCode::GONE, "This registration is complete".to_owned()),
        Standing::Expired => (StatusCode::GONE, "This link no longer works".to_owned()),
    };
    let view = AnotherPersonPage { frame: Frame::of(app, &site, Nav::None).titled(title), site, pending, token };
    if status == StatusCode::OK { page(&view) } else { reply::with_status(status, &view) }
}

impl AnotherPersonPage {
    /// Returns the day on which the form was sent.
    fn day(&self) -> String {
        self.site.conference.zone.day(self.pending.asked_at).to_string()
    }
}

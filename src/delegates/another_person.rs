//! `/another-person/{token}`: registers another person who has the name and address of somebody who is registered. Only the button
//! registers them, because mail programs open links to check them.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode};

use super::{limits, register};
use crate::{
    domain::{Secret, email},
    store::registrations::same_person::{self, Pending, Standing},
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Site, Token, Visitor, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/another_person.html")]
struct AnotherPersonPage {
    frame: Frame,
    site: Arc<Site>,
    pending: Pending,
    /// Whether it was just tried to complete it, and something in the form no longer fits.
    has_failed: bool,
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
        Standing::Open if is_readers(&pending) => register::complete(&app, site, visitor, &pending, &token).await,
        Standing::Open => {
            // What the contact gave, and what the contact owes, is not for whoever reads this mail.
            let response = register::complete(&app, site.clone(), visitor, &pending, &token).await?;
            if response.status() == StatusCode::SEE_OTHER {
                return Ok(see_other(&urls::public::another_person(&token)));
            }
            let frame = Frame::of(&app, &site, Nav::None).titled("Not possible at the moment");
            reply::conflict(&AnotherPersonPage { frame, site, pending, has_failed: true, token })
        }
        Standing::Completed | Standing::Expired => respond(&app, site, pending, token),
    }
}

/// Whether whoever reads the mail is the contact, who sent the form.
fn is_readers(pending: &Pending) -> bool {
    let contact = pending.fields.iter().find(|(name, _)| name == "email");
    contact.is_some_and(|(_, contact)| email::is_same(contact.trim(), &pending.email))
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
    let view = AnotherPersonPage {
        frame: Frame::of(app, &site, Nav::None).titled(title),
        site,
        pending,
        has_failed: false,
        token,
    };
    if status == StatusCode::OK { page(&view) } else { reply::with_status(status, &view) }
}

impl AnotherPersonPage {
    /// Returns the day on which the form was sent.
    fn day(&self) -> String {
        self.site.conference.zone.day(self.pending.asked_at).to_string()
    }
}

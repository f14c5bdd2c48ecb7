//! Withdrawing consent by a delegate's link: a page that says what it means, and the button that deletes the needs.

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use super::manage::{self, Held};
use crate::{
    domain::AttendeeId,
    store::{attendees, registrations::RegisteredAttendee},
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Token, page, see_other},
};

/// Whose consent it is.
#[derive(Clone, Copy, serde::Deserialize)]
pub struct Whose {
    attendee: AttendeeId,
}

#[derive(Template)]
#[template(path = "delegates/withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    attendee: RegisteredAttendee,
    /// Whether it is the attendee's own link.
    own: bool,
    token: String,
}

/// `GET /manage/{token}/withdraw?attendee=…`: what it means.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>, Query(whose): Query<Whose>) -> Result {
    let mut conn = app.store.read().await?;
    let (held, attendee) = permitted(&mut conn, &token, whose).await?;
    if !attendees::list_with_needs(&mut conn, held.registered.id).await?.contains(&attendee.id) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    drop(conn);
    let site = app.sites.named(&app.store, &held.link.slug).await?;
    let frame = Frame::of(&app, &site, Nav::None).titled("Withdraw consent?");
    page(&WithdrawPage { frame, attendee, own: !held.is_contact(), token })
}

/// `POST /manage/{token}/withdraw?attendee=…`: does it.
pub async fn post(State(app): State<App>, Named(Token(token)): Named<Token>, Query(whose): Query<Whose>) -> Result {
    let mut tx = app.store.begin().await?;
    let (held, attendee) = permitted(&mut tx, &token, whose).await?;
    let registered = held.registered;
    attendees::withdraw_consent(&mut tx, registered.conference, registered.id, attendee.id).await?;
    tx.commit().await?;
    Ok(see_other(&urls::public::manage_done(&token, "withdrawn", Some(attendee.id))))
}

/// What the link opens, and the attendee, who must be one of those whom it shows.
async fn permitted(conn: &mut PgConnection, token: &str, whose: Whose) -> Result<(Held, RegisteredAttendee)> {
    let held = manage::held(conn, token).await?;
    let attendee = held.shown().find(|attendee| attendee.id == whose.attendee).cloned().ok_or(AppError::NotFound)?;
    Ok((held, attendee))
}

//! Withdrawing consent through a manage link: a page that explains the consequences, and the action that deletes the
//! needs. This is possible at any time, even when nothing else can be changed any more.

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use super::{
    limits,
    manage::{self, Managed},
};
use crate::{
    domain::AttendeeId,
    store::{
        audit::Actor,
        registrations::{RegisteredAttendee, attendees},
    },
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Token, Visitor, page, see_other},
};

/// The query of the address: the attendee whose consent is withdrawn.
#[derive(Clone, Copy, serde::Deserialize)]
pub struct WithdrawQuery {
    attendee: AttendeeId,
}

#[derive(Template)]
#[template(path = "delegates/withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    attendee: RegisteredAttendee,
    /// Whether the link is the attendee's own, not the contact's.
    is_own_link: bool,
    token: String,
}

/// `GET /manage/{token}/withdraw?attendee=…`: explains the consequences and asks for confirmation.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<WithdrawQuery>,
) -> Result {
    let mut conn = app.store.read().await?;
    let (managed, attendee) = find_attendee(&mut conn, &token, query).await?;
    if !attendees::list_with_needs(&mut conn, managed.registered.id).await?.contains(&attendee.id) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    drop(conn);
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let frame = Frame::of(&app, &site, Nav::None).titled("Withdraw consent?");
    page(&WithdrawPage { frame, attendee, is_own_link: !managed.is_contact(), token })
}

/// `POST /manage/{token}/withdraw?attendee=…`: withdraws the consent and deletes the needs.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<WithdrawQuery>,
    visitor: Visitor,
) -> Result {
    limits::change_with(&mut *app.store.read().await?, visitor, &token).await?;
    let mut tx = app.store.begin().await?;
    let (managed, attendee) = find_attendee(&mut tx, &token, query).await?;
    let registered = managed.registered;
    let about = (registered.id, attendee.id);
    attendees::withdraw_consent(&mut tx, registered.conference, about, Actor::Delegate).await?;
    tx.commit().await?;
    Ok(see_other(&urls::public::manage_done(&token, "withdrawn", Some(attendee.id))))
}

/// Finds the registration that the link opens and the attendee. Not found if the link may not see that attendee.
async fn find_attendee(
    conn: &mut PgConnection,
    token: &str,
    query: WithdrawQuery,
) -> Result<(Managed, RegisteredAttendee)> {
    let managed = manage::find(conn, token).await?;
    let attendee = managed.shown().find(|attendee| attendee.id == query.attendee).cloned().ok_or(AppError::NotFound)?;
    Ok((managed, attendee))
}

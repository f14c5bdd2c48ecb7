//! Cancelling by a delegate's link: a page that says what it means, and the button that does it.

use askama::Template;
use axum::extract::{Query, State};

use super::manage::{self, Held};
use crate::{
    domain::AttendeeId,
    store::{
        audit::Actor,
        registrations::{self, Cancelling},
    },
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Token, page, see_other},
};

/// Who is to be cancelled; everybody whom the link shows when nobody is named.
#[derive(Clone, Copy, serde::Deserialize)]
pub struct Whom {
    attendee: Option<AttendeeId>,
}

#[derive(Template)]
#[template(path = "delegates/cancel.html")]
struct CancelPage {
    frame: Frame,
    held: Held,
    whom: Option<AttendeeId>,
    token: String,
}

/// `GET /manage/{token}/cancel`: what it means.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>, Query(whom): Query<Whom>) -> Result {
    let held = manage::held(&mut *app.store.read().await?, &token).await?;
    let whom = permitted(&held, whom)?;
    if held.coming(whom).next().is_none() {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &held.link.slug).await?;
    page(&CancelPage { frame: Frame::of(&app, &site, Nav::None).titled("Cancel?"), held, whom, token })
}

/// `POST /manage/{token}/cancel`: does it. Somebody cancelled already stays so, without a second mail.
pub async fn post(State(app): State<App>, Named(Token(token)): Named<Token>, Query(whom): Query<Whom>) -> Result {
    let mut tx = app.store.begin().await?;
    let held = manage::held(&mut tx, &token).await?;
    let cancelling = Cancelling {
        conference: held.registered.conference,
        registration: held.registered.id,
        attendee: permitted(&held, whom)?,
        actor: Actor::Delegate,
        by: held.link.subject.attendee,
        reason: None,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    registrations::cancel(&mut tx, cancelling).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::public::manage_done(&token, "cancelled", None)))
}

/// Whom this link may cancel: an attendee's only that attendee.
fn permitted(held: &Held, whom: Whom) -> Result<Option<AttendeeId>> {
    let whom = whom.attendee.or(held.link.subject.attendee);
    match whom {
        Some(whom) if !held.shown().any(|attendee| attendee.id == whom) => Err(AppError::NotFound),
        whom => Ok(whom),
    }
}

//! Cancelling through a manage link: a page that explains the consequences, and the action itself.

use askama::Template;
use axum::extract::{Query, State};

use super::manage::{self, Managed};
use crate::{
    domain::AttendeeId,
    store::{
        audit::Actor,
        registrations::{self, Cancelling},
    },
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Token, Visitor, page, see_other},
};

/// The query of the address: the attendee to cancel, or `None` for everybody whom the link may see.
#[derive(Clone, Copy, serde::Deserialize)]
pub struct CancelQuery {
    attendee: Option<AttendeeId>,
}

#[derive(Template)]
#[template(path = "delegates/cancel.html")]
struct CancelPage {
    frame: Frame,
    managed: Managed,
    only: Option<AttendeeId>,
    token: String,
}

/// `GET /manage/{token}/cancel`: explains the consequences and asks for confirmation.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<CancelQuery>,
) -> Result {
    let managed = manage::find(&mut *app.store.read().await?, &token).await?;
    let only = permitted(&managed, query)?;
    if managed.active(only).next().is_none() || managed.is_frozen(app.clock.now()) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    page(&CancelPage { frame: Frame::of(&app, &site, Nav::None).titled("Cancel?"), managed, only, token })
}

/// `POST /manage/{token}/cancel`: cancels. An attendee who is cancelled already gets no second mail.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<CancelQuery>,
    visitor: Visitor,
) -> Result {
    let (mut tx, managed) = manage::begin(&app, visitor, &token).await?;
    if managed.is_frozen(app.clock.now()) {
        return Ok(manage::frozen(&token));
    }
    let cancelling = Cancelling {
        conference: managed.registered.conference,
        registration: managed.registered.id,
        attendee: permitted(&managed, query)?,
        actor: Actor::Delegate,
        by: managed.link.subject.attendee,
        reason: None,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    registrations::cancel(&mut tx, cancelling).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::public::manage_done(&token, "cancelled", None)))
}

/// Returns the attendee to cancel, or `None` for all. An attendee's link can cancel only that attendee.
fn permitted(managed: &Managed, query: CancelQuery) -> Result<Option<AttendeeId>> {
    let only = query.attendee.or(managed.link.subject.attendee);
    match only {
        Some(only) if !managed.shown().any(|attendee| attendee.id == only) => Err(AppError::NotFound),
        only => Ok(only),
    }
}

//! `/manage/{token}/undo`: undoes a cancellation that a delegate made, if a place is free.

use axum::extract::{Query, State};

use super::manage::{self, AttendeeQuery};
use crate::{
    store::registrations::{self, Authority, ReinstateError, Reinstating},
    urls,
    web::{App, Named, Result, Token, Visitor, see_other},
};

/// `POST /manage/{token}/undo?attendee=…`. If the attendee is not cancelled, nothing changes and no mail is sent.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
    visitor: Visitor,
) -> Result {
    let now = app.clock.now();
    let (mut tx, managed) = manage::begin(&app, visitor, &token).await?;
    let attendee = managed.one(query)?.id;
    if managed.is_frozen(now) {
        return Ok(manage::frozen(&token));
    }
    let reinstating = Reinstating {
        conference: managed.registered.conference,
        registration: managed.registered.id,
        attendee,
        authority: Authority::DELEGATE,
        at: now,
        operations: &app.settings.operations_address,
    };
    let done = match registrations::reinstate(&mut tx, reinstating).await {
        Ok(true) => {
            tx.commit().await?;
            app.outbox.notify_one();
            "undone"
        }
        Ok(false) => return Ok(see_other(&urls::public::manage(&token))),
        Err(ReinstateError::Full) => "no-place",
        Err(ReinstateError::Awaited) => "awaited",
        Err(ReinstateError::CodeUsedUp) => "code-used-up",
        Err(ReinstateError::Twice) => "twice",
        Err(ReinstateError::Database(error)) => return Err(error.into()),
    };
    Ok(see_other(&urls::public::manage_done(&token, done, Some(attendee))))
}

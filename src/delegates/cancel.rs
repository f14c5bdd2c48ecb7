//! Cancelling through a manage link: a page that explains the consequences, and the action itself.

use askama::Template;
use axum::extract::{Query, State};

use super::manage::{self, Managed};
use crate::{
    domain::AttendeeId,
    store::{
        audit::Actor,
        registrations::{
            self, Cancelling, Tells,
            amounts::Amounts,
            terms::{self, Terms},
        },
    },
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Token, Visitor, markdown, page, see_other},
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
    slug: String,
    /// Whether something is owed for those who would be cancelled. Only the contact is told.
    owes: bool,
    terms: Option<TermsView>,
}

/// The terms, as far as they are about cancelling.
struct TermsView {
    terms: Terms,
    html: String,
}

impl TermsView {
    fn of(terms: Terms) -> Option<Self> {
        Some(Self { html: markdown::html(&terms.about_cancelling()?), terms })
    }
}

/// `GET /manage/{token}/cancel`: explains the consequences and asks for confirmation.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<CancelQuery>,
) -> Result {
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let only = permitted(&managed, query)?;
    if managed.active(only).next().is_none() || managed.is_frozen(app.clock.now()) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let amounts = manage::amounts_for(&mut conn, &managed).await?;
    let owes = |amounts: &Amounts| managed.active(only).any(|one| amounts.owed_for(one.id).is_positive());
    page(&CancelPage {
        frame: Frame::of(&app, &site, Nav::None).titled("Cancel?"),
        owes: amounts.as_ref().is_some_and(owes),
        terms: terms::find(&mut conn, site.conference.id).await?.and_then(TermsView::of),
        slug: site.conference.slug.clone(),
        managed,
        only,
        token,
    })
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
    let only = permitted(&managed, query)?;
    let cancelling = Cancelling {
        conference: managed.registered.conference,
        registration: managed.registered.id,
        attendees: only.as_ref().map(std::slice::from_ref),
        actor: Actor::Delegate,
        by: managed.link.subject.attendee,
        reason: None,
        tells: Tells::Cancelled,
        remains: None,
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

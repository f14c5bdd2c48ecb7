//! The offer of a place to somebody on the waiting list: what is offered and until when, and the answer. It is opened with the secret
//! of a manage link.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::manage::{self, Managed};
use crate::{
    domain::{AttendeeId, Cents, OfferOutcome, Stored},
    store::{
        audit::Actor,
        payment_settings,
        registrations::{
            RegisteredAttendee, charges,
            offers::{self, Answer, PlaceOffer},
        },
    },
    urls,
    web::{App, AppError, Frame, Named, Nav, Result, Site, Submitted, Token, page, reply, see_other},
};

/// The query of the address: the attendee to whom the place is offered. An attendee's link needs none.
#[derive(Clone, Copy, serde::Deserialize)]
pub struct OfferQuery {
    attendee: Option<AttendeeId>,
}

#[derive(Template)]
#[template(path = "delegates/offer.html")]
struct OfferPage {
    frame: Frame,
    site: Arc<Site>,
    offered: Offered,
    /// What the place costs; nothing if it is free of charge.
    price: Cents,
    /// The same with the currency. Only the contact, who owes it, sees it.
    fee: String,
    /// Whether it is not what the page showed when the button was pressed.
    fee_has_changed: bool,
    now: OffsetDateTime,
    token: String,
}

#[derive(Template)]
#[template(path = "delegates/decline.html")]
struct DeclinePage {
    frame: Frame,
    offered: Offered,
    token: String,
}

/// The last offer to an attendee whom a link may see.
#[derive(Clone)]
struct Offered {
    managed: Managed,
    attendee: RegisteredAttendee,
    offer: PlaceOffer,
}

impl Offered {
    /// Whether the link is the attendee's own, or the attendee is the contact.
    fn is_readers(&self) -> bool {
        !self.managed.is_contact() || self.managed.registered.is_contact(&self.attendee)
    }
}

/// What became of an offer, for the page.
enum Standing {
    Open,
    Accepted,
    Lapsed,
    Declined,
    Withdrawn,
    /// Accepted, and cancelled afterwards.
    CancelledAfterwards,
    /// In a state that only a newer version knows.
    Unknown,
}

/// The hidden field with the price that the page showed, in cents, so that nobody accepts another one.
const FEE: &str = "fee";

impl OfferPage {
    async fn of(app: &App, conn: &mut PgConnection, offered: Offered, token: String) -> Result<Self> {
        let site = app.sites.named(&app.store, &offered.managed.link.slug).await?;
        let registered = &offered.managed.registered;
        let about = (registered.conference, registered.id);
        let price = charges::price(conn, about, offered.attendee.id, app.clock.now()).await?;
        let currency = payment_settings::get(conn, registered.conference).await?.currency;
        let frame = Frame::of(app, &site, Nav::None).titled("Offer of a place");
        let fee = currency.of(price);
        Ok(Self { frame, site, offered, price, fee, fee_has_changed: false, now: app.clock.now(), token })
    }

    fn standing(&self) -> Standing {
        let Offered { attendee, offer, .. } = &self.offered;
        match &offer.outcome {
            None if offer.is_open(self.now) => Standing::Open,
            None | Some(Stored::Known(OfferOutcome::Lapsed)) => Standing::Lapsed,
            Some(Stored::Known(OfferOutcome::Accepted)) if attendee.is_coming() => Standing::Accepted,
            Some(Stored::Known(OfferOutcome::Accepted)) => Standing::CancelledAfterwards,
            Some(Stored::Known(OfferOutcome::Declined)) => Standing::Declined,
            Some(Stored::Known(OfferOutcome::Withdrawn)) => Standing::Withdrawn,
            Some(Stored::Newer(_)) => Standing::Unknown,
        }
    }
}

/// `GET /offers/{token}`: shows the offer, or what became of it. Opening the page answers nothing, because programs that check mails
/// open links too.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>, Query(query): Query<OfferQuery>) -> Result {
    let mut conn = app.store.read().await?;
    let Some(offered) = find(&mut conn, &token, query).await? else {
        return Ok(see_other(&urls::public::manage(&token)));
    };
    page(&OfferPage::of(&app, &mut conn, offered, token).await?)
}

/// `POST /offers/{token}/accept`: accepts the place if the offer is still open, and shows what became of it. A second click finds that
/// the attendee has the place.
pub async fn accept(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<OfferQuery>,
    form: Submitted,
) -> Result {
    let mut tx = app.store.begin().await?;
    if let Some(offered) = find(&mut tx, &token, query).await? {
        if form.has(FEE) {
            let again = OfferPage::of(&app, &mut tx, offered.clone(), token.clone()).await?;
            let is_open = matches!(again.standing(), Standing::Open);
            if is_open && !form.is(FEE, again.price.0) {
                return reply::conflict(&OfferPage { fee_has_changed: true, ..again });
            }
        }
        offers::accept(&mut tx, answer(&app, &offered)).await?;
        tx.commit().await?;
        app.outbox.notify_one();
    }
    Ok(see_other(&urls::public::offer(&token, query.attendee)))
}

/// `GET /offers/{token}/decline`: explains the consequences and asks for confirmation.
pub async fn ask(State(app): State<App>, Named(Token(token)): Named<Token>, Query(query): Query<OfferQuery>) -> Result {
    let mut conn = app.store.read().await?;
    let offered = find(&mut conn, &token, query).await?.filter(|offered| offered.offer.is_open(app.clock.now()));
    let Some(offered) = offered else { return Ok(see_other(&urls::public::offer(&token, query.attendee))) };
    drop(conn);
    let site = app.sites.named(&app.store, &offered.managed.link.slug).await?;
    page(&DeclinePage { frame: Frame::of(&app, &site, Nav::None).titled("Decline?"), offered, token })
}

/// `POST /offers/{token}/decline`: declines the place if the offer is still open, and shows what became of it.
pub async fn decline(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<OfferQuery>,
) -> Result {
    let mut tx = app.store.begin().await?;
    if let Some(offered) = find(&mut tx, &token, query).await? {
        offers::decline(&mut tx, answer(&app, &offered)).await?;
        tx.commit().await?;
        app.outbox.notify_one();
    }
    Ok(see_other(&urls::public::offer(&token, query.attendee)))
}

fn answer<'a>(app: &'a App, offered: &Offered) -> Answer<'a> {
    Answer {
        conference: offered.managed.registered.conference,
        attendee: offered.attendee.id,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
        by: Actor::Delegate,
    }
}

/// Finds the last offer to the attendee in the address, or to the only one of the link. `None` if nothing was offered or several
/// people are meant; not found if the link may not see that attendee.
async fn find(conn: &mut PgConnection, token: &str, query: OfferQuery) -> Result<Option<Offered>> {
    let managed = manage::find(conn, token).await?;
    let mut meant = managed.shown().filter(|one| query.attendee.is_none_or(|id| id == one.id));
    let (attendee, other) = (meant.next().cloned(), meant.next());
    let (Some(attendee), None) = (attendee, other) else {
        return if query.attendee.is_some() { Err(AppError::NotFound) } else { Ok(None) };
    };
    drop(meant);
    let offer = offers::find_last(conn, attendee.id).await?;
    Ok(offer.map(|offer| Offered { managed, attendee, offer }))
}

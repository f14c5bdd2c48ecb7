//! `/staff/{c}/attendees/{attendee}/offer`: accepts or declines the place that is offered to somebody on the waiting list, for a
//! caller.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::attendee_of;
use crate::{
    access::Person,
    domain::{AttendeeId, Cents, SignedIn},
    store::{
        audit::Actor,
        payment_settings,
        registrations::{
            attendees::Detail,
            charges,
            offers::{self, Answer, PlaceOffer},
        },
    },
    urls,
    web::{App, Current, Desk, DeskNav, Named, Result, Site, Submitted, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/offer.html")]
struct OfferPage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    /// The offer, if it can be answered.
    offer: Option<PlaceOffer>,
    /// What the place costs, and the same with the currency.
    price: Cents,
    fee: String,
    /// Whether it is not what the page showed when the button was pressed.
    fee_has_changed: bool,
}

/// The hidden field with the price that the page showed, in cents.
const FEE: &str = "fee";

/// `GET /staff/{c}/attendees/{attendee}/offer`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    page(&OfferPage::of(&app, &person, &site, detail).await?)
}

/// `POST /staff/{c}/attendees/{attendee}/offer`: accepts or declines the place. If it can no longer be answered, the page says so.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let again = OfferPage::of(&app, &person, &site, detail).await?;
    let declines = form.is("do", "decline");
    if again.offer.is_some() && !declines && !form.is(FEE, again.price.0) {
        return reply::conflict(&OfferPage { fee_has_changed: true, ..again });
    }
    let answer = Answer {
        conference: site.conference.id,
        attendee,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
        by: Actor::Account(person.account),
    };
    let mut tx = app.store.begin().await?;
    let answered =
        if declines { offers::decline(&mut tx, answer).await? } else { offers::accept(&mut tx, answer).await? };
    tx.commit().await?;
    app.outbox.notify_one();
    if !answered {
        let detail = attendee_of(&app, &site, attendee).await?;
        return reply::conflict(&OfferPage::of(&app, &person, &site, detail).await?);
    }
    let done = if declines { "declined" } else { "accepted" };
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, attendee, done)))
}

impl OfferPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, detail: Detail) -> Result<Self> {
        let mut conn = app.store.read().await?;
        let (now, attendee) = (app.clock.now(), detail.attendee.id);
        let about = (site.conference.id, detail.registration.id);
        let offer = offers::find_last(&mut conn, attendee).await?;
        let price = charges::price(&mut conn, about, attendee, now).await?;
        let currency = payment_settings::get(&mut conn, site.conference.id).await?.currency;
        Ok(Self {
            desk: Desk::new(DeskNav::Waiting, Some(site), person),
            site: site.clone(),
            offer: offer.filter(|offer| detail.attendee.is_offered() && offer.is_open(now)),
            detail,
            price,
            fee: currency.of(price),
            fee_has_changed: false,
        })
    }

    fn back(&self) -> String {
        urls::staff::attendee(&self.site.conference.slug, self.detail.attendee.id)
    }
}

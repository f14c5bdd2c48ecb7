//! `/staff/{c}/registrations/{registration}/payments/{payment}/reverse`: explains the consequences and reverses a mistaken
//! payment.

use askama::Template;
use axum::extract::State;

use super::amounts::registration_of;
use crate::{
    access::Person,
    domain::{Day, PaymentId, RegistrationId},
    store::registrations::{
        Registered,
        amounts::{self, Amounts, Payment},
        payments::{self, Recording},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/reverse_payment.html")]
struct ReversePage {
    desk: Desk,
    registered: Registered,
    amounts: Amounts,
    payment: Payment,
    back: String,
}

/// `GET /staff/{c}/registrations/{registration}/payments/{payment}/reverse`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(registration): Named<RegistrationId>,
    Named(payment): Named<PaymentId>,
) -> Result {
    let registered = registration_of(&app, &site, registration).await?;
    let amounts = amounts::find(&mut *app.store.read().await?, site.conference.id, registration).await?;
    let amounts = amounts.ok_or(AppError::NotFound)?;
    let payment = amounts.payments.iter().find(|one| one.id == payment && !one.is_reversal).cloned();
    page(&ReversePage {
        desk: Desk::new(DeskNav::Owed, Some(&site), &person),
        registered,
        payment: payment.ok_or(AppError::NotFound)?,
        amounts,
        back: urls::staff::amounts(&site.conference.slug, registration),
    })
}

/// `POST /staff/{c}/registrations/{registration}/payments/{payment}/reverse`. If it is reversed already, nothing changes and no
/// mail is sent.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(registration): Named<RegistrationId>,
    Named(payment): Named<PaymentId>,
) -> Result {
    let registered = registration_of(&app, &site, registration).await?;
    let mut tx = app.store.begin().await?;
    let what = Recording {
        conference: site.conference.id,
        registration: registered.id,
        by: person.account,
        at: app.clock.now(),
    };
    payments::reverse(&mut tx, what, payment).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::amounts_done(&site.conference.slug, registration, "reversed")))
}

impl ReversePage {
    fn day(&self) -> Day {
        Day(self.payment.paid_on)
    }
}

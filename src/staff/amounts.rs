//! `/staff/{c}/registrations/{registration}/amounts`: what a registration owes and has paid. Staff record payments.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use crate::{
    access::{Person, ResumedForm},
    domain::{Action, Cents, Day, PaymentId, PaymentNote, RegistrationId, SignedIn},
    store::registrations::{
        self, Registered, RegisteredAttendee,
        amounts::{self, Amounts, Charge, Payment},
        charges::ChargeKind,
        payments::{self, NewPayment, Recorded, Recording},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, page, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/amounts.html")]
struct AmountsPage {
    desk: Desk,
    site: Arc<Site>,
    registered: Registered,
    /// `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    /// The key of the payment that the form records.
    payment: PaymentId,
    form: Submitted,
    errors: Errors,
    /// What was just done, from the address.
    done: String,
}

/// The error messages of the pages about amounts.
#[derive(Template)]
#[template(path = "staff/amounts_errors.txt")]
pub enum ErrorMessage {
    /// The text is not an amount above zero.
    NoAmount,
    /// The first amount would be paid back, but only the second was paid.
    MoreThanPaid(String, String),
    /// This form has recorded another payment.
    RecordedOtherwise,
    /// The text is not a day up to today.
    NoDay,
    /// What remains owed is missing or is no amount.
    NoRemaining,
    /// More would remain owed than the fee.
    AboveFee(String),
}

/// `GET /staff/{c}/registrations/{registration}/amounts`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(registration): Named<RegistrationId>,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let mut again = AmountsPage::of(&app, &person, &site, registration).await?;
    let today = site.conference.zone.day(app.clock.now());
    let open = again.amounts.as_ref().map(Amounts::open).filter(|open| open.is_positive());
    again.form = resumed.shown_in(&mut again.desk).unwrap_or_else(|| {
        Submitted::of([
            ("amount", open.map(|open| open.to_string()).unwrap_or_default()),
            ("direction", "in".to_owned()),
            ("paid_on", today.iso()),
        ])
    });
    uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().clone_into(&mut again.done);
    page(&again)
}

/// `POST /staff/{c}/registrations/{registration}/amounts`: records a payment.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(registration): Named<RegistrationId>,
    form: Submitted,
) -> Result {
    let mut again = AmountsPage::of(&app, &person, &site, registration).await?;
    let now = app.clock.now();
    let payment = validate(&form, site.conference.zone.day(now), &mut again.errors);
    again.payment = form.get("payment").parse().unwrap_or(again.payment);
    again.form = form;
    let paid = again.amounts.as_ref().map(Amounts::paid).unwrap_or_default();
    if let Some(payment) = payment.as_ref().filter(|payment| -payment.amount > paid) {
        let say = |amount| again.amounts.as_ref().map_or_else(|| Cents::to_string(&amount), |one| one.say(amount));
        let message = ErrorMessage::MoreThanPaid(say(-payment.amount), say(paid.max(Cents::ZERO)));
        again.errors.add("amount", &message);
        return unprocessable(&again);
    }
    let Some(payment) = payment else { return unprocessable(&again) };
    let mut tx = app.store.begin().await?;
    let what = Recording { conference: site.conference.id, registration, by: person.account, at: now };
    if payments::record(&mut tx, what, &payment).await? == Recorded::Otherwise {
        drop(tx);
        again.payment = PaymentId::new();
        again.errors.add("amount", &ErrorMessage::RecordedOtherwise);
        return unprocessable(&again);
    }
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::amounts_done(&site.conference.slug, registration, "recorded")))
}

fn validate(form: &Submitted, today: Day, errors: &mut Errors) -> Option<NewPayment> {
    let amount = Cents::parse(form.get("amount")).ok().filter(|amount| amount.is_positive());
    if amount.is_none() {
        errors.add("amount", &ErrorMessage::NoAmount);
    }
    let paid_on = Day::parse(&form.line("paid_on")).filter(|day| *day <= today);
    if paid_on.is_none() {
        errors.add("paid_on", &ErrorMessage::NoDay);
    }
    let note = errors.check("note", PaymentNote::parse(form.get("note")));
    let is_out = form.get("direction") == "out";
    Some(NewPayment {
        id: form.get("payment").parse().unwrap_or_else(|_| PaymentId::new()),
        amount: amount.map(|amount| if is_out { -amount } else { amount })?,
        paid_on: paid_on?.0,
        note: note?,
    })
}

/// Returns the registration in an address, if it is one of this conference. Not found otherwise.
pub async fn registration_of(app: &App, site: &Site, id: RegistrationId) -> Result<Registered> {
    let mut conn = app.store.read().await?;
    registrations::find(&mut conn, site.conference.id, id).await?.ok_or(AppError::NotFound)
}

impl AmountsPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, id: RegistrationId) -> Result<Self> {
        let registered = registration_of(app, site, id).await?;
        let amounts = amounts::find(&mut *app.store.read().await?, site.conference.id, id).await?;
        Ok(Self {
            desk: Desk::new(DeskNav::Owed, Some(site), person),
            site: site.clone(),
            registered,
            amounts,
            payment: PaymentId::new(),
            form: Submitted::default(),
            errors: Errors::default(),
            done: String::new(),
        })
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn reverse(&self, payment: &Payment) -> String {
        urls::staff::reverse_payment(self.slug(), self.registered.id, payment.id)
    }

    fn remaining(&self, charge: &Charge) -> String {
        urls::staff::remaining(self.slug(), charge.attendee)
    }

    /// Whether staff can set what remains owed for the attendee of a line.
    fn can_settle(&self, charge: &Charge) -> bool {
        let attendee = self.registered.attendees.iter().find(|attendee| attendee.id == charge.attendee);
        charge.kind.is(ChargeKind::Fee)
            && !charge.is_reversed
            && attendee.is_some_and(RegisteredAttendee::is_cancelled)
            && self.desk.may(Action::RecordPayments)
    }

    fn day(&self, at: &OffsetDateTime) -> Day {
        self.site.conference.zone.day(*at)
    }
}

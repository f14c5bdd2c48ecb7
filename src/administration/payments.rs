//! `/administration/{c}/payments`: what is set for fees and payments: the currency, VAT and the bank account.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use crate::{
    access::{Person, ResumedForm},
    domain::{AccountHolder, AuditKind, BankError, BankName, Bic, Currency, Iban, SignedIn, VatRate, VatWording},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::{
        audit::{self, Actor, Entry},
        payment_settings::{self, PaymentSettings, PaymentSettingsError},
        registrations::waiting,
    },
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, FieldMessage, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "administration/payments.html")]
struct PaymentsPage {
    desk: Desk,
    site: Arc<Site>,
    form: Submitted,
    errors: Errors,
    saved: bool,
    /// The conflict that this person has to decide, if somebody else has saved since the form was opened.
    conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
}

/// The error messages of the page.
#[derive(Template)]
#[template(path = "administration/payments_errors.txt")]
enum ErrorMessage {
    NoRate,
    NoIban,
    WrongIban,
    NoBic,
    NoDays,
    AccountNeeded,
    HolderNeeded,
    CurrencyInUse,
}

/// The fields, which have the names of their columns.
const FIELDS: [Field; 8] = [
    Field::value("currency", "Currency"),
    Field::value("vat_rate", "VAT in per cent"),
    Field::line("vat_wording", "What delegates read about VAT"),
    Field::line("account_holder", "Account holder"),
    Field::value("iban", "IBAN"),
    Field::value("bic", "BIC"),
    Field::line("bank", "Bank"),
    Field::value("days_to_pay", "Days to pay"),
];

/// `GET /administration/{c}/payments`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let settings = payment_settings::get(&mut *app.store.read().await?, site.conference.id).await?;
    let form = shared_form::opened(&FIELDS, &shown(&settings));
    let mut again = PaymentsPage::of(&person, &site, Merged::alone(form));
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    again.saved = uri.query() == Some("done=saved");
    page(&again)
}

/// `POST /administration/{c}/payments`.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let conference = site.conference.id;
    let mut tx = app.store.begin().await?;
    // Nobody else can save between reading and saving.
    waiting::lock_queue(&mut tx, conference).await?;
    let before = shown(&payment_settings::get(&mut tx, conference).await?);
    let mut again = PaymentsPage::of(&person, &site, Merged::of(&FIELDS, &before, form));
    let Some(new) = validate(&again.form, &mut again.errors) else { return unprocessable(&again) };
    if again.is_fresh {
        return reply::conflict(&again);
    }
    match payment_settings::keep(&mut tx, conference, &new).await {
        Ok(()) => {}
        Err(PaymentSettingsError::AccountNeeded) => {
            if new.account_holder.as_str().is_empty() {
                again.errors.add("account_holder", &ErrorMessage::HolderNeeded);
            }
            if new.iban.is_none() {
                again.errors.add("iban", &ErrorMessage::AccountNeeded);
            }
            return unprocessable(&again);
        }
        Err(PaymentSettingsError::CurrencyInUse) => {
            again.errors.add("currency", &ErrorMessage::CurrencyInUse);
            return unprocessable(&again);
        }
        Err(PaymentSettingsError::Database(error)) => return Err(error.into()),
    }
    let changes = shared_form::changes(&FIELDS, &before, &shown(&new));
    let entry = Entry::of(AuditKind::PaymentSettingsChanged, Actor::Account(person.account));
    audit::note(&mut tx, Entry { conference: Some(conference), changes: &changes, ..entry }).await?;
    tx.commit().await?;
    Ok(see_other(&urls::administration::payments_saved(&site.conference.slug)))
}

/// Returns the settings, or adds the errors of all fields.
fn validate(form: &Submitted, errors: &mut Errors) -> Option<PaymentSettings> {
    let currency = errors.check("currency", Currency::parse(form.get("currency")).ok_or(FieldMessage::NotOffered));
    let vat_rate = VatRate::parse(form.get("vat_rate"));
    if vat_rate.is_err() {
        errors.add("vat_rate", &ErrorMessage::NoRate);
    }
    let vat_wording = errors.check("vat_wording", VatWording::parse(form.get("vat_wording")));
    let account_holder = errors.check("account_holder", AccountHolder::parse(form.get("account_holder")));
    let iban = Iban::parse(form.get("iban"));
    match iban {
        Ok(_) => {}
        Err(BankError::Malformed) => errors.add("iban", &ErrorMessage::NoIban),
        Err(BankError::WrongCheckDigits) => errors.add("iban", &ErrorMessage::WrongIban),
    }
    let bic = Bic::parse(form.get("bic"));
    if bic.is_err() {
        errors.add("bic", &ErrorMessage::NoBic);
    }
    let bank = errors.check("bank", BankName::parse(form.get("bank")));
    let days_to_pay = form.line("days_to_pay").parse().ok().filter(|days| (1..=365).contains(days));
    if days_to_pay.is_none() {
        errors.add("days_to_pay", &ErrorMessage::NoDays);
    }
    if !errors.is_empty() {
        return None;
    }
    Some(PaymentSettings {
        currency: currency?,
        vat_rate: vat_rate.ok()?,
        vat_wording: vat_wording?,
        account_holder: account_holder?,
        iban: iban.ok()?,
        bic: bic.ok()?,
        bank: bank?,
        days_to_pay: days_to_pay?,
    })
}

/// Returns settings in the fields of the form.
fn shown(settings: &PaymentSettings) -> Submitted {
    let PaymentSettings { currency, vat_rate, vat_wording, account_holder, iban, bic, bank, days_to_pay } = settings;
    Submitted::of([
        ("currency", currency.to_string()),
        ("vat_rate", vat_rate.to_string()),
        ("vat_wording", vat_wording.to_string()),
        ("account_holder", account_holder.to_string()),
        ("iban", iban.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("bic", bic.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("bank", bank.to_string()),
        ("days_to_pay", days_to_pay.to_string()),
    ])
}

impl PaymentsPage {
    fn of(person: &SignedIn, site: &Arc<Site>, Merged { form, conflict, is_fresh }: Merged) -> Self {
        let desk = Desk::new(DeskNav::Settings, Some(site), person);
        Self { desk, site: site.clone(), form, errors: Errors::default(), saved: false, conflict, is_fresh }
    }

    fn currencies() -> impl Iterator<Item = (&'static str, &'static str)> {
        Currency::ALL.into_iter().map(|currency| (currency.as_str(), currency.as_str()))
    }
}

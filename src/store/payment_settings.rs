//! What is set for the fees and payments of a conference.

use sqlx::{PgConnection, PgTransaction};
use time::Duration;

use super::violated;
use crate::domain::{AccountHolder, BankName, Bic, ConferenceId, Currency, Iban, VatRate, VatWording};

/// What is set for the fees and payments of a conference.
#[derive(Clone, Debug)]
pub struct PaymentSettings {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The rate of VAT, which the fees include.
    pub vat_rate: VatRate,
    /// What delegates read about VAT; may be empty.
    pub vat_wording: VatWording,
    /// Whose account fees are paid to; empty if there is none yet.
    pub account_holder: AccountHolder,
    /// The number of the account.
    pub iban: Option<Iban>,
    /// The code of the bank.
    pub bic: Option<Bic>,
    /// The name of the bank; may be empty.
    pub bank: BankName,
    /// How many days delegates have to pay.
    pub days_to_pay: i32,
}

impl PaymentSettings {
    /// Returns how long delegates have to pay.
    pub fn time_to_pay(&self) -> Duration {
        Duration::days(self.days_to_pay.into())
    }
}

/// Returns what is set.
pub async fn get(conn: &mut PgConnection, conference: ConferenceId) -> Result<PaymentSettings, sqlx::Error> {
    sqlx::query_as!(
        PaymentSettings,
        r#"select currency as "currency: Currency", vat_rate as "vat_rate: VatRate", vat_wording as "vat_wording: VatWording",
               account_holder as "account_holder: AccountHolder", iban as "iban: Iban", bic as "bic: Bic",
               bank as "bank: BankName", days_to_pay
           from registration_settings where conference_id = $1"#,
        conference.0,
    )
    .fetch_one(conn)
    .await
}

/// Why the settings were not saved.
#[derive(Debug, thiserror::Error)]
pub enum PaymentSettingsError {
    /// Delegates would owe fees without reading where to pay them.
    #[error("there are fees, so the account is needed")]
    AccountNeeded,
    /// Amounts in the present currency are owed.
    #[error("amounts in the present currency are owed")]
    CurrencyInUse,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for PaymentSettingsError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("fee_needs_account") => Self::AccountNeeded,
            Some("charge_currency") => Self::CurrencyInUse,
            _ => Self::Database(error),
        }
    }
}

/// Saves the settings.
pub async fn keep(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    settings: &PaymentSettings,
) -> Result<(), PaymentSettingsError> {
    let PaymentSettings { currency, vat_rate, vat_wording, account_holder, iban, bic, bank, days_to_pay } = settings;
    sqlx::query!(
        "update registration_settings set currency = $2, vat_rate = $3, vat_wording = $4, account_holder = $5, iban = $6,
             bic = $7, bank = $8, days_to_pay = $9
         where conference_id = $1",
        conference.0,
        currency.as_str(),
        vat_rate.basis_points(),
        vat_wording.as_str(),
        account_holder.as_str(),
        iban.as_ref().map(Iban::as_str),
        bic.as_ref().map(Bic::as_str),
        bank.as_str(),
        days_to_pay,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

//! Reads what registrations owe and have paid.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use super::charges::ChargeKind;
use crate::{
    domain::{
        AttendeeId, Cents, ConferenceId, Currency, Day, PaymentId, Reference, RegistrationId, Stored, Zone, text_enum,
    },
    store::{
        Search,
        payment_settings::{self, PaymentSettings},
    },
};

/// A line of what is owed.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The attendee for whom it is owed.
    pub attendee: AttendeeId,
    /// The attendee's name.
    pub name: String,
    /// Why it is owed.
    pub kind: Stored<ChargeKind>,
    /// The line as the delegate reads it, without the attendee's name.
    pub description: String,
    /// The amount; below zero for a reversal.
    pub amount: Cents,
    /// Whether another line reverses it.
    pub is_reversed: bool,
    /// When it was added.
    pub created_at: OffsetDateTime,
}

/// A payment.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The key.
    pub id: PaymentId,
    /// The amount; below zero if it was paid back, or for a reversal.
    pub amount: Cents,
    /// The day on which it arrived.
    pub paid_on: Date,
    /// A note by staff; may be empty.
    pub note: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// Whether another row reverses it.
    pub is_reversed: bool,
    /// Whether it reverses another row.
    pub is_reversal: bool,
}

/// What a registration owes and has paid.
#[derive(Clone, Debug)]
pub struct Amounts {
    /// All lines, oldest first.
    pub charges: Vec<Charge>,
    /// All payments, oldest first.
    pub payments: Vec<Payment>,
    /// Where and when to pay.
    pub settings: PaymentSettings,
}

impl Amounts {
    /// Iterates over the lines that are owed now.
    pub fn lines(&self) -> impl Iterator<Item = &Charge> {
        self.charges.iter().filter(|charge| !charge.is_reversed && !charge.kind.is(ChargeKind::Reversal))
    }

    /// Returns what is owed in all.
    pub fn owed(&self) -> Cents {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    /// Returns what was paid in all.
    pub fn paid(&self) -> Cents {
        self.payments.iter().map(|payment| payment.amount).sum()
    }

    /// Returns what is open; below zero if too much was paid.
    pub fn open(&self) -> Cents {
        self.owed() - self.paid()
    }

    /// Returns what was paid too much; nothing if something is open.
    pub fn paid_too_much(&self) -> Cents {
        (-self.open()).max(Cents::ZERO)
    }

    /// Returns the last day on which to pay, if something is open.
    pub fn due(&self, zone: &Zone) -> Option<Day> {
        let last = self.lines().map(|line| line.created_at).max();
        last.filter(|_| self.open().is_positive()).map(|last| zone.day(last + self.settings.time_to_pay()))
    }

    /// Returns the fee that was agreed for an attendee, which is the most that can remain owed.
    pub fn agreed(&self, attendee: AttendeeId) -> Cents {
        let fee = self.charges.iter().rfind(|one| one.attendee == attendee && one.kind.is(ChargeKind::Fee));
        fee.map(|fee| fee.amount).unwrap_or_default()
    }

    /// Returns what is owed for an attendee.
    pub fn owed_for(&self, attendee: AttendeeId) -> Cents {
        self.charges.iter().filter(|charge| charge.attendee == attendee).map(|charge| charge.amount).sum()
    }

    /// Returns an amount with the currency.
    pub fn say(&self, amount: Cents) -> String {
        self.settings.currency.of(amount)
    }
}

/// Returns what a registration owes and has paid; `None` if nothing was ever owed or paid.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    registration: RegistrationId,
) -> Result<Option<Amounts>, sqlx::Error> {
    let charges = sqlx::query_as!(
        Charge,
        r#"select attendee_id as "attendee: AttendeeId", attendee.name,
               kind as "kind: Stored<ChargeKind>", description, amount_cents as "amount: Cents",
               exists (select from charge reversal where reversal.reverses_id = charge.id) as "is_reversed!",
               charge.created_at
           from charge join attendee on attendee.id = charge.attendee_id
           where charge.registration_id = $1 order by charge.id"#,
        registration.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    let payments = sqlx::query_as!(
        Payment,
        r#"select payment.id as "id: PaymentId", amount_cents as "amount: Cents", paid_on, note,
               account.name as recorded_by,
               exists (select from payment reversal where reversal.reverses_id = payment.id) as "is_reversed!",
               reverses_id is not null as "is_reversal!"
           from payment join account on account.id = payment.account_id
           where registration_id = $1 order by payment.created_at, payment.id"#,
        registration.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    if charges.is_empty() && payments.is_empty() {
        return Ok(None);
    }
    let settings = payment_settings::get(conn, conference).await?;
    Ok(Some(Amounts { charges, payments, settings }))
}

text_enum! {
    /// Which registrations a list shows.
    pub enum BalanceFilter {
        /// Those that still have to pay.
        Open = "open",
        /// Those that have paid too much.
        Overpaid = "overpaid",
        /// All that ever owed or paid something.
        All = "all",
    }
}

/// A registration in the list of what is owed.
#[derive(Clone, Debug)]
pub struct Balance {
    /// The registration.
    pub registration: RegistrationId,
    /// Its reference.
    pub reference: Reference,
    /// The organisation.
    pub organisation: String,
    /// What is owed.
    pub owed: Cents,
    /// What was paid.
    pub paid: Cents,
    /// By when to pay, if something is open.
    pub due: Option<OffsetDateTime>,
}

impl Balance {
    /// Returns what is open; below zero if too much was paid.
    pub fn open(&self) -> Cents {
        self.owed - self.paid
    }
}

/// A row of the view `balance`.
struct BalanceRow {
    registration: RegistrationId,
    reference: String,
    organisation: String,
    owed: Cents,
    paid: Cents,
    last_at: Option<OffsetDateTime>,
}

impl BalanceRow {
    fn balance(self, settings: &PaymentSettings) -> Balance {
        let Self { registration, reference, organisation, owed, paid, last_at } = self;
        Balance {
            registration,
            reference: Reference::kept(reference),
            organisation,
            due: last_at.filter(|_| owed > paid).map(|last| last + settings.time_to_pay()),
            owed,
            paid,
        }
    }
}

/// A part of the list of what is owed, with the totals of the whole list.
#[derive(Clone, Debug)]
pub struct Balances {
    /// The registrations, oldest first.
    pub list: Vec<Balance>,
    /// The last of them, if more follow.
    pub more_after: Option<RegistrationId>,
    /// How many registrations the whole list has.
    pub count: i64,
    /// What they owe.
    pub owed: Cents,
    /// What they have paid.
    pub paid: Cents,
    /// The currency.
    pub currency: Currency,
}

/// How many registrations a part of the list has.
const PART: usize = 100;

/// Lists what registrations owe, from the one after this key. Their kinds and totals are those that filling in the list of attendees
/// has counted.
pub async fn list(
    search: &mut Search,
    conference: ConferenceId,
    filter: BalanceFilter,
    after: Option<RegistrationId>,
) -> Result<Balances, sqlx::Error> {
    let settings = payment_settings::get(search, conference).await?;
    let rows = sqlx::query_as!(
        BalanceRow,
        r#"with part as materialized (
               select registration_id from balance_counted
               where conference_id = $1 and ($2::uuid is null or registration_id > $2) and ($3 = 'all' or kind = $3)
               order by registration_id limit $4
           )
           select registration_id as "registration!: RegistrationId", reference, organisation,
               owed_cents as "owed!: Cents", paid_cents as "paid!: Cents", last_at
           from part
           join registration on registration.id = registration_id
           join lateral (
               select owed_cents, paid_cents, last_at from balance where balance.registration_id = part.registration_id
           ) balance on true
           order by registration_id"#,
        conference.0,
        after.map(|id| id.0),
        filter.as_str(),
        i64::try_from(PART + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(&mut **search)
    .await?;
    let totals = sqlx::query!(
        r#"select coalesce(sum(registrations), 0)::bigint as "count!", coalesce(sum(owed_cents), 0)::bigint as "owed!: Cents",
               coalesce(sum(paid_cents), 0)::bigint as "paid!: Cents"
           from balance_count where conference_id = $1 and ($2 = 'all' or kind = $2)"#,
        conference.0,
        filter.as_str(),
    )
    .fetch_one(&mut **search)
    .await?;
    let has_more = rows.len() > PART;
    let list: Vec<_> = rows.into_iter().take(PART).map(|row| row.balance(&settings)).collect();
    Ok(Balances {
        more_after: list.last().filter(|_| has_more).map(|last| last.registration),
        list,
        count: totals.count,
        owed: totals.owed,
        paid: totals.paid,
        currency: settings.currency,
    })
}

/// Returns what these registrations owe and have paid, without those that never did.
pub async fn list_of(
    conn: &mut PgConnection,
    conference: ConferenceId,
    registrations: &[uuid::Uuid],
) -> Result<Vec<Balance>, sqlx::Error> {
    let settings = payment_settings::get(&mut *conn, conference).await?;
    let rows = sqlx::query_as!(
        BalanceRow,
        r#"select registration_id as "registration!: RegistrationId", reference, organisation,
               owed_cents as "owed!: Cents", paid_cents as "paid!: Cents", last_at
           from balance join registration on registration.id = registration_id
           where registration_id = any($1)"#,
        registrations,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.balance(&settings)).collect())
}

/// Returns whether a conference has fees, or anything was ever owed for it.
pub async fn has_any(conn: &mut PgConnection, conference: ConferenceId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from category where conference_id = $1 and fee_cents > 0)
               or exists (select from charge where conference_id = $1) as "any!""#,
        conference.0,
    )
    .fetch_one(conn)
    .await
}

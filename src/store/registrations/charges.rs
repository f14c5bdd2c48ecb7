//! What is owed, as lines on a registration. Lines are only ever added. [`settle`] adds those that the attendees should have
//! now and reverses the others, so everything that changes an attendee's state or category ends with it.

use std::collections::HashMap;

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{
        AttendeeId, AttendeeState, Attendees, CategoryId, Cents, ChargeId, Code, CodeId, ConferenceId, Fee,
        NewAttendee, RegistrationId, Stored, text_enum,
    },
    store::registrations::{
        categories::{Offer, OfferedCategory},
        seating::Seats,
    },
};

text_enum! {
    /// Why a line is there.
    pub enum ChargeKind {
        /// The fee for a place.
        Fee = "fee",
        /// What remains owed after a cancellation.
        Remaining = "remaining",
        /// The end of another line.
        Reversal = "reversal",
    }
}

/// A line to add.
#[derive(Clone, Debug)]
pub struct NewCharge {
    /// The attendee for whom it is owed.
    pub attendee: AttendeeId,
    /// Why it is owed.
    pub kind: ChargeKind,
    /// The category of the attendee.
    pub category: CategoryId,
    /// The code that made the fee.
    pub code: Option<CodeId>,
    /// The line as the delegate reads it, without the attendee's name.
    pub description: String,
    /// The amount.
    pub amount: Cents,
    /// The line that it reverses.
    pub reverses: Option<ChargeId>,
}

impl NewCharge {
    /// Returns the line for the fee of this category, unless it is free.
    pub fn fee(attendee: AttendeeId, category: &OfferedCategory, at: OffsetDateTime) -> Option<Self> {
        fee_line(attendee, (category.id, &category.name, category.fee), category.reduced_by.as_ref(), at)
    }

    /// Returns the line that ends another.
    fn reversal(line: &Line) -> Self {
        Self {
            attendee: line.attendee,
            kind: ChargeKind::Reversal,
            category: line.category,
            code: line.code,
            description: line.description.clone(),
            amount: -line.amount,
            reverses: Some(line.id),
        }
    }
}

/// Returns the line for this fee, which a code may have lowered, unless it is nothing.
fn fee_line(
    attendee: AttendeeId,
    (category, name, fee): (CategoryId, &str, Fee),
    code: Option<&(CodeId, Code)>,
    at: OffsetDateTime,
) -> Option<NewCharge> {
    let what = if fee.early_at(at).is_some() { "Early fee" } else { "Fee" };
    let amount = fee.at(at);
    amount.is_positive().then(|| NewCharge {
        attendee,
        kind: ChargeKind::Fee,
        category,
        description: match code {
            None => format!("{what}, {name}"),
            Some((_, code)) => format!("{what}, {name}, with code {code}"),
        },
        code: code.map(|(id, _)| *id),
        amount,
        reverses: None,
    })
}

/// Returns the lines for the fees of these attendees, who have these keys. Those who wait owe nothing yet.
pub(super) fn fees(offer: &Offer, attendees: &Attendees, ids: &[Uuid], seats: &Seats) -> Vec<NewCharge> {
    let line = |(number, (attendee, id)): (usize, (&NewAttendee, &Uuid))| {
        let category = offer.categories.iter().find(|category| category.id == attendee.category)?;
        if seats.waits(number) { None } else { NewCharge::fee(AttendeeId(*id), category, offer.at) }
    };
    attendees.iter().zip(ids).enumerate().filter_map(line).collect()
}

/// A line as it was added.
struct Line {
    id: ChargeId,
    attendee: AttendeeId,
    kind: Stored<ChargeKind>,
    category: CategoryId,
    code: Option<CodeId>,
    description: String,
    amount: Cents,
    is_open: bool,
}

/// Returns all lines of a registration but the reversals, by attendee, oldest first.
async fn lines(
    conn: &mut PgConnection,
    registration: RegistrationId,
) -> Result<HashMap<AttendeeId, Vec<Line>>, sqlx::Error> {
    let lines = sqlx::query_as!(
        Line,
        r#"select id as "id: ChargeId", attendee_id as "attendee: AttendeeId", kind as "kind: Stored<ChargeKind>",
               category_id as "category: CategoryId", code_id as "code: CodeId", description, amount_cents as "amount: Cents",
               not exists (select from charge reversal where reversal.reverses_id = charge.id) as "is_open!"
           from charge where registration_id = $1 and kind <> 'reversal' order by id"#,
        registration.0,
    )
    .fetch_all(conn)
    .await?;
    let mut by_attendee: HashMap<_, Vec<_>> = HashMap::new();
    for line in lines {
        by_attendee.entry(line.attendee).or_default().push(line);
    }
    Ok(by_attendee)
}

/// Adds the lines that an attendee should have now, and reverses those that they should not have. The registration must be locked.
///
/// Somebody with a place owes the fee of their category, or what their code makes of it: what was agreed when they had a place in it
/// before, otherwise what it costs now. What was agreed with a code holds while they use it. Somebody who is waiting owes nothing.
/// Somebody who is cancelled owes what they did, until staff set what remains owed.
pub async fn settle(
    tx: &mut PgTransaction<'_>,
    (conference, registration): (ConferenceId, RegistrationId),
    attendee: AttendeeId,
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let subject = subject(tx, conference, attendee).await?;
    if subject.state.is(AttendeeState::Cancelled) {
        return Ok(());
    }
    let lines = lines(tx, registration).await?.remove(&attendee).unwrap_or_default();
    let (kept, due) = if subject.state.is(AttendeeState::Confirmed) { subject.due(&lines, at) } else { (None, None) };
    let ended = lines.iter().filter(|line| line.is_open && Some(line.id) != kept);
    let new: Vec<_> = ended.map(NewCharge::reversal).chain(due).collect();
    add(tx, (conference, registration), &new, at).await
}

/// An attendee with what decides what they owe.
struct Subject {
    id: AttendeeId,
    state: Stored<AttendeeState>,
    category: CategoryId,
    name: String,
    fee: Cents,
    early_fee: Option<Cents>,
    early_until: Option<OffsetDateTime>,
    code_id: Option<CodeId>,
    code: Option<Code>,
    code_fee: Option<Cents>,
    /// Whether they had a place in this category before, with this code or without one.
    had_place: bool,
}

async fn subject(
    conn: &mut PgConnection,
    conference: ConferenceId,
    attendee: AttendeeId,
) -> Result<Subject, sqlx::Error> {
    sqlx::query_as!(
        Subject,
        r#"select attendee.id as "id: AttendeeId", state as "state: Stored<AttendeeState>",
               category.id as "category: CategoryId", category.name, category.fee_cents as "fee: Cents",
               early_fee_cents as "early_fee: Cents", early_until, attendee.code_id as "code_id: CodeId",
               code.code as "code?: Code", code.fee_cents as "code_fee?: Cents",
               exists (select from place left join offer on offer.place_id = place.id
                       where place.attendee_id = attendee.id and place.category_id = category.id
                           and place.code_id is not distinct from attendee.code_id
                           and place.state = 'given_back' and coalesce(outcome, 'accepted') = 'accepted') as "had_place!"
           from attendee join category on category.id = attendee.category_id
           left join code on code.id = attendee.code_id
           where attendee.conference_id = $1 and attendee.id = $2"#,
        conference.0,
        attendee.0,
    )
    .fetch_one(conn)
    .await
}

impl Subject {
    /// Returns what they owe with a place: the line that stays, or the one to add, if it is not free of charge.
    fn due(&self, lines: &[Line], at: OffsetDateTime) -> (Option<ChargeId>, Option<NewCharge>) {
        let is_its_fee = |line: &&Line| {
            let is_of_code = line.code.is_none() || line.code == self.code_id;
            line.kind.is(ChargeKind::Fee) && line.category == self.category && is_of_code
        };
        let fee = Fee::read(self.fee, self.early_fee, self.early_until);
        let (fee, code) = match fee.reduced_at(self.code_fee, at) {
            Some(reduced) => (Fee { full: reduced, early: None }, self.code_id.zip(self.code.clone())),
            None => (fee, None),
        };
        match lines.iter().rfind(is_its_fee) {
            Some(line) if line.is_open => (Some(line.id), None),
            Some(line) => (
                None,
                Some(NewCharge {
                    amount: line.amount,
                    reverses: None,
                    kind: ChargeKind::Fee,
                    ..NewCharge::reversal(line)
                }),
            ),
            // The place was free of charge when they had it.
            None if self.had_place => (None, None),
            None => (None, fee_line(self.id, (self.category, &self.name, fee), code.as_ref(), at)),
        }
    }
}

/// Returns what somebody who has no place owes from the moment they have one.
pub async fn price(
    conn: &mut PgConnection,
    (conference, registration): (ConferenceId, RegistrationId),
    attendee: AttendeeId,
    at: OffsetDateTime,
) -> Result<Cents, sqlx::Error> {
    let lines = lines(conn, registration).await?.remove(&attendee).unwrap_or_default();
    let (_, due) = subject(conn, conference, attendee).await?.due(&lines, at);
    Ok(due.map(|line| line.amount).unwrap_or_default())
}

/// Returns what is owed for an attendee.
pub async fn owed(conn: &mut PgConnection, attendee: AttendeeId) -> Result<Cents, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(amount_cents), 0)::bigint as "owed!: Cents" from charge where attendee_id = $1"#,
        attendee.0,
    )
    .fetch_one(conn)
    .await
}

/// Returns the fees that were agreed for an attendee without a code, by category. [`settle`] charges these again.
pub async fn list_agreed(
    conn: &mut PgConnection,
    attendee: AttendeeId,
) -> Result<HashMap<CategoryId, Cents>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select category_id as "category: CategoryId", amount_cents as "amount: Cents"
           from charge where attendee_id = $1 and kind = 'fee' and code_id is null order by id"#,
        attendee.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.category, row.amount)).collect())
}

/// What an attendee owed before and owes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// The attendee.
    pub attendee: AttendeeId,
    /// What they owed.
    pub before: Cents,
    /// What they owe now.
    pub now: Cents,
}

/// Sets what remains owed for each of these cancelled attendees: this amount, but at most the fee that was agreed. The
/// registration must be locked. Returns those for whom it changed.
pub async fn set_remaining(
    tx: &mut PgTransaction<'_>,
    (conference, registration): (ConferenceId, RegistrationId),
    attendees: &[AttendeeId],
    amount: Cents,
    at: OffsetDateTime,
) -> Result<Vec<Remaining>, sqlx::Error> {
    let lines = lines(tx, registration).await?;
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for attendee in attendees {
        let lines = lines.get(attendee).map(Vec::as_slice).unwrap_or_default();
        let Some(fee) = lines.iter().rfind(|line| line.kind.is(ChargeKind::Fee)) else { continue };
        let open = || lines.iter().filter(|line| line.is_open);
        let (before, now) = (open().map(|line| line.amount).sum(), amount.min(fee.amount));
        if before == now {
            continue;
        }
        new.extend(open().map(NewCharge::reversal));
        new.extend(now.is_positive().then(|| NewCharge {
            kind: ChargeKind::Remaining,
            description: format!("Remains owed after the cancellation: {}", fee.description),
            amount: now,
            reverses: None,
            ..NewCharge::reversal(fee)
        }));
        changed.push(Remaining { attendee: *attendee, before, now });
    }
    add(tx, (conference, registration), &new, at).await?;
    Ok(changed)
}

/// New lines as arrays, one for each column.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub ids: Vec<Uuid>,
    pub attendees: Vec<Uuid>,
    pub kinds: Vec<&'static str>,
    pub categories: Vec<Uuid>,
    pub codes: Vec<Option<Uuid>>,
    pub descriptions: Vec<&'a str>,
    pub amounts: Vec<i64>,
    pub reversed: Vec<Option<Uuid>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(charges: &'a [NewCharge]) -> Self {
        let mut columns = Self::default();
        for NewCharge { attendee, kind, category, code, description, amount, reverses } in charges {
            columns.ids.push(ChargeId::new().0);
            columns.attendees.push(attendee.0);
            columns.kinds.push(kind.as_str());
            columns.categories.push(category.0);
            columns.codes.push(code.map(|id| id.0));
            columns.descriptions.push(description);
            columns.amounts.push(amount.0);
            columns.reversed.push(reverses.map(|id| id.0));
        }
        columns
    }
}

/// Adds lines. `registrations::keep` adds those of a new registration.
async fn add(
    tx: &mut PgTransaction<'_>,
    (conference, registration): (ConferenceId, RegistrationId),
    charges: &[NewCharge],
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    if charges.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(charges);
    sqlx::query!(
        "insert into charge (id, conference_id, registration_id, attendee_id, kind, category_id, code_id, description,
             amount_cents, currency, vat_rate, reverses_id, created_at)
         select line.id, $1, $2, attendee, kind, category, code, description, amount, settings.currency, settings.vat_rate,
             reversed, $3
         from unnest($4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::bigint[], $10::uuid[], $11::uuid[])
             as line (id, attendee, kind, category, description, amount, reversed, code)
         join registration_settings settings on settings.conference_id = $1",
        conference.0,
        registration.0,
        at,
        &columns.ids,
        &columns.attendees,
        &columns.kinds as &[&str],
        &columns.categories,
        &columns.descriptions as &[&str],
        &columns.amounts,
        &columns.reversed as &[Option<Uuid>],
        &columns.codes as &[Option<Uuid>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

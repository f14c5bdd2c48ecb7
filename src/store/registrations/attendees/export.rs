//! A view as a file: all its attendees, as they are at one instant.

use std::{collections::HashMap, vec};

use sqlx::{PgConnection, PgTransaction};
use uuid::Uuid;

use crate::{
    domain::{AccountId, AuditId, AuditKind, ConferenceId, QuestionId, RegistrationId},
    store::{
        Snapshot,
        registrations::{
            amounts::{self, Balance},
            answers::{self, Answers},
            attendees::{Detail, all::list_all, detail::list_without_colleagues, wanted::Wanted},
        },
    },
};

/// The number of attendees that are read at once.
const CHUNK: usize = 1000;

/// What a file needs besides the attendees and their registrations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportParts {
    /// The answers that everybody at the desk may see.
    pub answers: bool,
    /// What registrations owe and have paid.
    pub balances: bool,
    /// Which needs. Reading them is recorded for each attendee who has any.
    pub needs: Option<NeedsPart>,
}

/// Which needs a file has. Nobody gets more than they have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedsPart {
    /// What people eat.
    Dietary,
    /// What people need in the building.
    Access,
}

/// The attendees of a view, a thousand at a time. They are read in one transaction that sees the database as it was when it
/// began, so that each has exactly one line, whatever happens meanwhile. The keys of all of them are in memory, which are 16
/// bytes for each.
#[derive(Debug)]
pub struct Export {
    conference: ConferenceId,
    questions: Vec<(QuestionId, String)>,
    parts: ExportParts,
    keys: vec::IntoIter<Uuid>,
}

/// A line of an export.
#[derive(Debug)]
pub struct Exported {
    /// The attendee.
    pub detail: Detail,
    /// The answers to [`Export::questions`]; empty if there is none.
    pub answers: Vec<String>,
    /// What the registration owes and has paid, if it ever did.
    pub balance: Option<Balance>,
    /// The needs that were asked for; empty if there are none.
    pub needs: String,
}

impl Export {
    /// Begins an export of the attendees that are searched for.
    pub async fn begin(snapshot: &mut Snapshot, wanted: &Wanted, parts: ExportParts) -> Result<Self, sqlx::Error> {
        let keys = list_all(snapshot, wanted).await?;
        snapshot.reads_by_key().await?;
        let questions =
            if parts.answers { answers::list_columns(snapshot, wanted.conference).await? } else { Vec::new() };
        Ok(Self { conference: wanted.conference, questions, parts, keys: keys.into_iter() })
    }

    /// Returns the questions whose answers it has, each with its words.
    pub fn questions(&self) -> &[(QuestionId, String)] {
        &self.questions
    }

    /// Reads the next lines; returns `None` at the end. Needs are recorded as read by this account.
    pub async fn next(&mut self, snapshot: &mut Snapshot, by: AccountId) -> Result<Option<Vec<Exported>>, sqlx::Error> {
        let keys: Vec<_> = self.keys.by_ref().take(CHUNK).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        let details = list_without_colleagues(snapshot, &keys).await?;
        let registrations: Vec<_> = details.iter().map(|detail| detail.registration.id.0).collect();
        let answers = if self.questions.is_empty() {
            Answers::default()
        } else {
            answers::list_of(snapshot, &keys, &registrations).await?
        };
        let mut balances = self.balances(snapshot, &registrations).await?;
        let mut needs = match self.parts.needs {
            Some(part) => read_needs(snapshot, self.conference, part, &details, by).await?,
            None => HashMap::new(),
        };
        let line = |detail: Detail| Exported {
            answers: self.answers_of(&detail, &answers),
            balance: balances.remove(&detail.registration.id),
            needs: needs.remove(&detail.attendee.id.0).unwrap_or_default(),
            detail,
        };
        Ok(Some(details.into_iter().map(line).collect()))
    }

    fn answers_of(&self, detail: &Detail, answers: &Answers) -> Vec<String> {
        let of = |question, whose| answers.get(&(question, whose));
        let answer = |(question, text): &(QuestionId, String)| {
            let given = of(*question, detail.attendee.id.0).or_else(|| of(*question, detail.registration.id.0));
            given.filter(|(asked, _)| asked == text).map(|(_, answer)| answer.clone())
        };
        self.questions.iter().map(|question| answer(question).unwrap_or_default()).collect()
    }

    async fn balances(
        &self,
        conn: &mut PgConnection,
        registrations: &[Uuid],
    ) -> Result<HashMap<RegistrationId, Balance>, sqlx::Error> {
        if !self.parts.balances {
            return Ok(HashMap::new());
        }
        let balances = amounts::list_of(conn, self.conference, registrations).await?;
        Ok(balances.into_iter().map(|balance| (balance.registration, balance)).collect())
    }
}

/// Returns the needs of those of these attendees who have a place, and records for each who has any that they were read.
async fn read_needs(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    part: NeedsPart,
    details: &[Detail],
    by: AccountId,
) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    let come = details.iter().filter(|detail| detail.attendee.is_coming());
    let keys: Vec<_> = come.map(|detail| detail.attendee.id.0).collect();
    let rows = sqlx::query!(
        r#"select attendee_id, case when $2 then dietary else access end as "needs!"
           from attendee_needs where attendee_id = any($1) and case when $2 then dietary else access end <> ''"#,
        &keys,
        part == NeedsPart::Dietary,
    )
    .fetch_all(&mut **tx)
    .await?;
    let needs: HashMap<_, _> = rows.into_iter().map(|row| (row.attendee_id, row.needs)).collect();
    let read = details.iter().filter(|detail| needs.contains_key(&detail.attendee.id.0));
    let (attendees, registrations): (Vec<_>, Vec<_>) =
        read.map(|detail| (detail.attendee.id.0, detail.registration.id.0)).unzip();
    let entries: Vec<_> = attendees.iter().map(|_| AuditId::new().0).collect();
    sqlx::query!(
        "insert into audit (id, conference_id, account_id, actor, kind, registration_id, attendee_id)
         select id, $4, $5, 'account', $6, registration, attendee
         from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as read (id, registration, attendee)",
        &entries,
        &registrations,
        &attendees,
        conference.0,
        by.0,
        AuditKind::NeedsRead.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(needs)
}

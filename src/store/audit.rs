//! The audit log: what happened, when, and who did it. Entries are only ever added. Personal values of changes are in a
//! table of their own, so that they can be erased.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{AccountId, AttendeeId, AuditId, AuditKind, ConferenceId, RegistrationId};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A delegate, with the public form or a secret link.
    Delegate,
    /// Somebody who is signed in.
    Account(AccountId),
    /// The program itself, or somebody at its command line.
    Program,
}

impl Actor {
    /// Returns the columns `actor` and `account_id`.
    pub fn columns(self) -> (&'static str, Option<uuid::Uuid>) {
        match self {
            Self::Delegate => ("delegate", None),
            Self::Account(account) => ("account", Some(account.0)),
            Self::Program => ("program", None),
        }
    }
}

/// A field that changed, with its values as people read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The column's name.
    pub field: &'static str,
    /// The value before the change.
    pub before: String,
    /// The value after the change.
    pub after: String,
}

impl Change {
    /// Returns what is recorded of the fields of an address. A field with several values is recorded once.
    pub fn of_fields(fields: impl IntoIterator<Item = (&'static str, String)>) -> Vec<Self> {
        let mut recorded: Vec<Self> = Vec::new();
        for (field, value) in fields {
            match recorded.iter_mut().find(|change| change.field == field) {
                Some(change) => change.after = format!("{}, {value}", change.after),
                None => recorded.push(Self { field, before: String::new(), after: value }),
            }
        }
        recorded
    }

    /// Lists the fields that changed. Each is given by its name, its value before and its value after.
    pub fn list<'a>(fields: impl IntoIterator<Item = (&'static str, &'a str, &'a str)>) -> Vec<Self> {
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        changed
            .map(|(field, before, after)| Self { field, before: before.to_owned(), after: after.to_owned() })
            .collect()
    }
}

/// An entry to write.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The conference, if the event belongs to one.
    pub conference: Option<ConferenceId>,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub kind: AuditKind,
    /// The registration that it concerns.
    pub registration: Option<RegistrationId>,
    /// The attendee that it concerns.
    pub attendee: Option<AttendeeId>,
    /// Anything else that it concerns, such as a session, a page or an account.
    pub subject: Option<uuid::Uuid>,
    /// The fields that changed; empty if something was created or ended.
    pub changes: &'a [Change],
}

impl Entry<'_> {
    /// Returns an entry that does not concern anything yet.
    pub fn of(kind: AuditKind, actor: Actor) -> Self {
        Self { conference: None, actor, kind, registration: None, attendee: None, subject: None, changes: &[] }
    }
}

/// Writes an entry. Call this in the transaction that makes the change.
pub async fn note(tx: &mut PgTransaction<'_>, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    let id = AuditId::new();
    let (actor, account) = entry.actor.columns();
    let fields: Vec<String> = entry.changes.iter().map(|change| change.field.to_owned()).collect();
    sqlx::query!(
        "insert into audit (id, conference_id, account_id, actor, kind, registration_id, attendee_id, subject_id, fields)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id.0,
        entry.conference.map(|id| id.0),
        account,
        actor,
        entry.kind.as_str(),
        entry.registration.map(|id| id.0),
        entry.attendee.map(|id| id.0),
        entry.subject,
        &fields,
    )
    .execute(&mut **tx)
    .await?;
    for change in entry.changes {
        sqlx::query!(
            "insert into audit_value (audit_id, field, before, after) values ($1, $2, $3, $4)",
            id.0,
            change.field,
            change.before,
            change.after,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// An entry of the history.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// When it happened.
    pub at: OffsetDateTime,
    /// Who did it.
    pub by: Author,
    /// What happened: the word of an [`AuditKind`], or one that a newer version wrote.
    pub kind: String,
    /// The fields that changed.
    pub changes: Vec<HistoryChange>,
}

/// Who did it, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A delegate.
    Delegate,
    /// Somebody with an account; their name.
    Account(String),
    /// The program itself.
    Program,
}

impl Author {
    /// Returns who it was, in words.
    pub fn words(&self) -> &str {
        match self {
            Self::Delegate => "the delegate",
            Self::Account(name) => name,
            Self::Program => "the program",
        }
    }

    /// Reads the columns `audit.actor` and `account.name`.
    pub fn of(actor: &str, name: Option<String>) -> Self {
        match (actor, name) {
            ("account", Some(name)) => Self::Account(name),
            ("delegate", _) => Self::Delegate,
            _ => Self::Program,
        }
    }
}

/// A field that changed, in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryChange {
    /// The column's name.
    pub field: String,
    /// The values before and after the change; `None` if they were erased.
    pub values: Option<(String, String)>,
}

/// Returns what happened to an attendee and their registration, newest first.
pub async fn history(
    conn: &mut PgConnection,
    registration: RegistrationId,
    attendee: AttendeeId,
) -> Result<Vec<HistoryEntry>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select audit.id, audit.at, audit.actor, account.name as "name?", audit.kind,
               changed.field as "field?", value.before, value.after,
               (value.audit_id is not null) as "kept!"
           from audit
           left join account on account.id = audit.account_id
           left join lateral unnest(audit.fields) with ordinality as changed (field, number) on true
           left join audit_value value on value.audit_id = audit.id and value.field = changed.field
           where audit.registration_id = $1 and (audit.attendee_id is null or audit.attendee_id = $2)
           order by audit.at desc, audit.id desc, changed.number"#,
        registration.0,
        attendee.0,
    )
    .fetch_all(conn)
    .await?;
    let mut entries: Vec<(uuid::Uuid, HistoryEntry)> = Vec::new();
    for row in rows {
        if entries.last().is_none_or(|(id, _)| *id != row.id) {
            let by = Author::of(&row.actor, row.name);
            let entry = HistoryEntry { at: row.at, by, kind: row.kind, changes: Vec::new() };
            entries.push((row.id, entry));
        }
        if let (Some((_, entry)), Some(field)) = (entries.last_mut(), row.field) {
            let values = row.kept.then(|| (row.before.unwrap_or_default(), row.after.unwrap_or_default()));
            entry.changes.push(HistoryChange { field, values });
        }
    }
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

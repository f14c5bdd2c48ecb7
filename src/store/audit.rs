//! The audit log: what was done, when, by whom. It only grows; the personal values of a change stand apart from it
//! and can be erased.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use crate::domain::{AccountId, AttendeeId, AuditId, AuditKind, ConferenceId, RegistrationId};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A delegate, by the public form or a secret link.
    Delegate,
    /// Somebody signed in.
    Account(AccountId),
    /// The program itself, or its command line.
    Program,
}

/// One field that changed, with its values for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The column's name.
    pub field: &'static str,
    /// What stood there.
    pub before: String,
    /// What stands there now.
    pub after: String,
}

impl Change {
    /// Lists the fields that changed. Each is given by its name, its value before and its value after.
    pub fn list<const N: usize>(fields: [(&'static str, &str, &str); N]) -> Vec<Self> {
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        changed
            .map(|(field, before, after)| Self { field, before: before.to_owned(), after: after.to_owned() })
            .collect()
    }
}

/// One entry to write.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The conference it belongs to, if it belongs to one.
    pub conference: Option<ConferenceId>,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub kind: AuditKind,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
    /// Another thing it is about: a session, a page, an account …
    pub subject: Option<uuid::Uuid>,
    /// What changed; empty where something was made or ended.
    pub changes: &'a [Change],
}

impl Entry<'_> {
    /// An entry about nothing in particular yet.
    pub fn of(kind: AuditKind, actor: Actor) -> Self {
        Self { conference: None, actor, kind, registration: None, attendee: None, subject: None, changes: &[] }
    }
}

/// Writes an entry, in the transaction that does what it tells of.
pub async fn note(tx: &mut PgTransaction<'_>, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    let id = AuditId::new();
    let (actor, account) = match entry.actor {
        Actor::Delegate => ("delegate", None),
        Actor::Account(account) => ("account", Some(account.0)),
        Actor::Program => ("program", None),
    };
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

/// An entry to read.
#[derive(Clone, Debug)]
pub struct Told {
    /// When it was.
    pub at: OffsetDateTime,
    /// Who did it.
    pub by: Teller,
    /// What happened: an [`AuditKind`]'s word, or one that a newer program wrote.
    pub kind: String,
    /// What changed.
    pub changes: Vec<ToldChange>,
}

/// Who did it, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Teller {
    /// A delegate.
    Delegate,
    /// Somebody with an account, by name.
    Account(String),
    /// The program itself.
    Program,
}

/// A field that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldChange {
    /// The column's name.
    pub field: String,
    /// What stood there and what came in its place; `None` where personal values were erased.
    pub values: Option<(String, String)>,
}

/// What happened to an attendee and to the registration around it, the newest first.
pub async fn history(
    conn: &mut PgConnection,
    registration: RegistrationId,
    attendee: AttendeeId,
) -> Result<Vec<Told>, sqlx::Error> {
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
    let mut entries: Vec<(uuid::Uuid, Told)> = Vec::new();
    for row in rows {
        if entries.last().is_none_or(|(id, _)| *id != row.id) {
            let by = match (row.actor.as_str(), row.name) {
                ("account", Some(name)) => Teller::Account(name),
                ("delegate", _) => Teller::Delegate,
                _ => Teller::Program,
            };
            let told = Told { at: row.at, by, kind: row.kind, changes: Vec::new() };
            entries.push((row.id, told));
        }
        if let (Some((_, told)), Some(field)) = (entries.last_mut(), row.field) {
            let values = row.kept.then(|| (row.before.unwrap_or_default(), row.after.unwrap_or_default()));
            told.changes.push(ToldChange { field, values });
        }
    }
    Ok(entries.into_iter().map(|(_, told)| told).collect())
}

//! The audit log as administrators read it: all entries, the newest first, by who did what and when.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::audit::{Author, HistoryChange};
use crate::domain::{AccountId, AttendeeId, AuditId, AuditKind, ConferenceId, Reference};

/// Selects entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Of this conference.
    pub conference: Option<ConferenceId>,
    /// Done by this account.
    pub account: Option<AccountId>,
    /// Of this kind.
    pub kind: Option<AuditKind>,
    /// From this time on.
    pub from: Option<OffsetDateTime>,
    /// Before this time.
    pub to: Option<OffsetDateTime>,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Its key. Keys grow with time.
    pub id: AuditId,
    /// When it happened.
    pub at: OffsetDateTime,
    /// Who did it.
    pub by: Author,
    /// What happened: the word of an [`AuditKind`], or one that a newer version wrote.
    pub kind: String,
    /// The slug of the conference, if it belongs to one that still exists.
    pub conference: Option<String>,
    /// The reference of the registration, if it concerns one.
    pub reference: Option<Reference>,
    /// The attendee whom it concerns, with the name.
    pub attendee: Option<(AttendeeId, String)>,
    /// The fields that changed.
    pub changes: Vec<HistoryChange>,
}

impl LogEntry {
    /// Returns what changed, a line for each field.
    pub fn changes_in_words(&self) -> Vec<String> {
        let line = |HistoryChange { field, values }: &HistoryChange| {
            let field = field.replace('_', " ");
            match values {
                None => field,
                Some((before, after)) if before.is_empty() || after.is_empty() => format!("{field}: {before}{after}"),
                Some((before, after)) => format!("{field}: {before} → {after}"),
            }
        };
        self.changes.iter().map(line).collect()
    }
}

/// Lists entries that are older than `before`, the newest first.
pub async fn list(
    conn: &mut PgConnection,
    filter: &LogFilter,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<LogEntry>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with page as (
               select * from audit
               where ($1::uuid is null or conference_id = $1) and ($2::uuid is null or account_id = $2)
                   and ($3::text is null or kind = $3) and ($4::timestamptz is null or at >= $4)
                   and ($5::timestamptz is null or at < $5) and ($6::uuid is null or id < $6)
               order by id desc limit $7
           )
           select page.id as "id!: AuditId", page.at as "at!", page.actor as "actor!", account.name as "name?", page.kind as "kind!",
               conference.slug as "slug?", registration.reference as "reference?", attendee.id as "attendee?: AttendeeId",
               attendee.name as "attendee_name?", changed.field as "field?", value.before, value.after,
               (value.audit_id is not null) as "kept!"
           from page
           left join account on account.id = page.account_id
           left join conference on conference.id = page.conference_id
           left join registration on registration.id = page.registration_id
           left join attendee on attendee.id = page.attendee_id
           left join lateral unnest(page.fields) with ordinality as changed (field, number) on true
           left join audit_value value on value.audit_id = page.id and value.field = changed.field
           order by page.id desc, changed.number"#,
        filter.conference.map(|id| id.0),
        filter.account.map(|id| id.0),
        filter.kind.map(AuditKind::as_str),
        filter.from,
        filter.to,
        before.map(|id| id.0),
        limit,
    )
    .fetch_all(conn)
    .await?;
    let mut entries: Vec<LogEntry> = Vec::new();
    for row in rows {
        if entries.last().is_none_or(|entry| entry.id != row.id) {
            entries.push(LogEntry {
                id: row.id,
                at: row.at,
                by: Author::of(&row.actor, row.name),
                kind: row.kind,
                conference: row.slug,
                reference: row.reference.map(Reference::kept),
                attendee: row.attendee.zip(row.attendee_name),
                changes: Vec::new(),
            });
        }
        if let (Some(entry), Some(field)) = (entries.last_mut(), row.field) {
            let values = row.kept.then(|| (row.before.unwrap_or_default(), row.after.unwrap_or_default()));
            entry.changes.push(HistoryChange { field, values });
        }
    }
    Ok(entries)
}

//! `/administration/audit.csv` and `.xlsx`: the entries of the audit log that a filter selects, as a file. The log records this, too.

use std::fs::File;

use axum::{extract::State, http::Uri};
use tokio::task::spawn_blocking;

use super::audit::{filter, filter_fields};
use crate::{
    access::Person,
    documents::{
        csv::Separator,
        format::TableFormat,
        table::{Cell, Column, Kind},
    },
    domain::{AuditKind, SignedIn, Zone},
    store::{
        audit::{self, Actor, Change, Entry},
        audit_log::{self, LogEntry},
    },
    web::{App, AppError, Result, Submitted, in_parts},
};

/// The number of entries that are read at once.
const CHUNK: i64 = 1000;

/// `GET /administration/audit.csv`.
pub async fn csv(State(app): State<App>, Person(person): Person, uri: Uri) -> Result {
    file(&app, &person, &uri, TableFormat::Csv(Separator::Comma)).await
}

/// `GET /administration/audit.xlsx`.
pub async fn xlsx(State(app): State<App>, Person(person): Person, uri: Uri) -> Result {
    file(&app, &person, &uri, TableFormat::Xlsx).await
}

/// Responds with the file. It supersedes another that this person is still downloading.
async fn file(app: &App, person: &SignedIn, uri: &Uri, format: TableFormat) -> Result {
    let form = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let superseded = app.downloads.begin(person.account);
    let writing = write(app, person, &form, format);
    let file = superseded.run_until_cancelled(writing).await.ok_or(AppError::TooMany { retry_after: 1 })??;
    in_parts::table(file, ("audit-log", format), superseded)
}

/// Writes the file from one snapshot of the database.
async fn write(app: &App, person: &SignedIn, form: &Submitted, format: TableFormat) -> Result<File, AppError> {
    let zone = app.sites.current_zone(&app.store).await;
    let filter = filter(form, &zone);
    let (turn, mut snapshot) = app.store.export().await?;
    let mut file = format.begin().map_err(AppError::internal)?;
    file.table("Audit log", &columns()).map_err(AppError::internal)?;
    let mut before = None;
    loop {
        let entries = audit_log::list(&mut snapshot, &filter, before, CHUNK).await?;
        let Some(last) = entries.last() else { break };
        before = Some(last.id);
        for entry in &entries {
            file.row(&row(entry, &zone)).map_err(AppError::internal)?;
        }
    }
    let changes = Change::of_fields(filter_fields(form));
    let entry = Entry { changes: &changes, ..Entry::of(AuditKind::AuditExported, Actor::Account(person.account)) };
    audit::note(&mut snapshot, entry).await?;
    snapshot.commit().await?;
    let finished = spawn_blocking(move || file.finish()).await.map_err(AppError::internal)?;
    drop(turn);
    finished.map_err(AppError::internal)
}

fn columns() -> [Column; 7] {
    [
        Column::plain("When", 17),
        Column::plain("Who", 24),
        Column::plain("What", 40),
        Column::plain("Conference", 20),
        Column::of(Kind::Code, "Registration", 12),
        Column::plain("Attendee", 24),
        Column::of(Kind::Lines, "Changes", 60),
    ]
}

fn row(entry: &LogEntry, zone: &Zone) -> [Cell; 7] {
    [
        Cell::moment(zone, entry.at),
        Cell::text(entry.by.words()),
        Cell::text(AuditKind::in_words(&entry.kind)),
        Cell::text(entry.conference.clone().unwrap_or_default()),
        Cell::text(entry.reference.as_ref().map(ToString::to_string).unwrap_or_default()),
        Cell::text(entry.attendee.as_ref().map(|(_, name)| name.clone()).unwrap_or_default()),
        Cell::text(entry.changes_in_words().join("\n")),
    ]
}

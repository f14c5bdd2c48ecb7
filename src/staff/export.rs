//! `/staff/{c}/attendees.csv`: the list as it is shown, all its pages, for a spreadsheet.

use axum::{
    extract::State,
    http::{HeaderValue, Uri, header},
    response::IntoResponse,
};

use super::{
    fields::{HEADINGS, cells},
    query::ListQuery,
};
use crate::{
    access::Person,
    documents::csv,
    domain::{AuditKind, ConferenceId, Zone},
    store::{
        Store,
        audit::{self, Actor, Change, Entry},
        registrations::attendees::{self, Export, Exported},
    },
    web::{
        App, AppError, Current, Result,
        in_parts::{self, InParts},
    },
};

/// `GET /staff/{c}/attendees.csv`. Somebody who asks for a second file while the first is still on its way has given that
/// one up, or their connection has: it is ended.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let query = ListQuery::read(uri.query());
    note(&app, site.conference.id, &query, Actor::Account(person.account)).await?;
    let superseded = app.downloads.begin(person.account);
    attendees::bring_up_to_date(&app.store).await?;
    let (turn, mut search) = app.store.export().await?;
    let export = Export::begin(&mut search, query.wanted(site.conference.id)).await?;
    drop((search, turn));
    let asked = export.questions().iter().map(|(_, text)| text.as_str());
    let heading = Some(csv::heading(&HEADINGS.into_iter().chain(asked).collect::<Vec<_>>()));
    let lines = Lines { heading, store: app.store.clone(), export, zone: site.conference.zone.clone() };
    let name = format!("attachment; filename=\"attendees-{}.csv\"", site.conference.slug);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(AppError::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, in_parts::body(lines, superseded)).into_response())
}

/// Records who downloaded which list.
async fn note(app: &App, conference: ConferenceId, query: &ListQuery, actor: Actor) -> Result<()> {
    let asked: Vec<_> = query
        .fields()
        .into_iter()
        .filter(|(field, _)| matches!(*field, "q" | "state" | "category"))
        .map(|(field, after)| Change { field, before: String::new(), after })
        .collect();
    let mut tx = app.store.begin().await?;
    let entry =
        Entry { conference: Some(conference), changes: &asked, ..Entry::of(AuditKind::AttendeesExported, actor) };
    audit::note(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// The lines of a file.
struct Lines {
    /// The first line, until it was sent.
    heading: Option<Vec<u8>>,
    store: Store,
    export: Export,
    zone: Zone,
}

impl InParts for Lines {
    /// Returns a few hundred lines. The connection is given back before anybody takes them.
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if let Some(heading) = self.heading.take() {
            return Ok(Some(heading));
        }
        let (_turn, mut search) = self.store.export().await?;
        let lines = self.export.next(&mut search).await?;
        let cells = |Exported { detail, answers }: &Exported| {
            cells(detail, &self.zone).into_iter().chain(answers.iter().cloned()).collect::<Vec<_>>()
        };
        Ok(lines.map(|lines| csv::lines(lines.iter().map(cells))))
    }
}

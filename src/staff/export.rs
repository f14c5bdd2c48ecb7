//! `/staff/{c}/attendees.csv`: the list as it is shown, all its pages, for a spreadsheet.

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Uri, header},
    response::IntoResponse,
};
use http_body_util::channel::{Channel, Sender};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

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
        registrations::attendees::{Detail, Export},
    },
    web::{App, AppError, Current, Result},
};

type Chunk = axum::body::Bytes;

/// How long a browser may take nothing of the file before the download is ended.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// `GET /staff/{c}/attendees.csv`. Somebody who asks for a second file while the first is still on its way has given that
/// one up, or their connection has: it is ended.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let query = ListQuery::read(uri.query());
    note(&app, site.conference.id, &query, Actor::Account(person.account)).await?;
    let superseded = app.downloads.begin(person.account);
    let (turn, mut search) = app.store.export().await?;
    let export = Export::begin(&mut search, query.wanted(site.conference.id)).await?;
    drop((search, turn));
    let (sender, body) = Channel::<Chunk, AppError>::new(1);
    tokio::spawn(send(app.store.clone(), export, site.conference.zone.clone(), sender, superseded));
    let name = format!("attachment; filename=\"attendees-{}.csv\"", site.conference.slug);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(AppError::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::new(body)).into_response())
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

/// Sends the lines as they are read: never more than a few hundred are in memory, however slowly they are taken. A file
/// that does not come to its end is seen as broken off.
async fn send(
    store: Store,
    mut export: Export,
    zone: Zone,
    mut to: Sender<Chunk, AppError>,
    superseded: CancellationToken,
) {
    let mut chunk = csv::heading(&HEADINGS);
    loop {
        let sending = timeout(TIME_LIMIT, to.send_data(chunk.into()));
        match superseded.run_until_cancelled(sending).await {
            Some(Ok(Ok(()))) => {}
            Some(_) => return to.abort(AppError::internal("the list was not taken to its end")),
            None => return to.abort(AppError::internal("the same person asked for a list again")),
        }
        match next(&store, &mut export).await {
            Ok(None) => return,
            Ok(Some(lines)) => chunk = csv::lines(lines.iter().map(|line| cells(line, &zone))),
            Err(error) => {
                tracing::error!(%error, "a list broke off");
                return to.abort(error.into());
            }
        }
    }
}

/// The next lines. The connection is given back before anybody takes them.
async fn next(store: &Store, export: &mut Export) -> Result<Option<Vec<Detail>>, sqlx::Error> {
    let (_turn, mut search) = store.export().await?;
    export.next(&mut search).await
}

//! Lists of attendees that people at the desk have given a name.

use sqlx::{PgConnection, PgTransaction};

use crate::{
    domain::{AccountId, AuditKind, ConferenceId, SavedViewId, ViewName, text::folded},
    store::{
        audit::{self, Actor, Change, Entry},
        violated,
    },
};

/// A list of attendees with a name.
#[derive(Clone, Debug)]
pub struct SavedView {
    /// The key.
    pub id: SavedViewId,
    /// The name.
    pub name: String,
    /// The query of the list's address.
    pub query: String,
}

/// Why a view was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveViewError {
    /// Another one has this name.
    #[error("the name is taken")]
    NameTaken,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SaveViewError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("saved_view_name_unique") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

/// Lists the views of a conference by name.
pub async fn list_views(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<SavedView>, sqlx::Error> {
    sqlx::query_as!(
        SavedView,
        r#"select id as "id: SavedViewId", name, query from saved_view where conference_id = $1 order by name_folded"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Saves a view and records who did.
pub async fn save_view(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    name: &ViewName,
    query: &str,
    by: AccountId,
) -> Result<(), SaveViewError> {
    let id = SavedViewId::new();
    sqlx::query!(
        "insert into saved_view (id, conference_id, name, name_folded, query) values ($1, $2, $3, $4, $5)",
        id.0,
        conference.0,
        name.as_str(),
        folded(name.as_str()),
        query,
    )
    .execute(&mut **tx)
    .await?;
    let changes = Change::list([("name", "", name.as_str()), ("query", "", query)]);
    note(tx, (conference, id), (AuditKind::ViewSaved, by), &changes).await?;
    Ok(())
}

/// Removes a view and records who did. Returns whether there was one.
pub async fn remove_view(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: SavedViewId,
    by: AccountId,
) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!(
        "delete from saved_view where conference_id = $1 and id = $2 returning name, query",
        conference.0,
        id.0,
    );
    let Some(removed) = removed.fetch_optional(&mut **tx).await? else { return Ok(false) };
    let changes = Change::list([("name", &*removed.name, ""), ("query", &removed.query, "")]);
    note(tx, (conference, id), (AuditKind::ViewRemoved, by), &changes).await?;
    Ok(true)
}

async fn note(
    tx: &mut PgTransaction<'_>,
    (conference, id): (ConferenceId, SavedViewId),
    (kind, by): (AuditKind, AccountId),
    changes: &[Change],
) -> Result<(), sqlx::Error> {
    let entry =
        Entry { conference: Some(conference), subject: Some(id.0), changes, ..Entry::of(kind, Actor::Account(by)) };
    audit::note(tx, entry).await
}

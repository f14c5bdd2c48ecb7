//! The conferences as a series: which there are, who sees them, and how another one is opened.

pub mod copying;
pub mod opening;
pub mod remaining;

use sqlx::{PgConnection, PgTransaction};

use crate::domain::{ConferenceId, EditionState};

/// A conference in a list.
#[derive(Clone, Debug)]
pub struct Edition {
    /// Its key.
    pub id: ConferenceId,
    /// The first part of its addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// The city where it takes place.
    pub city: String,
    /// Its year.
    pub year: i32,
    /// Whether paths without a slug lead to it.
    pub is_current: bool,
    /// Whether only people who are signed in see it.
    pub in_preparation: bool,
    /// Whether everything in it is invented.
    pub is_demonstration: bool,
}

impl Edition {
    /// Returns who sees it.
    pub fn state(&self) -> EditionState {
        EditionState::of(self.is_current, self.in_preparation)
    }

    /// Returns the city and the year, such as "Leipzig 2018".
    pub fn short(&self) -> String {
        format!("{} {}", self.city, self.year)
    }
}

/// Lists all conferences, latest first.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Edition>, sqlx::Error> {
    sqlx::query_as!(
        Edition,
        r#"select id as "id: ConferenceId", slug, title, city, extract(year from starts_on)::int as "year!", is_current,
               in_preparation, is_demonstration
           from conference order by starts_on desc, slug"#,
    )
    .fetch_all(conn)
    .await
}

/// Returns the slug of the conference with this key.
pub async fn find_slug(conn: &mut PgConnection, conference: ConferenceId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select slug from conference where id = $1", conference.0).fetch_optional(conn).await
}

/// Whether anybody has registered for a conference.
pub async fn has_registrations(conn: &mut PgConnection, conference: ConferenceId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from registration where conference_id = $1) as "any!""#, conference.0,)
        .fetch_one(conn)
        .await
}

/// What changing the state of a conference did.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// Its state before.
    pub before: EditionState,
    /// The slug of the conference that was the current one before, if this one became it.
    pub instead_of: Option<String>,
}

/// Why the state was not changed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Without the current conference, the start page would be empty.
    #[error("it is the current conference")]
    IsCurrent,
    /// People have registered, and must be able to read what was said to them.
    #[error("people have registered")]
    HasRegistrations,
    /// It is a demonstration, or it no longer exists.
    #[error("it has no state")]
    None,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Sets who sees a conference. Returns `None` if it is in this state already.
pub async fn set_state(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    state: EditionState,
) -> Result<Option<StateChange>, StateError> {
    // One after the other, because at most one can be the current one at any moment.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('conference_one_current', 0))")
        .execute(&mut **tx)
        .await?;
    // Before the update of any of them locks the row of `publication`, as `sites::lock` says.
    let rows = sqlx::query!(
        r#"select id as "id: ConferenceId", slug, is_current, in_preparation, is_demonstration
           from conference where is_current or id = $1 order by id for no key update"#,
        conference.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let this = rows.iter().find(|row| row.id == conference && !row.is_demonstration).ok_or(StateError::None)?;
    let before = EditionState::of(this.is_current, this.in_preparation);
    if before == state {
        return Ok(None);
    }
    if before == EditionState::Current {
        return Err(StateError::IsCurrent);
    }
    if state == EditionState::InPreparation && has_registrations(tx, conference).await? {
        return Err(StateError::HasRegistrations);
    }
    let mut instead_of = None;
    if state == EditionState::Current {
        instead_of = rows.iter().find(|row| row.is_current).map(|row| row.slug.clone());
        sqlx::query!("update conference set is_current = false where is_current").execute(&mut **tx).await?;
    }
    sqlx::query!(
        "update conference set is_current = $2, in_preparation = $3 where id = $1",
        conference.0,
        state == EditionState::Current,
        state == EditionState::InPreparation,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Some(StateChange { before, instead_of }))
}

//! A conference's settings, which administrators change.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{
    registrations::waiting::{lock_places, lock_queue, offer_places},
    violated,
};
use crate::domain::{
    Access, Capacity, CapacityId, CategoryAudience, CategoryDescription, CategoryId, CategoryName, Cents, ConferenceId,
    EmailAddress, Fee, OfferHours, Period, Places, Slug,
};

/// A conference's new settings.
#[derive(Clone, Debug)]
pub struct NewSettings {
    /// When registration opens; `None` if it is open from the start.
    pub registration_opens: Option<OffsetDateTime>,
    /// When registration closes; `None` for the end of the last day.
    pub registration_closes: Option<OffsetDateTime>,
    /// From when on delegates can change nothing with their manage links; `None` if they always can.
    pub changes_until: Option<OffsetDateTime>,
    /// The number of places at the whole conference; `None` for no limit.
    pub places: Option<Places>,
    /// How many hours an offer of a place to somebody on the waiting list is open.
    pub offer_hours: OfferHours,
}

/// Why settings were not saved.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Somebody else has saved them since.
    #[error("saved by somebody else")]
    Changed,
    /// More places are taken than there would be.
    #[error("more places are taken")]
    BelowTaken,
    /// Registration would close before it opens, because it closes with the last day.
    #[error("registration would close before it opens")]
    WindowOutOfOrder,
    /// Another category has this name.
    #[error("another category has this name")]
    NameTaken,
    /// Delegates would owe a fee without reading where to pay it.
    #[error("there is no account for fees")]
    NoAccount,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SettingsError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("conference_window_in_order") => Self::WindowOutOfOrder,
            Some("capacity_holds") => Self::BelowTaken,
            Some("category_name_unique") => Self::NameTaken,
            Some("fee_needs_account") => Self::NoAccount,
            _ => Self::Database(error),
        }
    }
}

/// Saves a conference's settings if they are still at this revision, and offers places that become free.
pub async fn keep(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    revision: i32,
    settings: &NewSettings,
    (now, operations): (OffsetDateTime, &EmailAddress),
) -> Result<(), SettingsError> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let kept = sqlx::query!(
        "update conference set registration_opens = $3, registration_closes = $4, revision = revision + 1
         where id = $1 and revision = $2",
        conference.0,
        revision,
        settings.registration_opens,
        settings.registration_closes,
    )
    .execute(&mut **tx)
    .await?;
    if kept.rows_affected() == 0 {
        return Err(SettingsError::Changed);
    }
    sqlx::query!(
        "update registration_settings set offer_hours = $2, changes_until = $3 where conference_id = $1",
        conference.0,
        settings.offer_hours.number(),
        settings.changes_until,
    )
    .execute(&mut **tx)
    .await?;
    keep_places(tx, conference, None, settings.places).await?;
    offer_places(tx, conference, now, operations).await?;
    Ok(())
}

/// Returns how many hours an offer of a place is open.
pub async fn offer_hours(conn: &mut PgConnection, conference: ConferenceId) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!("select offer_hours from registration_settings where conference_id = $1", conference.0)
        .fetch_one(conn)
        .await
}

/// Returns how many places are offered to people on the waiting list, at the whole conference or in one category.
pub async fn count_offered(
    conn: &mut PgConnection,
    conference: ConferenceId,
    category: Option<CategoryId>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from place
           where conference_id = $1 and state = 'offered' and ($2::uuid is null or category_id = $2)"#,
        conference.0,
        category.map(|id| id.0),
    )
    .fetch_one(conn)
    .await
}

/// Returns from when on delegates can change nothing with their manage links; `None` if they always can.
pub async fn changes_until(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Option<OffsetDateTime>, sqlx::Error> {
    let until =
        sqlx::query_scalar!("select changes_until from registration_settings where conference_id = $1", conference.0)
            .fetch_optional(conn)
            .await?;
    Ok(until.flatten())
}

/// Returns the number of places at the whole conference, and how many are taken.
pub async fn whole(conn: &mut PgConnection, conference: ConferenceId) -> Result<Capacity, sqlx::Error> {
    let row = sqlx::query!(
        "select places, taken from capacity where conference_id = $1 and category_id is null",
        conference.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map_or(Capacity { places: None, taken: 0 }, |row| Capacity { places: row.places, taken: row.taken }))
}

/// Saves the number of places. The check `capacity_holds` refuses fewer places than are taken.
async fn keep_places(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    category: Option<CategoryId>,
    places: Option<Places>,
) -> Result<(), SettingsError> {
    sqlx::query!(
        "insert into capacity (id, conference_id, category_id, places) values ($1, $2, $3, $4)
         on conflict on constraint capacity_unique do update set places = excluded.places",
        CapacityId::new().0,
        conference.0,
        category.map(|id| id.0),
        places.map(Places::number),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is set for a category, besides its places.
#[derive(Clone, Debug)]
pub struct CategoryDetails {
    /// Its name.
    pub name: CategoryName,
    /// What it is; may be empty.
    pub description: CategoryDescription,
    /// Who it is for; may be empty.
    pub audience: CategoryAudience,
    /// What it costs.
    pub fee: Fee,
    /// When delegates can choose it.
    pub period: Period,
    /// Who can choose it.
    pub access: Access,
    /// Its position in lists, from 1.
    pub place: i16,
}

/// A category with all its settings.
#[derive(Clone, Debug)]
pub struct CategorySettings {
    /// Its key.
    pub id: CategoryId,
    /// What is set for it.
    pub details: CategoryDetails,
    /// The number of places, and how many are taken.
    pub capacity: Capacity,
    /// The revision of the row, which each change increments.
    pub revision: i32,
}

/// Lists the categories of a conference in their order.
pub async fn list_categories(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<CategorySettings>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select category.id as "id: CategoryId", name as "name: CategoryName",
               description as "description: CategoryDescription", audience as "audience: CategoryAudience",
               fee_cents as "fee: Cents", early_fee_cents as "early_fee: Cents", early_until, opens, closes,
               access as "access: Access", place, revision, capacity.places as "places?",
               coalesce(capacity.taken, 0) as "taken!"
           from category left join capacity on capacity.category_id = category.id
           where category.conference_id = $1 order by place, name"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    let category = rows.into_iter().map(|row| CategorySettings {
        id: row.id,
        details: CategoryDetails {
            name: row.name,
            description: row.description,
            audience: row.audience,
            fee: Fee::read(row.fee, row.early_fee, row.early_until),
            period: Period { opens: row.opens, closes: row.closes },
            access: row.access,
            place: row.place,
        },
        capacity: Capacity { places: row.places, taken: row.taken },
        revision: row.revision,
    });
    Ok(category.collect())
}

/// A category's new settings.
#[derive(Clone, Debug)]
pub struct NewCategory {
    /// What is set for it.
    pub details: CategoryDetails,
    /// The number of places; `None` for no limit.
    pub places: Option<Places>,
}

/// Adds a category with the first free slug that can be made from its name.
pub async fn add_category(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    category: &NewCategory,
) -> Result<CategoryId, SettingsError> {
    let id = CategoryId::new();
    // Changes of categories are made one at a time, because they could wait for each other for a name and a counter.
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let CategoryDetails { name, description, audience, fee, period, access, place } = &category.details;
    for slug in Slug::of(name.as_str()).candidates() {
        let added = sqlx::query!(
            "insert into category (id, conference_id, slug, name, description, audience, fee_cents, early_fee_cents,
                 early_until, opens, closes, access, place)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict on constraint category_slug_unique do nothing",
            id.0,
            conference.0,
            slug.as_str(),
            name.as_str(),
            description.as_str(),
            audience.as_str(),
            fee.full.0,
            fee.early.map(|early| early.amount.0),
            fee.early.map(|early| early.until),
            period.opens,
            period.closes,
            access.as_str(),
            place,
        )
        .execute(&mut **tx)
        .await?;
        if added.rows_affected() == 1 {
            break;
        }
    }
    keep_places(tx, conference, Some(id), category.places).await?;
    Ok(id)
}

/// Saves a category's settings if nobody has changed them since they were read, and offers places that become free.
pub async fn keep_category(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    before: &CategorySettings,
    category: &NewCategory,
    (now, operations): (OffsetDateTime, &EmailAddress),
) -> Result<(), SettingsError> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let CategoryDetails { name, description, audience, fee, period, access, place } = &category.details;
    let kept = sqlx::query!(
        "update category set name = $3, description = $4, audience = $5, fee_cents = $6, early_fee_cents = $7,
             early_until = $8, opens = $9, closes = $10, access = $11, place = $12, revision = revision + 1
         where id = $1 and conference_id = $2 and revision = $13
             and (select places from capacity where category_id = $1) is not distinct from $14",
        before.id.0,
        conference.0,
        name.as_str(),
        description.as_str(),
        audience.as_str(),
        fee.full.0,
        fee.early.map(|early| early.amount.0),
        fee.early.map(|early| early.until),
        period.opens,
        period.closes,
        access.as_str(),
        place,
        before.revision,
        before.capacity.places,
    )
    .execute(&mut **tx)
    .await?;
    if kept.rows_affected() == 0 {
        return Err(SettingsError::Changed);
    }
    keep_places(tx, conference, Some(before.id), category.places).await?;
    offer_places(tx, conference, now, operations).await?;
    Ok(())
}

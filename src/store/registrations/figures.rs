//! The figures of a conference for the desk's first page: how many registered when, who they are, and what needs somebody.

use sqlx::PgConnection;
use time::Date;

use super::amounts;
use crate::domain::{AttendeeState, CategoryId, Cents, ConferenceId, Country, Currency, Stored};
use crate::store::{Search, payment_settings};

/// The most organisations that are listed.
const ORGANISATIONS: i64 = 10;

/// The figures of a conference.
#[derive(Clone, Debug)]
pub struct Figures {
    /// How many attendees there are in each state.
    pub states: Vec<(Stored<AttendeeState>, i64)>,
    /// How many of those who come or wait registered on each day, in the conference's zone; days without any are left out.
    pub days: Vec<(Date, i64)>,
    /// The number of places at the conference; `None` means no limit.
    pub places: Option<i32>,
    /// The categories, in their order.
    pub categories: Vec<CategoryFigures>,
    /// How many come or wait from each country; most first.
    pub countries: Vec<(Country, i64)>,
    /// How many come or wait from each of the organisations with most.
    pub organisations: Vec<(String, i64)>,
    /// How many who come or wait have needs.
    pub needs: i64,
    /// What is owed and paid; `None` if the conference has no fees.
    pub amounts: Option<AmountFigures>,
}

/// The figures of a category.
#[derive(Clone, Debug)]
pub struct CategoryFigures {
    /// Its key.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// The number of places; `None` means no limit of its own.
    pub places: Option<i32>,
    /// How many have a place.
    pub confirmed: i64,
    /// How many wait, or have been offered a place.
    pub waiting: i64,
}

/// What is owed and paid in all.
#[derive(Clone, Copy, Debug)]
pub struct AmountFigures {
    /// What is owed.
    pub owed: Cents,
    /// What was paid.
    pub paid: Cents,
    /// What is open, without what was paid too much elsewhere.
    pub open: Cents,
    /// How many registrations have not paid all.
    pub open_registrations: i64,
    /// The currency.
    pub currency: Currency,
}

/// Reads the figures.
pub async fn read(search: &mut Search, conference: ConferenceId) -> Result<Figures, sqlx::Error> {
    Ok(Figures {
        states: states(search, conference).await?,
        days: days(search, conference).await?,
        places: sqlx::query_scalar!(
            "select places from capacity where conference_id = $1 and category_id is null",
            conference.0
        )
        .fetch_optional(&mut **search)
        .await?
        .flatten(),
        categories: categories(search, conference).await?,
        countries: countries(search, conference).await?,
        organisations: organisations(search, conference).await?,
        needs: sqlx::query_scalar!(
            r#"select count(*) as "count!" from attendee_listing
               where conference_id = $1 and has_needs and state in ('waiting', 'offered', 'confirmed')"#,
            conference.0,
        )
        .fetch_one(&mut **search)
        .await?,
        amounts: amounts(search, conference).await?,
    })
}

async fn states(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<(Stored<AttendeeState>, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select state, count(*) as "number!" from attendee_listing where conference_id = $1 group by state order by state"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (Stored::read(row.state, AttendeeState::parse), row.number)).collect())
}

async fn days(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<(Date, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select (attendee_listing.created_at at time zone time_zone)::date as "day!", count(*) as "number!"
           from attendee_listing join conference on conference.id = conference_id
           where conference_id = $1 and state in ('waiting', 'offered', 'confirmed')
           group by 1 order by 1"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.day, row.number)).collect())
}

async fn categories(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<CategoryFigures>, sqlx::Error> {
    sqlx::query_as!(
        CategoryFigures,
        r#"with counted as (
               select category_id, count(*) filter (where state = 'confirmed') as confirmed,
                   count(*) filter (where state in ('waiting', 'offered')) as waiting
               from attendee_listing where conference_id = $1 group by category_id
           )
           select category.id as "id: CategoryId", name, capacity.places as "places?",
               coalesce(confirmed, 0) as "confirmed!", coalesce(waiting, 0) as "waiting!"
           from category
           left join capacity on capacity.conference_id = $1 and capacity.category_id = category.id
           left join counted on counted.category_id = category.id
           where category.conference_id = $1 order by place, category.id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

async fn countries(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<(Country, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select country as "country!: Country", count(*) as "number!" from attendee_listing
           where conference_id = $1 and state in ('waiting', 'offered', 'confirmed') and country is not null
           group by country order by count(*) desc, country"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.country, row.number)).collect())
}

async fn organisations(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with most as (
               select organisation as folded, count(*) as number, min(attendee_id::text)::uuid as first
               from attendee_listing
               where conference_id = $1 and state in ('waiting', 'offered', 'confirmed') and organisation is not null
               group by organisation order by count(*) desc, organisation limit $2
           )
           select registration.organisation, number as "number!"
           from most join attendee on attendee.id = first join registration on registration.id = registration_id
           order by number desc, folded"#,
        conference.0,
        ORGANISATIONS,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.organisation, row.number)).collect())
}

async fn amounts(conn: &mut PgConnection, conference: ConferenceId) -> Result<Option<AmountFigures>, sqlx::Error> {
    if !amounts::has_any(conn, conference).await? {
        return Ok(None);
    }
    let currency = payment_settings::get(&mut *conn, conference).await?.currency;
    let row = sqlx::query!(
        r#"select coalesce(sum(owed_cents), 0)::bigint as "owed!: Cents", coalesce(sum(paid_cents), 0)::bigint as "paid!: Cents",
               coalesce(sum(greatest(owed_cents - paid_cents, 0)), 0)::bigint as "open!: Cents",
               count(*) filter (where owed_cents > paid_cents) as "open_registrations!"
           from balance where conference_id = $1"#,
        conference.0,
    )
    .fetch_one(conn)
    .await?;
    let (owed, paid, open, open_registrations) = (row.owed, row.paid, row.open, row.open_registrations);
    Ok(Some(AmountFigures { owed, paid, open, open_registrations, currency }))
}

//! The figures of a conference for the desk's first page: how many registered when, who they are, and what needs somebody. They are
//! read from the counts that filling in the list keeps (`attendees::listing`), not from the people.

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
    /// How many come from each country; most first.
    pub countries: Vec<(Country, i64)>,
    /// How many come from each of the organisations with most.
    pub organisations: Vec<(String, i64)>,
    /// How many who come have needs.
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
            r#"select coalesce(sum(number), 0)::bigint as "count!" from attendee_count
               where conference_id = $1 and kind = 'needs' and state = 'confirmed'"#,
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
        "select state, number from attendee_count
         where conference_id = $1 and kind = 'all' and number > 0 order by state",
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (Stored::read(row.state, AttendeeState::parse), row.number)).collect())
}

async fn days(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<(Date, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select value::date as "day!", sum(number)::bigint as "number!" from attendee_count
           where conference_id = $1 and kind = 'day' and state in ('waiting', 'offered', 'confirmed') and number > 0
           group by value order by value"#,
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
               select value::uuid as category_id, sum(number) filter (where state = 'confirmed')::bigint as confirmed,
                   sum(number) filter (where state in ('waiting', 'offered'))::bigint as waiting
               from attendee_count where conference_id = $1 and kind = 'category' group by value
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
        r#"select value as "country!: Country", sum(number)::bigint as "number!" from attendee_count
           where conference_id = $1 and kind = 'country' and state = 'confirmed' and number > 0
           group by value order by sum(number) desc, value"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.country, row.number)).collect())
}

async fn organisations(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        // As it is written by one of its people.
        r#"with most as (
               select value as folded, number from attendee_count
               where conference_id = $1 and kind = 'organisation' and number > 0
               order by number desc, value limit $2
           )
           select registration.organisation, number as "number!"
           from most
           cross join lateral (
               select attendee_id from attendee_listing
               where conference_id = $1 and attendee_listing.organisation = folded and state = 'confirmed'
               order by attendee_listing.name, attendee_id limit 1
           ) one
           join attendee on attendee.id = attendee_id join registration on registration.id = registration_id
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
               coalesce(sum(owed_cents - paid_cents) filter (where kind = 'open'), 0)::bigint as "open!: Cents",
               coalesce(sum(registrations) filter (where kind = 'open'), 0)::bigint as "open_registrations!"
           from balance_count where conference_id = $1"#,
        conference.0,
    )
    .fetch_one(conn)
    .await?;
    let (owed, paid, open, open_registrations) = (row.owed, row.paid, row.open, row.open_registrations);
    Ok(Some(AmountFigures { owed, paid, open, open_registrations, currency }))
}

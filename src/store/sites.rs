//! Conferences as every page's frame needs them, and the number of what is published.

use std::{io, time::Duration};

use sqlx::{
    PgConnection, PgTransaction,
    postgres::{PgListener, PgPoolOptions},
};
use time::OffsetDateTime;

use super::Store;
use crate::domain::{Availability, Conference, ConferenceId, Country, Day, RegistrationStatus, Zone};
use crate::store::registrations::categories;

/// What the frame of a conference's pages shows.
#[derive(Clone, Debug)]
pub struct Site {
    /// The conference.
    pub conference: Conference,
    /// The pages that the footer links to, in their order.
    pub footer: Vec<FooterPage>,
    /// How many places are left.
    pub availability: Availability,
}

impl Site {
    /// Whether somebody can register at this instant.
    pub fn registration(&self, now: OffsetDateTime) -> RegistrationStatus {
        RegistrationStatus::of(self.conference.window().at(now), self.availability)
    }
}

/// A page that the footer links to.
#[derive(Clone, Debug)]
pub struct FooterPage {
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: String,
}

impl Store {
    /// The number of the published state; it grows with every change to what the public reads.
    pub async fn publication_version(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar!("select version from publication").fetch_one(&mut *self.read().await?).await
    }

    /// Hears of every publication, on any instance. The connection is one of its own: one of the pool's would be
    /// missing there for ever, and hearing must not wait for a free one. A database that can only be read counts as away.
    pub async fn hear_publications(&self) -> Result<PgListener, sqlx::Error> {
        let alone = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy_with(self.pool.connect_options().as_ref().clone());
        let mut listener = PgListener::connect_with(&alone).await?;
        let read_only = sqlx::query_scalar!("select current_setting('transaction_read_only')::bool");
        if read_only.fetch_one(&mut listener).await? == Some(true) {
            return Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "the database is read-only").into());
        }
        // A lost connection is reported instead of being replaced silently.
        listener.eager_reconnect(false);
        listener.listen("publication").await?;
        Ok(listener)
    }

    /// The slug of the conference that addresses without a slug lead to.
    pub async fn current_slug(&self) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar!("select slug from conference where is_current")
            .fetch_optional(&mut *self.read().await?)
            .await
    }

    /// The conference of this slug, with its footer.
    pub async fn find_site(&self, slug: &str) -> Result<Option<Site>, sqlx::Error> {
        let mut conn = self.read().await?;
        let Some(conference) = find_conference(&mut conn, slug).await? else { return Ok(None) };
        let footer = sqlx::query_as!(
            FooterPage,
            "select page.slug, revision.title
             from page join page_revision revision on revision.id = page.published_revision_id
             where page.conference_id = $1 order by page.place, page.slug",
            conference.id.0,
        )
        .fetch_all(&mut *conn)
        .await?;
        let availability = categories::availability(&mut conn, conference.id).await?;
        Ok(Some(Site { conference, footer, availability }))
    }
}

/// The conference of this slug.
pub async fn find_conference(conn: &mut PgConnection, slug: &str) -> Result<Option<Conference>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: ConferenceId", slug, title, theme, city, country as "country: Country", venue, venue_url, hosts,
               starts_on, ends_on, time_zone as "zone: Zone", contact_email, contact_telephone, contact_fax, registration_opens,
               registration_closes, is_current, revision
           from conference where slug = $1"#,
        slug,
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Conference {
        id: row.id,
        slug: row.slug,
        title: row.title,
        theme: row.theme,
        city: row.city,
        country: row.country,
        venue: row.venue,
        venue_url: row.venue_url,
        hosts: row.hosts,
        first_day: Day(row.starts_on),
        last_day: Day(row.ends_on),
        zone: row.zone,
        contact_email: row.contact_email,
        contact_telephone: row.contact_telephone,
        contact_fax: row.contact_fax,
        registration_opens: row.registration_opens,
        registration_closes: row.registration_closes,
        is_current: row.is_current,
        revision: row.revision,
    }))
}

/// The conferences' own words: what they, their topics and their sessions are called, with cities, venues, hosts, days and
/// whom to ask.
pub async fn conference_names(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct name as "name!" from (
               select unnest(array[title, theme, city, venue, hosts, contact_telephone, contact_fax, contact_email,
                   regexp_replace(contact_telephone, '[^0-9]', '', 'g'), to_char(starts_on, 'DD Month MM YYYY'),
                   to_char(starts_on, 'DDMMYYYY'), to_char(ends_on, 'DD Month MM YYYY'), to_char(ends_on, 'DDMMYYYY')]) as name
               from conference
               union all select title from topic
               union all select title from session_revision where not set_aside
           ) as own"#,
    )
    .fetch_all(conn)
    .await
}

/// Waits until nobody else is just changing what the public reads, and lets nobody else until this transaction ends.
/// Each such change locks the publication's row at its end at the latest. Whoever locks other rows that sessions depend
/// on, or adds something under a name that must be unique, locks it first, so that no two changes wait for each other.
pub async fn publish_alone(tx: &mut PgTransaction<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("select version from publication for no key update").fetch_one(&mut **tx).await?;
    Ok(())
}

//! Conferences as the frame of every page needs them, and the version of the published content.

use std::{collections::BTreeMap, io, time::Duration};

use sqlx::{
    PgConnection, PgTransaction,
    postgres::{PgListener, PgPoolOptions},
};
use time::OffsetDateTime;

use super::{
    Store,
    editions::{self, Edition},
    published_texts,
};
use crate::domain::{
    Availability, Conference, ConferenceId, Country, Day, DescribedPicture, PageId, PictureId, PictureText, Placement,
    RegistrationStatus, Zone,
};
use crate::store::registrations::{amounts, categories};

/// The data for the frame of a conference's pages.
#[derive(Clone, Debug)]
pub struct Site {
    /// The conference.
    pub conference: Conference,
    /// The pages in the menu, in their order.
    pub menu: Vec<LinkedPage>,
    /// The pages that the footer links to, in their order.
    pub footer: Vec<LinkedPage>,
    /// Whether the public reads of anybody who takes part in sessions.
    pub has_people: bool,
    /// Whether places are left. `None` if delegates can choose no category.
    pub availability: Option<Availability>,
    /// Whether somebody may owe a fee. If not, no page tells of fees and payments.
    pub has_fees: bool,
    /// The texts that organisers have changed, by name, as the public reads them. Those of mails are not among them.
    pub texts: BTreeMap<String, String>,
    /// All conferences, latest first.
    pub editions: Vec<Edition>,
}

impl Site {
    /// Returns the current conference, if it is another one.
    pub fn current(&self) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.is_current && edition.id != self.conference.id)
    }

    /// Returns the conferences that the public finds in the list of all.
    pub fn listed(&self) -> impl Iterator<Item = &Edition> {
        self.editions.iter().filter(|edition| !edition.in_preparation && !edition.is_demonstration)
    }

    /// Returns whether delegates can register at this instant.
    pub fn registration(&self, now: OffsetDateTime) -> RegistrationStatus {
        RegistrationStatus::of(self.conference.window(), now, self.availability)
    }
}

/// A page that the menu or the footer links to.
#[derive(Clone, Debug)]
pub struct LinkedPage {
    /// Its key.
    pub id: PageId,
    /// The last part of its address.
    pub slug: String,
    /// Its title.
    pub title: String,
}

impl Store {
    /// Returns the version of the published content. Every change to public pages increments it.
    pub async fn publication_version(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar!("select version from publication").fetch_one(&mut *self.read().await?).await
    }

    /// Listens for publications by any instance. Uses a connection outside the pool: it is held for ever, and listening must
    /// not wait for a free one. Fails if the database is read-only.
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
        // A lost connection is reported, not silently replaced.
        listener.eager_reconnect(false);
        listener.listen("publication").await?;
        Ok(listener)
    }

    /// Returns the slug of the current conference, to which addresses without a slug redirect.
    pub async fn current_slug(&self) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar!("select slug from conference where is_current")
            .fetch_optional(&mut *self.read().await?)
            .await
    }

    /// Returns the conference with this slug, with the pages in its menu and footer.
    pub async fn find_site(&self, slug: &str) -> Result<Option<Site>, sqlx::Error> {
        let mut conn = self.read().await?;
        let Some(conference) = find_conference(&mut conn, slug).await? else { return Ok(None) };
        let menu = list_linked(&mut conn, conference.id, Placement::Menu).await?;
        let footer = list_linked(&mut conn, conference.id, Placement::Footer).await?;
        let has_people = sqlx::query_scalar!(
            r#"select exists (select from item join revision on revision.id = item.published_id
                              where item.conference_id = $1 and item.kind = 'person' and status <> 'withdrawn') as "has_people!""#,
            conference.id.0,
        )
        .fetch_one(&mut *conn)
        .await?;
        let availability = categories::availability(&mut conn, conference.id).await?;
        let has_fees = amounts::has_any(&mut conn, conference.id).await?;
        let texts = published_texts::list(&mut conn, conference.id).await?;
        let editions = editions::list(&mut conn).await?;
        Ok(Some(Site { conference, menu, footer, has_people, availability, has_fees, texts, editions }))
    }
}

/// Lists the published pages of this placement, in their order.
async fn list_linked(
    conn: &mut PgConnection,
    conference: ConferenceId,
    placement: Placement,
) -> Result<Vec<LinkedPage>, sqlx::Error> {
    sqlx::query_as!(
        LinkedPage,
        r#"select item.id as "id: PageId", revision.slug, revision.title
           from item
           join revision on revision.id = item.published_id
           join page_content on page_content.revision_id = revision.id
           where item.conference_id = $1 and placement = $2 and status <> 'withdrawn'
           order by place, item.created_at, item.id"#,
        conference.0,
        placement.as_str(),
    )
    .fetch_all(conn)
    .await
}

/// Returns this conference with its facts as organisers see them.
pub async fn with_draft(conn: &mut PgConnection, conference: &Conference) -> Result<Conference, sqlx::Error> {
    let row = sqlx::query!(
        r#"select title as "title!", theme as "theme!", venue as "venue!", venue_url as "venue_url!", hosts as "hosts!",
               starts_on as "starts_on!", ends_on as "ends_on!", time_zone as "zone!: Zone", city as "city!",
               country as "country!: Country", address as "address!", map_url as "map_url!", contact_email as "contact_email!",
               contact_telephone as "contact_telephone!", contact_fax as "contact_fax!",
               hero_id as "hero: PictureId", hero_text as "hero_text!: PictureText", share_id as "share: PictureId",
               share_text as "share_text!: PictureText"
           from draft_facts where id = $1"#,
        conference.id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(Conference {
        title: row.title,
        theme: row.theme,
        venue: row.venue,
        venue_url: row.venue_url,
        hosts: row.hosts,
        first_day: Day(row.starts_on),
        last_day: Day(row.ends_on),
        zone: row.zone,
        city: row.city,
        country: row.country,
        address: row.address,
        map_url: row.map_url,
        contact_email: row.contact_email,
        contact_telephone: row.contact_telephone,
        contact_fax: row.contact_fax,
        hero: row.hero.map(|id| DescribedPicture { id, text: row.hero_text }),
        share: row.share.map(|id| DescribedPicture { id, text: row.share_text }),
        ..conference.clone()
    })
}

/// Returns the conference with this slug.
pub async fn find_conference(conn: &mut PgConnection, slug: &str) -> Result<Option<Conference>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: ConferenceId", slug, title, theme, city, country as "country: Country", venue, venue_url, address,
               map_url, hosts, starts_on, ends_on, time_zone as "zone: Zone", contact_email, contact_telephone, contact_fax, hero_id as "hero: PictureId", hero_text as "hero_text: PictureText",
               share_id as "share: PictureId", share_text as "share_text: PictureText", registration_opens,
               registration_closes, is_current, in_preparation, is_demonstration, revision, changed_at
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
        address: row.address,
        map_url: row.map_url,
        hosts: row.hosts,
        first_day: Day(row.starts_on),
        last_day: Day(row.ends_on),
        zone: row.zone,
        contact_email: row.contact_email,
        contact_telephone: row.contact_telephone,
        contact_fax: row.contact_fax,
        hero: row.hero.map(|id| DescribedPicture { id, text: row.hero_text }),
        share: row.share.map(|id| DescribedPicture { id, text: row.share_text }),
        registration_opens: row.registration_opens,
        registration_closes: row.registration_closes,
        is_current: row.is_current,
        in_preparation: row.in_preparation,
        is_demonstration: row.is_demonstration,
        changed: row.changed_at,
        revision: row.revision,
    }))
}

/// Returns names and facts of all conferences that are easily guessed as passwords: titles, cities, venues, hosts, days,
/// contacts, topics and sessions.
pub async fn conference_names(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct name as "name!" from (
               select unnest(array[title, theme, city, venue, hosts, contact_telephone, contact_fax, contact_email,
                   regexp_replace(contact_telephone, '[^0-9]', '', 'g'), to_char(starts_on, 'DD Month MM YYYY'),
                   to_char(starts_on, 'DDMMYYYY'), to_char(ends_on, 'DD Month MM YYYY'), to_char(ends_on, 'DDMMYYYY')]) as name
               from conference
                              union all select title from revision where kind in ('session', 'topic') and not set_aside
           ) as own"#,
    )
    .fetch_all(conn)
    .await
}

/// Locks a conference, so that until this transaction ends nobody else edits it. A transaction that changes what the public reads
/// locks the row of `publication` at the end, by a trigger, so this lock must be taken before that one.
pub async fn lock(tx: &mut PgTransaction<'_>, conference: ConferenceId) -> Result<(), sqlx::Error> {
    // Not `for update`, which would also stop registrations.
    sqlx::query!("select from conference where id = $1 for no key update", conference.0).execute(&mut **tx).await?;
    Ok(())
}

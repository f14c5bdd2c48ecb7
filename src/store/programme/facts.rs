//! The facts of a conference, which are an item like its sessions: what it is called, when and where it takes place.

use sqlx::PgConnection;

use crate::domain::{ConferenceId, Day, Hosts, RevisionId, Status, Title, WebAddress, Zone};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// The facts of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsContent {
    /// The title.
    pub title: Title,
    /// The theme.
    pub theme: Title,
    /// The venue.
    pub venue: Title,
    /// The venue's own website.
    pub venue_url: WebAddress,
    /// Who hosts it; may be empty.
    pub hosts: Hosts,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// The time zone of the venue.
    pub zone: Zone,
}

impl Content for FactsContent {
    type Id = ConferenceId;

    const KIND: ItemKind = ItemKind::Conference;

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn status(&self) -> Status {
        Status::Confirmed
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        let row = sqlx::query!(
            r#"select title as "title: Title", theme as "theme: Title", venue as "venue: Title",
                   venue_url as "venue_url: WebAddress", hosts as "hosts: Hosts", starts_on, ends_on, time_zone as "zone: Zone"
               from revision join conference_content on conference_content.revision_id = revision.id
               where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await?;
        Ok(Self {
            title: row.title,
            theme: row.theme,
            venue: row.venue,
            venue_url: row.venue_url,
            hosts: row.hosts,
            first_day: Day(row.starts_on),
            last_day: Day(row.ends_on),
            zone: row.zone,
        })
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self { title: _, theme, venue, venue_url, hosts, first_day, last_day, zone } = self;
        sqlx::query!(
            "insert into conference_content (revision_id, conference_id, theme, venue, venue_url, hosts, starts_on, ends_on,
                 time_zone)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            revision.0,
            editing.conference().0,
            theme.as_str(),
            venue.as_str(),
            venue_url.as_str(),
            hosts.as_str(),
            first_day.0,
            last_day.0,
            zone.name(),
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

//! What ends when somebody may not edit a programme any more: their links to previews and their scheduled publications.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{AccountId, AuditKind, ConferenceId},
    store::{
        audit::{self, Actor, Entry},
        programme::departing,
    },
};

/// What an account has left, in words.
pub struct LeftBehind {
    /// The conference of each link to a preview, such as "Leipzig 2018".
    pub links: Vec<String>,
    /// The conference and the time of each scheduled publication.
    pub publications: Vec<(String, String)>,
}

impl LeftBehind {
    /// Reads what this account has left.
    pub async fn of(conn: &mut PgConnection, account: AccountId) -> Result<Self, sqlx::Error> {
        let left = departing::list(conn, account).await?;
        let links = left.links.into_iter().map(|(city, year)| format!("{city} {year}"));
        let publications = left
            .publications
            .into_iter()
            .map(|one| (format!("{} {}", one.city, one.year), one.zone.zoned_moment(one.due_at)));
        Ok(Self { links: links.collect(), publications: publications.collect() })
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.publications.is_empty()
    }
}

/// Ends what the account has left where it may not edit the programme any more, with entries in the audit log.
pub async fn end(
    tx: &mut PgTransaction<'_>,
    account: AccountId,
    by: AccountId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let ended = departing::end(tx, account, by, now).await?;
    for (conference, link) in ended.links {
        note(tx, conference, link.0, AuditKind::PreviewLinkRevoked, by).await?;
    }
    for (conference, publication) in ended.publications {
        note(tx, conference, publication.0, AuditKind::PublicationCancelled, by).await?;
    }
    Ok(())
}

async fn note(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    subject: Uuid,
    kind: AuditKind,
    by: AccountId,
) -> Result<(), sqlx::Error> {
    let entry = Entry::of(kind, Actor::Account(by));
    audit::note(tx, Entry { conference: Some(conference), subject: Some(subject), ..entry }).await
}

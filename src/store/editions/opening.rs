//! Opens another edition of the conference.

use sqlx::PgTransaction;
use time::OffsetDateTime;

use super::copying::{self, Copied};
use crate::{
    domain::{AccountId, AuditKind, Conference, ConferenceId, EditionSlug, TelephoneNumber, WebAddress},
    store::{
        audit::{self, Actor, Change, Entry},
        programme::{editing::Editing, facts::FactsContent, releases, saving::SaveError},
        seed, shipped_pages, sites, violated,
    },
};

/// A conference that is to be opened.
#[derive(Debug)]
pub struct NewEdition<'a> {
    /// Its key. A form that is sent twice has the same one twice.
    pub id: ConferenceId,
    /// Its address.
    pub slug: &'a EditionSlug,
    /// Its facts.
    pub facts: &'a FactsContent,
    /// The conference of which it begins as a copy; `None` for one from nothing.
    pub from: Option<(&'a Conference, Copied)>,
    /// Who opens it.
    pub account: AccountId,
    /// When.
    pub now: OffsetDateTime,
}

/// Why a conference was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The form was sent twice, and the conference is open already.
    #[error("it is open already")]
    Already,
    /// Another conference has this address.
    #[error("another conference has this address")]
    SlugTaken,
    /// The database failed, or what is copied could not be saved.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("conference_pkey") => Self::Already,
            Some("conference_slug_unique") => Self::SlugTaken,
            _ => Self::Save(SaveError::Database(error)),
        }
    }
}

/// Opens a conference in preparation. From nothing, it has the categories, the kinds of sessions and the pages that are shipped, the
/// pages as drafts. As a copy, it has what [`copying`] describes.
pub async fn open(mut tx: PgTransaction<'static>, new: NewEdition<'_>) -> Result<(), OpenError> {
    // Until this ends, nobody edits the other conference. The new one is published by a trigger, so this lock comes first, as
    // `sites::lock` says.
    if let Some((source, _)) = new.from {
        sites::lock(&mut tx, source.id).await?;
    }
    insert(&mut tx, &new).await?;
    let conference = sites::find_conference(&mut tx, new.slug.as_str()).await?.ok_or(SaveError::NotFound)?;
    let mut editing = Editing::begin(tx, new.id, Some(new.account), new.now).await?;
    if let Some((source, copied)) = new.from {
        copying::settings(&mut editing, (source.id, new.id)).await?;
        copying::items(&mut editing, (source, &conference), copied).await?;
    } else {
        seed::categories(&mut editing, new.id).await?;
        let mut items: Vec<_> = seed::session_kinds(&mut editing).await?.values().map(|kind| kind.0).collect();
        items.extend(shipped_pages::add(&mut editing, &conference).await?);
        releases::publish(&mut editing, &items, "").await?;
    }
    note(&mut editing, &new).await?;
    editing.commit().await?;
    Ok(())
}

/// Records in the audit log who opened it.
async fn note(editing: &mut Editing<'_>, new: &NewEdition<'_>) -> Result<(), sqlx::Error> {
    let from = new.from.map(|(source, _)| source.slug.clone());
    let mut changes = vec![Change { field: "from", before: from.unwrap_or_default(), after: new.slug.to_string() }];
    let copied = new.from.map(|(_, copied)| copied).unwrap_or_default();
    for (field, _) in [("people", copied.people), ("sessions", copied.sessions)].into_iter().filter(|(_, is)| *is) {
        changes.push(Change { field, before: String::new(), after: "copied".to_owned() });
    }
    let entry = Entry::of(AuditKind::ConferenceOpened, Actor::Account(new.account));
    audit::note(editing, Entry { conference: Some(new.id), changes: &changes, ..entry }).await
}

async fn insert(tx: &mut PgTransaction<'_>, new: &NewEdition<'_>) -> Result<(), sqlx::Error> {
    let facts = new.facts;
    sqlx::query!(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, address, map_url, hosts, starts_on,
             ends_on, time_zone, contact_email, contact_telephone, contact_fax, in_preparation, copied_from, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, true, $18, $19)",
        new.id.0,
        new.slug.as_str(),
        facts.title.as_str(),
        facts.theme.as_str(),
        facts.city.as_str(),
        facts.country.code(),
        facts.venue.as_str(),
        facts.venue_url.as_str(),
        facts.address.as_str(),
        facts.map_url.as_ref().map_or("", WebAddress::as_str),
        facts.hosts.as_str(),
        facts.first_day.0,
        facts.last_day.0,
        facts.zone.name(),
        facts.contact_email.as_str(),
        facts.contact_telephone.as_ref().map_or("", TelephoneNumber::as_str),
        facts.contact_fax.as_ref().map_or("", TelephoneNumber::as_str),
        new.from.map(|(source, _)| source.id.0),
        new.now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

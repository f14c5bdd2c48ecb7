//! What releases change, for all kinds of items.

use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{
    facts::Facts, page::Page, person::Person, room::Room, session::Session, session_kind::SessionKind, text::Text,
    topic::Topic,
};
use crate::{
    domain::ScheduledReleaseId,
    editing::changes::{self, Change},
    store::programme::releases::Step,
    web::{Result, Site},
};

/// The field with what a page showed when it was opened.
pub const SEEN: &str = "seen";

/// Describes the steps of a release.
pub async fn describe(conn: &mut PgConnection, site: &Site, steps: &[Step]) -> Result<Vec<Change>> {
    let mut all = changes::describe::<Facts>(conn, site, steps).await?;
    all.extend(changes::describe::<Session>(conn, site, steps).await?);
    all.extend(changes::describe::<SessionKind>(conn, site, steps).await?);
    all.extend(changes::describe::<Room>(conn, site, steps).await?);
    all.extend(changes::describe::<Topic>(conn, site, steps).await?);
    all.extend(changes::describe::<Person>(conn, site, steps).await?);
    all.extend(changes::describe::<Page>(conn, site, steps).await?);
    all.extend(changes::describe::<Text>(conn, site, steps).await?);
    Ok(all)
}

/// Returns a text that is another one as soon as a form would change anything else: it carries out these steps and cancels these
/// publications.
pub fn fingerprint(steps: &[Step], cancelled: &[ScheduledReleaseId]) -> String {
    let mut hash = Sha256::new();
    for step in steps {
        for id in [Some(step.item), step.before.map(|id| id.0), step.after.map(|id| id.0)] {
            hash.update(id.unwrap_or_default());
        }
    }
    for id in cancelled {
        hash.update(id.0);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

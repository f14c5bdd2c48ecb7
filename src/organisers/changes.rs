//! What releases change, for all kinds of items.

use sqlx::PgConnection;

use super::{page::Page, person::Person, room::Room, session::Session, topic::Topic};
use crate::{
    editing::changes::{self, Change},
    store::programme::releases::Step,
    web::{Result, Site},
};

/// Describes the steps of a release.
pub async fn describe(conn: &mut PgConnection, site: &Site, steps: &[Step]) -> Result<Vec<Change>> {
    let mut all = changes::describe::<Session>(conn, site, steps).await?;
    all.extend(changes::describe::<Room>(conn, site, steps).await?);
    all.extend(changes::describe::<Topic>(conn, site, steps).await?);
    all.extend(changes::describe::<Person>(conn, site, steps).await?);
    all.extend(changes::describe::<Page>(conn, site, steps).await?);
    Ok(all)
}

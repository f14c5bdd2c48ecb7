//! The links to a preview of the draft, which are part of the page of unpublished changes.

use sqlx::PgConnection;

use crate::{
    domain::{AuditKind, PreviewLinkId, SignedIn},
    editing::{SavedBy, save::note},
    store::programme::previews,
    urls,
    web::{App, Result, Site},
};

/// A valid link in the list.
pub struct PreviewView {
    /// Its key.
    pub id: PreviewLinkId,
    /// Who created it, and when.
    pub by: SavedBy,
}

/// Lists the valid links.
pub async fn list(conn: &mut PgConnection, site: &Site) -> Result<Vec<PreviewView>> {
    let all = previews::list(conn, site.conference.id).await?;
    let view = |link: previews::PreviewLink| PreviewView {
        id: link.id,
        by: SavedBy::new(&site.conference.zone, 0, Some(link.who), link.at),
    };
    Ok(all.into_iter().map(view).collect())
}

/// Creates a link and returns its address, which contains the secret and can be shown only now.
pub async fn create(app: &App, site: &Site, person: &SignedIn) -> Result<String> {
    let conference = &site.conference;
    let mut tx = app.store.begin().await?;
    let (id, secret) = previews::mint(&mut tx, conference.id, person.account, app.clock.now()).await?;
    note(&mut tx, (conference.id, id.0), person.account, AuditKind::PreviewLinkCreated, &[]).await?;
    tx.commit().await?;
    Ok(app.absolute(&urls::public::preview(&conference.slug, &secret.reveal())))
}

/// Revokes a link. Nothing happens if it is revoked already.
pub async fn revoke(app: &App, site: &Site, person: &SignedIn, id: PreviewLinkId) -> Result<()> {
    let conference = site.conference.id;
    let mut tx = app.store.begin().await?;
    if previews::revoke(&mut tx, conference, id, person.account, app.clock.now()).await? {
        note(&mut tx, (conference, id.0), person.account, AuditKind::PreviewLinkRevoked, &[]).await?;
        tx.commit().await?;
    }
    Ok(())
}

//! What a release changes, as people read it.

use sqlx::PgConnection;

use super::{Id, Kind, Links, compare::same, differences::Differences};
use crate::{
    domain::{Key, RevisionId, Status},
    store::programme::{
        items::{Content, ItemKind},
        releases::Step,
    },
    web::{Result, Site, Submitted},
};

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was not public before.
    New,
    /// It takes place at another time or in another place.
    Moved,
    /// Something else about it changes.
    Changed,
    /// It does not take place any more.
    Cancelled,
    /// It takes place after all.
    Reinstated,
    /// It is removed.
    Withdrawn,
    /// The public cannot read it any more, as before it was first published.
    Hidden,
}

/// What a release does to an item.
pub struct Change {
    /// What kind of item it is.
    pub kind: ItemKind,
    /// What becomes of it.
    pub what: What,
    /// Its title.
    pub title: String,
    /// The address of its editor.
    pub editor: String,
    /// What differs.
    pub differences: Differences,
}

/// One of the two revisions of a step.
struct End<C> {
    content: C,
    form: Submitted,
}

/// Describes the steps of a release that concern this kind of item.
pub async fn describe<K: Kind>(conn: &mut PgConnection, site: &Site, steps: &[Step]) -> Result<Vec<Change>> {
    let kind = K::load(conn, &site.conference).await?;
    let links = Links::<K>::new(site);
    let mut changes = Vec::new();
    for step in steps.iter().filter(|step| step.kind == K::Content::KIND) {
        let before = end(conn, &kind, step.before).await?;
        let after = end(conn, &kind, step.after).await?;
        let Some(shown) = after.as_ref().or(before.as_ref()) else { continue };
        let blank = Submitted::default();
        let [first, second] = [&before, &after].map(|end| end.as_ref().map_or(&blank, |end| &end.form));
        changes.push(Change {
            kind: step.kind,
            what: what::<K>(before.as_ref(), after.as_ref()),
            title: shown.content.title().to_owned(),
            editor: links.item(Id::<K>::from_uuid(step.item)),
            // Nobody needs to compare something with nothing.
            differences: Differences::of(
                if before.is_some() && after.is_some() { K::FIELDS } else { &[] },
                first,
                second,
                |field, value| kind.say(field, value),
            ),
        });
    }
    Ok(changes)
}

async fn end<K: Kind>(
    conn: &mut PgConnection,
    kind: &K,
    revision: Option<RevisionId>,
) -> Result<Option<End<K::Content>>> {
    let Some(revision) = revision else { return Ok(None) };
    let content = K::Content::get(conn, revision).await?;
    let form = kind.form_of(&content);
    Ok(Some(End { content, form }))
}

fn what<K: Kind>(before: Option<&End<K::Content>>, after: Option<&End<K::Content>>) -> What {
    let (before, after) = match (before, after) {
        (_, None) => return What::Hidden,
        (None, Some(_)) => return What::New,
        (Some(before), Some(after)) => (before, after),
    };
    let is_held = |end: &End<K::Content>| !matches!(end.content.status(), Status::Cancelled | Status::Withdrawn);
    let moves: Vec<_> = K::FIELDS.iter().filter(|field| K::MOVES.contains(&field.name)).copied().collect();
    match after.content.status() {
        status if status == before.content.status() && !is_held(after) => What::Changed,
        Status::Cancelled => What::Cancelled,
        Status::Withdrawn => What::Withdrawn,
        _ if !is_held(before) => What::Reinstated,
        _ if !same(&moves, &before.form, &after.form) => What::Moved,
        _ => What::Changed,
    }
}

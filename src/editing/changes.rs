//! What a release changes, as people read it.

use sqlx::PgConnection;

use super::{
    Id, Kind, Links,
    compare::{Field, same},
    differences::Differences,
    slug::with_slug,
};
use crate::{
    domain::{Effect, Key, RevisionId},
    store::programme::{
        items::{self, Content, ItemKind},
        releases::Step,
    },
    web::{Result, Site, Submitted},
};

/// What a release does to an item.
pub struct Change {
    /// What kind of item it is.
    pub kind: ItemKind,
    /// What becomes of it.
    pub effect: Effect,
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
    let steps: Vec<_> = steps.iter().filter(|step| step.kind == K::Content::KIND).collect();
    let mut changes = Vec::new();
    if steps.is_empty() {
        return Ok(changes);
    }
    let kind = K::load(conn, &site.conference, None).await?;
    let links = Links::<K>::new(site);
    for step in steps {
        let before = end(conn, &kind, step.before).await?;
        let after = end(conn, &kind, step.after).await?;
        let Some(shown) = after.as_ref().or(before.as_ref()) else { continue };
        let blank = Submitted::default();
        let [first, second] = [&before, &after].map(|end| end.as_ref().map_or(&blank, |end| &end.form));
        changes.push(Change {
            kind: step.kind,
            effect: effect::<K>(before.as_ref(), after.as_ref()),
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
    let form = with_slug::<K>(kind.form_of(&content), &items::get_slug(conn, revision).await?);
    Ok(Some(End { content, form }))
}

fn effect<K: Kind>(before: Option<&End<K::Content>>, after: Option<&End<K::Content>>) -> Effect {
    let is_moved = before.zip(after).is_some_and(|(before, after)| {
        // A room that is announced for the first time moves nobody.
        let was_known = |field: &&Field| !field.value_in(&before.form).is_empty();
        let moves = K::FIELDS.iter().filter(|field| K::MOVES.contains(&field.name)).filter(was_known);
        !same(&moves.copied().collect::<Vec<_>>(), &before.form, &after.form)
    });
    let status = |end: &End<K::Content>| end.content.status();
    Effect::of(before.map(status), after.map(status), is_moved)
}

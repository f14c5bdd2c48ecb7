//! What texts link to.

use sqlx::PgConnection;

use super::items::ItemKind;

/// A conference, or one of its items, as a link names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The conference's slug.
    pub conference: String,
    /// The item's kind and its slug, which may be a former one.
    pub item: Option<(ItemKind, String)>,
}

/// Returns the places, in this list, of those that do not exist or were withdrawn. Drafts exist: the text may be
/// published together with them.
pub async fn list_missing(conn: &mut PgConnection, all: &[Linked]) -> Result<Vec<usize>, sqlx::Error> {
    let conferences: Vec<String> = all.iter().map(|one| one.conference.clone()).collect();
    let (kinds, slugs): (Vec<Option<String>>, Vec<Option<String>>) =
        all.iter().map(|one| one.item.clone().map(|(kind, slug)| (kind.to_string(), slug)).unzip()).unzip();
    let missing = sqlx::query_scalar!(
        r#"select place as "place!"
           from unnest($1::text[], $2::text[], $3::text[]) with ordinality as named (conference, kind, slug, place)
           where not exists (
               select from conference
               where conference.slug = named.conference
                 and (named.slug is null or exists (
                     select from slug
                     join item on item.id = slug.item_id
                     join revision on revision.id = item.head_id
                     where slug.conference_id = conference.id and slug.kind = named.kind and slug.slug = named.slug
                       and status <> 'withdrawn')))
           order by place"#,
        &conferences,
        &kinds as &[Option<String>],
        &slugs as &[Option<String>],
    )
    .fetch_all(conn)
    .await?;
    Ok(missing.into_iter().filter_map(|place| usize::try_from(place - 1).ok()).collect())
}

//! Pictures that organisers uploaded.

use sqlx::{PgConnection, PgTransaction};
use time::{Duration, OffsetDateTime};

use super::{editing::Editing, side::Side};
use crate::domain::{ConferenceId, PictureId, PictureSize};

/// How long a picture is kept that no revision names.
const LIFETIME: Duration = Duration::days(1);

/// Stores a picture in all its sizes.
pub async fn insert(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    sizes: &[(PictureSize, Vec<u8>)],
    now: OffsetDateTime,
) -> Result<PictureId, sqlx::Error> {
    let id = PictureId::new();
    sqlx::query!("insert into picture (id, conference_id, created_at) values ($1, $2, $3)", id.0, conference.0, now)
        .execute(&mut **tx)
        .await?;
    for (size, content) in sizes {
        sqlx::query!(
            "insert into picture_size (picture_id, conference_id, pixels, content) values ($1, $2, $3, $4)",
            id.0,
            conference.0,
            pixels(*size),
            content,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(id)
}

/// Copies a picture of another conference. Returns `None` if it does not exist any more.
pub async fn copy(
    editing: &mut Editing<'_>,
    (source, picture): (ConferenceId, PictureId),
) -> Result<Option<PictureId>, sqlx::Error> {
    let id = PictureId::new();
    let copied = sqlx::query!(
        "with added as (
             insert into picture (id, conference_id, created_at)
             select $3, $4, $5 from picture where conference_id = $1 and id = $2
         )
         insert into picture_size (picture_id, conference_id, pixels, content)
         select $3, $4, pixels, content from picture_size where conference_id = $1 and picture_id = $2",
        source.0,
        picture.0,
        id.0,
        editing.conference().0,
        editing.now,
    )
    .execute(&mut ***editing)
    .await?;
    Ok((copied.rows_affected() > 0).then_some(id))
}

/// Finds a picture, public or not.
pub async fn find_any(
    conn: &mut PgConnection,
    (conference, picture): (ConferenceId, PictureId),
    size: PictureSize,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select content from picture_size where conference_id = $1 and picture_id = $2 and pixels = $3",
        conference.0,
        picture.0,
        pixels(size),
    )
    .fetch_optional(conn)
    .await
}

/// Finds a picture if somebody on this side of the programme has it, or the conference itself.
pub async fn find(
    conn: &mut PgConnection,
    side: Side,
    (conference, picture): (ConferenceId, PictureId),
    wanted: PictureSize,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select content from picture_size
         where conference_id = $1 and picture_id = $2 and pixels = $3
             and (exists (select from person_content
                          join item_side on item_side.revision_id = person_content.revision_id and item_side.side = $4
                          join revision on revision.id = item_side.revision_id
                          where person_content.picture_id = $2 and revision.status <> 'withdrawn')
                  or $4 = 'public' and exists (select from conference where id = $1 and $2 in (hero_id, share_id))
                  or $4 = 'draft' and exists (select from draft_facts where id = $1 and $2 in (hero_id, share_id)))",
        conference.0,
        picture.0,
        pixels(wanted),
        side.as_str(),
    )
    .fetch_optional(conn)
    .await
}

/// Deletes the pictures that no revision names and that were uploaded more than [`LIFETIME`] ago. Returns their number.
pub async fn delete_unused(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from picture where created_at < $1
             and not exists (select from person_content where person_content.picture_id = picture.id)
             and not exists (select from conference_content where hero_id = picture.id)
             and not exists (select from conference_content where share_id = picture.id)",
        now - LIFETIME,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

fn pixels(size: PictureSize) -> i16 {
    size.pixels().cast_signed()
}

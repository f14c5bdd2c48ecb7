//! Files that organisers uploaded for sessions.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::side::Side;
use crate::domain::{ConferenceId, FileId, FileName, FileType, SessionId};

/// How long a file is kept that no revision names.
const LIFETIME: Duration = Duration::days(1);

/// The number of bytes in a part of a file.
const PART: i32 = 128 * 1024;

/// A file without its content.
#[derive(Clone, Debug)]
pub struct ListedFile {
    /// The key.
    pub id: FileId,
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: FileType,
    /// The number of bytes.
    pub length: i32,
}

/// Stores a file. One with the same name and content is there already if somebody has sent a form twice.
pub async fn insert(
    conn: &mut PgConnection,
    conference: ConferenceId,
    (name, kind, content): (&FileName, FileType, &[u8]),
    now: OffsetDateTime,
) -> Result<FileId, sqlx::Error> {
    sqlx::query_scalar!(
        r#"insert into file (id, conference_id, name, type, content, created_at) values ($1, $2, $3, $4, $5, $6)
           on conflict on constraint file_once do update set created_at = excluded.created_at
           returning id as "id: FileId""#,
        FileId::new().0,
        conference.0,
        name.as_str(),
        kind.as_str(),
        content,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Lists all files of a conference, also those that no session has any more.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedFile>, sqlx::Error> {
    sqlx::query_as!(
        ListedFile,
        r#"select id as "id: FileId", name, type as "kind: FileType", octet_length(content) as "length!"
           from file where conference_id = $1 order by name, id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Returns the files of each session on this side of the programme, in their order.
pub async fn list_by_session(
    conn: &mut PgConnection,
    side: Side,
    conference: ConferenceId,
) -> Result<HashMap<SessionId, Vec<ListedFile>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select session.id as "session!: SessionId", file.id as "id: FileId", name, type as "kind: FileType",
               octet_length(content) as "length!"
           from item_side session
           join session_file on session_file.revision_id = session.revision_id
           join file on file.id = file_id
           where session.conference_id = $1 and session.side = $2 and session.kind = 'session'
           order by session.id, position"#,
        conference.0,
        side.as_str(),
    )
    .fetch_all(conn)
    .await?;
    let mut files: HashMap<SessionId, Vec<ListedFile>> = HashMap::new();
    for row in rows {
        let file = ListedFile { id: row.id, name: row.name, kind: row.kind, length: row.length };
        files.entry(row.session).or_default().push(file);
    }
    Ok(files)
}

/// Finds a file, public or not.
pub async fn find_any(
    conn: &mut PgConnection,
    (conference, file): (ConferenceId, FileId),
) -> Result<Option<ListedFile>, sqlx::Error> {
    sqlx::query_as!(
        ListedFile,
        r#"select id as "id: FileId", name, type as "kind: FileType", octet_length(content) as "length!"
           from file where conference_id = $1 and id = $2"#,
        conference.0,
        file.0,
    )
    .fetch_optional(conn)
    .await
}

/// Finds a file if a session on this side of the programme has it.
pub async fn find(
    conn: &mut PgConnection,
    side: Side,
    (conference, file): (ConferenceId, FileId),
) -> Result<Option<ListedFile>, sqlx::Error> {
    sqlx::query_as!(
        ListedFile,
        r#"select id as "id: FileId", name, type as "kind: FileType", octet_length(content) as "length!" from file
           where conference_id = $1 and id = $2
               and exists (select from session_file
                           join item_side on item_side.revision_id = session_file.revision_id and item_side.side = $3
                           join revision on revision.id = item_side.revision_id
                           where session_file.file_id = $2 and revision.status <> 'withdrawn')"#,
        conference.0,
        file.0,
        side.as_str(),
    )
    .fetch_optional(conn)
    .await
}

/// Reads the next bytes of a file, after this number of them. It has no more if there are none.
pub async fn part(conn: &mut PgConnection, file: FileId, after: i32) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(r#"select substr(content, $2 + 1, $3) as "part!" from file where id = $1"#, file.0, after, PART)
        .fetch_optional(conn)
        .await
}

/// Deletes the files that no revision names and that were uploaded more than [`LIFETIME`] ago. Returns their number.
pub async fn delete_unused(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from file where created_at < $1
             and not exists (select from session_file where session_file.file_id = file.id)",
        now - LIFETIME,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

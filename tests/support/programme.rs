//! Sessions in the form of their editor, and changes to the programme that do not come through the program under test.

use serde_json::{Map, Value};
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::Form;

impl Form {
    /// Fills in when a session takes place: `10:45`, `12:45`.
    pub fn hours(self, start: &str, end: &str) -> Self {
        let minute = |clock: &str| {
            let (hours, minutes) = clock.split_once(':').expect("hours and minutes");
            60 * hours.parse::<i32>().expect("hours") + minutes.parse::<i32>().expect("minutes")
        };
        let length = (minute(end) - minute(start)).rem_euclid(24 * 60);
        self.fill("Start", start).fill("Length", &length.to_string())
    }

    /// Chooses the room of a session. If it is to be announced, no room is chosen.
    pub fn in_room(self, room: &str) -> Self {
        self.tick_only("Rooms", if room == "To be announced" { "" } else { room })
    }
}

/// Saves and releases other facts of the conference, as another instance does.
pub async fn changes_facts(db: &PgPool, changes: Value) {
    releases_anew(db, "conference", "facts", changes).await;
}

/// Saves and releases a new revision of a session, a page or the facts, as another instance does. `changes` contains the new values of
/// columns.
pub async fn releases_anew(db: &PgPool, kind: &str, slug: &str, changes: Value) {
    let content = match kind {
        "session" => {
            "insert into session_content select changed.* from session_content kept
             cross join lateral jsonb_populate_record(kept, $2) changed where kept.revision_id = $1"
        }
        "page" => {
            "insert into page_content select changed.* from page_content kept
             cross join lateral jsonb_populate_record(kept, $2) changed where kept.revision_id = $1"
        }
        "conference" => {
            "insert into conference_content select changed.* from conference_content kept
             cross join lateral jsonb_populate_record(kept, $2) changed where kept.revision_id = $1"
        }
        other => panic!("no kind of item: {other}"),
    };
    let mut tx = db.begin().await.expect("a transaction");
    let head = sqlx::query(
        "select item.id, item.conference_id, head_id, title
         from item join revision on revision.id = head_id where item.kind = $1 and slug = $2",
    )
    .bind(kind)
    .bind(slug)
    .fetch_one(&mut *tx)
    .await
    .expect("the item");
    let (item, conference, head, title): (Uuid, Uuid, Uuid, String) =
        (head.get(0), head.get(1), head.get(2), head.get(3));
    let [edit, revision, release] = [(); 3].map(|()| Uuid::now_v7());
    let title = changes["title"].as_str().unwrap_or(&title).to_owned();
    let mut columns = changes.as_object().cloned().unwrap_or_else(Map::new);
    columns.insert("revision_id".to_owned(), Value::String(revision.to_string()));
    for query in [
        sqlx::query("insert into edit (id, conference_id) values ($1, $2)").bind(edit).bind(conference),
        sqlx::query(
            "insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
             select $1, conference_id, item_id, kind, number + 1, slug, $2, lower($2), status, $3 from revision where id = $4",
        )
        .bind(revision)
        .bind(title)
        .bind(edit)
        .bind(head),
        sqlx::query(content).bind(head).bind(Value::Object(columns)),
        sqlx::query(
            "insert into session_room select $1, conference_id, room_id from session_room where revision_id = $2",
        )
        .bind(revision)
        .bind(head),
        sqlx::query(
            "insert into release (id, conference_id, number)
             select $1, $2, 1 + max(number) from release where conference_id = $2",
        )
        .bind(release)
        .bind(conference),
        sqlx::query("insert into release_change values ($1, $2, $3, $4, $5)")
            .bind(release)
            .bind(conference)
            .bind(item)
            .bind(head)
            .bind(revision),
        sqlx::query("update item set head_id = $1, published_id = $1 where id = $2").bind(revision).bind(item),
    ] {
        query.execute(&mut *tx).await.expect("the revision");
    }
    tx.commit().await.expect("the release");
}

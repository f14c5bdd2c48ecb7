//! The kinds of sessions, such as talk, workshop or break.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, RevisionId, SessionKindDescription, SessionKindId, SessionKindName, Status};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// The content of a kind of session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKindContent {
    /// Its name.
    pub name: SessionKindName,
    /// Its place in the order, from 1.
    pub place: i16,
    /// One or two sentences.
    pub description: SessionKindDescription,
    /// Its colour, from 1 to [`TopicMark::COLOURS`](crate::domain::TopicMark::COLOURS), if it has one.
    pub colour: Option<i16>,
    /// Whether it is coffee, lunch or the like: it needs no changeover of the room and has no page.
    pub is_break: bool,
    /// [`Status::Confirmed`], or [`Status::Withdrawn`] if it is not used any more.
    pub status: Status,
}

/// A kind of session in a list.
#[derive(Clone, Debug)]
pub struct ListedSessionKind {
    /// The key.
    pub id: SessionKindId,
    /// Its name.
    pub name: String,
    /// Its place in the order.
    pub place: i16,
    /// Its colour.
    pub colour: Option<i16>,
    /// Whether it is a break.
    pub is_break: bool,
    /// The number of sessions of this kind.
    pub sessions: i64,
    /// Its status.
    pub status: Status,
    /// Whether the public reads another revision or none.
    pub unpublished: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the initial programme.
    pub who: Option<String>,
}

/// Lists the kinds of sessions of a conference in their order, also those that are not used any more.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedSessionKind>, sqlx::Error> {
    sqlx::query_as!(
        ListedSessionKind,
        r#"select item_id as "id!: SessionKindId", title as "name!", place, colour, is_break, sessions as "sessions!",
               status as "status!: Status", unpublished as "unpublished!", revision as "revision!", changed as "changed!", who
           from listed_item join session_kind_content using (revision_id)
           where listed_item.conference_id = $1 order by place, title_folded"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

impl Content for SessionKindContent {
    type Id = SessionKindId;

    const KIND: ItemKind = ItemKind::SessionKind;

    fn title(&self) -> &str {
        self.name.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        sqlx::query_as!(
            Self,
            r#"select title as "name: SessionKindName", place, description as "description: SessionKindDescription", colour,
                   is_break, status as "status: Status"
               from revision join session_kind_content on session_kind_content.revision_id = revision.id
               where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self { name: _, place, description, colour, is_break, status: _ } = self;
        sqlx::query!(
            "insert into session_kind_content (revision_id, conference_id, place, description, colour, is_break)
             values ($1, $2, $3, $4, $5, $6)",
            revision.0,
            editing.conference().0,
            place,
            description.as_str(),
            *colour,
            is_break,
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

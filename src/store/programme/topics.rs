//! The topics of a conference.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, RevisionId, Status, Title, TopicDescription, TopicId, TopicMark};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// The content of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicContent {
    /// Its title.
    pub title: Title,
    /// Its number and colour.
    pub mark: TopicMark,
    /// One or two sentences.
    pub description: TopicDescription,
    /// [`Status::Confirmed`], or [`Status::Withdrawn`] if it is not used any more.
    pub status: Status,
}

/// A topic in a list.
#[derive(Clone, Debug)]
pub struct ListedTopic {
    /// The key.
    pub id: TopicId,
    /// Its title.
    pub title: String,
    /// Its number and colour.
    pub mark: TopicMark,
    /// The number of sessions about it.
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

/// Lists the topics of a conference in their order, also those that are not used any more.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedTopic>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item_id as "id!: TopicId", title as "title!", number, colour, sessions as "sessions!",
               status as "status!: Status", unpublished as "unpublished!", revision as "revision!", changed as "changed!", who
           from listed_item join topic_content using (revision_id)
           where listed_item.conference_id = $1 order by number, title_folded"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    let topics = rows.into_iter().map(|row| ListedTopic {
        id: row.id,
        title: row.title,
        mark: TopicMark { number: row.number, colour: row.colour },
        sessions: row.sessions,
        status: row.status,
        unpublished: row.unpublished,
        revision: row.revision,
        changed: row.changed,
        who: row.who,
    });
    Ok(topics.collect())
}

impl Content for TopicContent {
    type Id = TopicId;

    const KIND: ItemKind = ItemKind::Topic;

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        let row = sqlx::query!(
            r#"select title as "title: Title", topic.number, colour, description as "description: TopicDescription",
                   status as "status: Status"
               from revision join topic_content topic on topic.revision_id = revision.id where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await?;
        let mark = TopicMark { number: row.number, colour: row.colour };
        Ok(Self { title: row.title, mark, description: row.description, status: row.status })
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self { title: _, mark: TopicMark { number, colour }, description, status: _ } = self;
        sqlx::query!(
            "insert into topic_content (revision_id, conference_id, number, description, colour)
             values ($1, $2, $3, $4, $5)",
            revision.0,
            editing.conference().0,
            number,
            description.as_str(),
            colour,
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

//! The words of the site and of its mails, which organisers can change. Each conference has each of them from the beginning.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{ConferenceId, RevisionId, SessionText, Status, TextId};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// The content of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextContent {
    /// Its name, which never changes: the slug of its item.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What organisers wrote, in Markdown; `None` for the text that is shipped with the program.
    pub text: Option<SessionText>,
}

/// A text in a list, as organisers see it.
#[derive(Clone, Debug)]
pub struct ListedText {
    /// The key.
    pub id: TextId,
    /// Its content.
    pub content: TextContent,
    /// Whether the public reads another revision.
    pub unpublished: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it; `None` for the text that is shipped.
    pub who: Option<String>,
}

/// Lists the texts of a conference, by name.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedText>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item_id as "id!: TextId", slug as "name!", title as "title!", text as "text: SessionText",
               unpublished as "unpublished!", revision as "revision!", changed as "changed!", who
           from listed_item join text_content using (revision_id)
           where listed_item.conference_id = $1 order by slug"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    let texts = rows.into_iter().map(|row| ListedText {
        id: row.id,
        content: TextContent { name: row.name, title: row.title, text: row.text },
        unpublished: row.unpublished,
        revision: row.revision,
        changed: row.changed,
        who: row.who,
    });
    Ok(texts.collect())
}

/// Returns the name of a text of this conference.
pub async fn find_name(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: TextId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select slug from slug where conference_id = $1 and kind = 'text' and item_id = $2",
        conference.0,
        id.0,
    )
    .fetch_optional(conn)
    .await
}

impl Content for TextContent {
    type Id = TextId;

    const KIND: ItemKind = ItemKind::Text;

    fn title(&self) -> &str {
        &self.title
    }

    fn status(&self) -> Status {
        Status::Confirmed
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        sqlx::query_as!(
            Self,
            r#"select slug as name, title, text as "text: SessionText"
               from revision join text_content on text_content.revision_id = revision.id where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        // The name and the title stand in the revision.
        let Self { name: _, title: _, text } = self;
        sqlx::query!(
            "insert into text_content (revision_id, conference_id, text) values ($1, $2, $3)",
            revision.0,
            editing.conference().0,
            text.as_ref().map(SessionText::as_str),
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

//! The texts that organisers have changed, as pages and mails use them.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::domain::{ConferenceId, MessageId};

/// Returns the changed texts of a conference that its pages show, by name, as the public reads them.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select revision.slug as name, text as "text!"
           from item
           join revision on revision.id = item.published_id
           join text_content on text_content.revision_id = revision.id
           where item.conference_id = $1 and item.kind = 'text' and text is not null and revision.slug not like 'mail-%'"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.text)).collect())
}

/// Returns the published text with this name of the conference that a mail is about; `None` if it is as shipped.
pub async fn find_for_mail(
    conn: &mut PgConnection,
    message: MessageId,
    name: &str,
) -> Result<Option<String>, sqlx::Error> {
    let text = sqlx::query_scalar!(
        "select text
         from message
         join slug on slug.conference_id = message.conference_id and slug.kind = 'text' and slug.slug = $2
         join item on item.id = slug.item_id
         join text_content on text_content.revision_id = item.published_id
         where message.id = $1",
        message.0,
        name,
    )
    .fetch_optional(conn)
    .await?;
    Ok(text.flatten())
}

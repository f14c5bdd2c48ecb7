//! The texts that staff keep to write mailings from.

use sqlx::{PgConnection, PgTransaction};

use crate::{
    domain::{ConferenceId, MailSubject, MailTemplateId, MailTemplateName, MailText},
    store::violated,
};

/// A text that is kept.
#[derive(Clone, Debug)]
pub struct MailTemplate {
    /// The key.
    pub id: MailTemplateId,
    /// Its name.
    pub name: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// What is kept of a text.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its name.
    pub name: MailTemplateName,
    /// Its subject.
    pub subject: MailSubject,
    /// Its text.
    pub text: MailText,
}

/// Why a text was not kept.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// Another text of the conference has this name.
    #[error("another text has this name")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for TemplateError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("mail_template_name_unique") => Self::Taken,
            _ => Self::Database(error),
        }
    }
}

/// Lists the texts of a conference by their names. There are few, because people choose from them.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<MailTemplate>, sqlx::Error> {
    sqlx::query_as!(
        MailTemplate,
        r#"select id as "id: MailTemplateId", name, subject, text from mail_template
           where conference_id = $1 order by name collate "C", id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// Finds a text of this conference.
pub async fn find(
    conn: &mut PgConnection,
    conference: ConferenceId,
    id: MailTemplateId,
) -> Result<Option<MailTemplate>, sqlx::Error> {
    sqlx::query_as!(
        MailTemplate,
        r#"select id as "id: MailTemplateId", name, subject, text from mail_template where conference_id = $1 and id = $2"#,
        conference.0,
        id.0,
    )
    .fetch_optional(conn)
    .await
}

/// Finds a text that is about to be changed: others wait until the transaction ends.
pub async fn find_to_change(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: MailTemplateId,
) -> Result<Option<MailTemplate>, sqlx::Error> {
    sqlx::query_as!(
        MailTemplate,
        r#"select id as "id: MailTemplateId", name, subject, text from mail_template
           where conference_id = $1 and id = $2 for update"#,
        conference.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Keeps a new text.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    Kept { name, subject, text }: &Kept,
) -> Result<MailTemplateId, TemplateError> {
    let id = MailTemplateId::new();
    sqlx::query!(
        "insert into mail_template (id, conference_id, name, subject, text) values ($1, $2, $3, $4, $5)",
        id.0,
        conference.0,
        name.as_str(),
        subject.as_str(),
        text.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Changes a text.
pub async fn change(
    tx: &mut PgTransaction<'_>,
    id: MailTemplateId,
    Kept { name, subject, text }: &Kept,
) -> Result<(), TemplateError> {
    sqlx::query!(
        "update mail_template set name = $2, subject = $3, text = $4 where id = $1",
        id.0,
        name.as_str(),
        subject.as_str(),
        text.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes a text. Returns whether it was still there.
pub async fn remove(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    id: MailTemplateId,
) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!("delete from mail_template where conference_id = $1 and id = $2", conference.0, id.0);
    Ok(removed.execute(&mut **tx).await?.rows_affected() == 1)
}

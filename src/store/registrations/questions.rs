//! The questions that organisers add to the registration form.

use sqlx::{PgConnection, PgTransaction};
use uuid::Uuid;

use crate::{
    domain::{
        AnswerReaders, AskedOf, CategoryId, Choices, ConferenceId, Question, QuestionHelp, QuestionId, QuestionKind,
        QuestionPurpose, QuestionText, QuestionVersionId,
    },
    store::violated,
};

/// A question with what organisers see of it.
#[derive(Clone, Debug)]
pub struct ListedQuestion {
    /// The question as it is asked now.
    pub question: Question,
    /// Its position on the form.
    pub place: i16,
    /// Whether the form asks it.
    pub is_asked: bool,
    /// The number of answers to any of its versions.
    pub answers: i64,
    /// The revision of these settings, which every change increments.
    pub revision: i32,
}

/// A question's new settings.
#[derive(Clone, Debug)]
pub struct NewQuestion {
    /// Its position on the form; lower numbers come first.
    pub place: i16,
    /// Whether the form asks it.
    pub is_asked: bool,
    /// Who answers it.
    pub asked_of: AskedOf,
    /// The categories whose delegates are asked; empty if everybody is.
    pub categories: Vec<CategoryId>,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What it asks.
    pub text: QuestionText,
    /// Help for answering.
    pub help: QuestionHelp,
    /// What the answers are used for.
    pub purpose: QuestionPurpose,
    /// Whether it has to be answered.
    pub required: bool,
    /// Who sees the answers.
    pub readers: AnswerReaders,
    /// The choices, if the kind has any.
    pub choices: Choices,
}

/// Why a question was not saved or removed.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// Somebody else has changed it since it was read, or it was removed.
    #[error("changed by somebody else")]
    Changed,
    /// It was answered, so who answers it cannot change, and it cannot be removed.
    #[error("answered")]
    Answered,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for QuestionError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some("answer_question") => Self::Answered,
            _ => Self::Database(error),
        }
    }
}

/// Lists all questions of a conference in their order, with the number of their answers.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedQuestion>, sqlx::Error> {
    read(conn, conference, true).await
}

/// Lists the questions that the form asks, in their order. Their answers are not counted, because every request for the form
/// comes here.
pub async fn asked(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<Question>, sqlx::Error> {
    let listed = read(conn, conference, false).await?;
    Ok(listed.into_iter().filter(|one| one.is_asked).map(|one| one.question).collect())
}

/// Lists the questions whose answers everybody at the desk may see, also those that the form no longer asks.
pub async fn list_for_desk(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<Question>, sqlx::Error> {
    let listed = read(conn, conference, false).await?;
    let questions = listed.into_iter().map(|one| one.question);
    Ok(questions.filter(|question| question.readers == AnswerReaders::Desk).collect())
}

/// Reads the questions in their order. If the answers are not counted, the number is 0.
async fn read(
    conn: &mut PgConnection,
    conference: ConferenceId,
    counts_answers: bool,
) -> Result<Vec<ListedQuestion>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select question.id as "id: QuestionId", version_id as "version: QuestionVersionId",
               asked_of as "asked_of: AskedOf", kind as "kind: QuestionKind", text, help, purpose, required,
               readers as "readers: AnswerReaders", choices, place, is_asked, revision,
               array(select category_id from question_category where question_id = question.id) as "categories!: Vec<Uuid>",
               case when $2 then (select count(*) from answer where question_id = question.id) else 0 end as "answers!"
           from question join question_version on question_version.id = version_id
           where question.conference_id = $1 order by place, question.id"#,
        conference.0,
        counts_answers,
    )
    .fetch_all(conn)
    .await?;
    let listed = rows.into_iter().map(|row| ListedQuestion {
        question: Question {
            id: row.id,
            version: row.version,
            asked_of: row.asked_of,
            kind: row.kind,
            text: row.text,
            help: row.help,
            purpose: row.purpose,
            required: row.required,
            readers: row.readers,
            choices: Choices::kept(row.choices),
            categories: row.categories.into_iter().map(CategoryId).collect(),
        },
        place: row.place,
        is_asked: row.is_asked,
        answers: row.answers,
        revision: row.revision,
    });
    Ok(listed.collect())
}

/// Adds a question.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    new: &NewQuestion,
) -> Result<QuestionId, sqlx::Error> {
    let (id, version) = (QuestionId::new(), QuestionVersionId::new());
    // The version first: its foreign key is checked at the end of the transaction.
    add_version(tx, conference, (id, version), new).await?;
    sqlx::query!(
        "insert into question (id, conference_id, place, asked_of, is_asked, version_id) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        conference.0,
        new.place,
        new.asked_of.as_str(),
        new.is_asked,
        version.0,
    )
    .execute(&mut **tx)
    .await?;
    keep_categories(tx, conference, id, &new.categories).await?;
    Ok(id)
}

/// Changes a question if it is still as it was read. What it asks becomes a new version, so that earlier answers keep the
/// words that they answer.
pub async fn change(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    before: &ListedQuestion,
    new: &NewQuestion,
) -> Result<(), QuestionError> {
    let id = before.question.id;
    let version = if asks_the_same(&before.question, new) { before.question.version } else { QuestionVersionId::new() };
    let locked = sqlx::query!(
        "select from question where conference_id = $1 and id = $2 and revision = $3 for no key update",
        conference.0,
        id.0,
        before.revision,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if locked.is_none() {
        return Err(QuestionError::Changed);
    }
    if version != before.question.version {
        add_version(tx, conference, (id, version), new).await?;
    }
    sqlx::query!(
        "update question set place = $2, asked_of = $3, is_asked = $4, version_id = $5, revision = revision + 1
         where id = $1",
        id.0,
        new.place,
        new.asked_of.as_str(),
        new.is_asked,
        version.0,
    )
    .execute(&mut **tx)
    .await?;
    keep_categories(tx, conference, id, &new.categories).await?;
    Ok(())
}

/// Whether the new settings ask the same in the same way. Every field is named, so that a new one does not compile until it is
/// compared here.
fn asks_the_same(before: &Question, new: &NewQuestion) -> bool {
    let Question {
        id: _,
        version: _,
        asked_of: _,
        kind,
        text,
        help,
        purpose,
        required,
        readers,
        choices,
        categories: _,
    } = before;
    (*kind, text.as_str(), help.as_str(), purpose.as_str(), *required, *readers, choices)
        == (
            new.kind,
            new.text.as_str(),
            new.help.as_str(),
            new.purpose.as_str(),
            new.required,
            new.readers,
            &new.choices,
        )
}

async fn add_version(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    (question, version): (QuestionId, QuestionVersionId),
    new: &NewQuestion,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into question_version (id, conference_id, question_id, number, kind, text, help, purpose, required, readers,
             choices)
         values ($1, $2, $3, (select coalesce(max(number), 0) + 1 from question_version where question_id = $3), $4, $5, $6,
             $7, $8, $9, $10)",
        version.0,
        conference.0,
        question.0,
        new.kind.as_str(),
        new.text.as_str(),
        new.help.as_str(),
        new.purpose.as_str(),
        new.required,
        new.readers.as_str(),
        new.choices.as_slice(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn keep_categories(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    question: QuestionId,
    categories: &[CategoryId],
) -> Result<(), sqlx::Error> {
    let categories: Vec<_> = categories.iter().map(|category| category.0).collect();
    sqlx::query!(
        "with removed as (delete from question_category where question_id = $2 and category_id <> all($3))
         insert into question_category (conference_id, question_id, category_id)
         select $1, $2, category_id from unnest($3::uuid[]) as category_id on conflict do nothing",
        conference.0,
        question.0,
        &categories,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes a question that nobody has answered.
pub async fn remove(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    question: QuestionId,
) -> Result<(), QuestionError> {
    sqlx::query!(
        "with categories as (delete from question_category where question_id = $2),
             versions as (delete from question_version where conference_id = $1 and question_id = $2)
         delete from question where conference_id = $1 and id = $2",
        conference.0,
        question.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

//! Answers to the questions of the registration form. `registrations::keep` inserts those of the form.

use std::collections::HashMap;

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::{
    Answer, AnswerId, AnswerReaders, AttendeeId, ConferenceId, QuestionId, QuestionKind, QuestionVersionId,
    RegistrationId,
};

/// An answer with the words that it answers.
#[derive(Clone, Debug)]
pub struct GivenAnswer {
    /// The attendee who answered, or whose contact did; `None` for an answer about the whole registration.
    pub attendee: Option<AttendeeId>,
    /// How the question was answered.
    pub kind: QuestionKind,
    /// What it asked.
    pub text: String,
    /// One text, or each choice.
    pub value: Vec<String>,
}

impl GivenAnswer {
    /// Whether it is about this attendee, or about the whole registration.
    pub fn is_about(&self, attendee: AttendeeId) -> bool {
        self.attendee.is_none_or(|one| one == attendee)
    }

    /// Returns the answer as people read it.
    pub fn in_words(&self) -> String {
        self.kind.in_words(&self.value)
    }
}

/// Returns the answers of a registration that these readers may see, in the order of the form.
pub async fn list(
    conn: &mut PgConnection,
    registration: RegistrationId,
    readers: AnswerReaders,
) -> Result<Vec<GivenAnswer>, sqlx::Error> {
    sqlx::query_as!(
        GivenAnswer,
        r#"select attendee_id as "attendee: AttendeeId",
               asked.kind as "kind: QuestionKind", asked.text, value
           from answer
           join question on question.id = answer.question_id
           join question_version asked on asked.id = answer.version_id
           join question_version now on now.id = question.version_id
           where registration_id = $1
               and $2 = case when 'needs' in (asked.readers, now.readers) then 'needs' else 'desk' end
           order by place, question.id"#,
        registration.0,
        readers.as_str(),
    )
    .fetch_all(conn)
    .await
}

/// The columns of an export: the questions whose answers everybody at the desk may see, also those that are no longer asked. If the
/// words of a question have changed, the answers to each wording have a column of their own; the last wording comes first.
pub async fn list_columns(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<(QuestionId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select question.id as "id: QuestionId", question_version.text
           from question join question_version on question_version.question_id = question.id
           join question_version now on now.id = question.version_id
           where question.conference_id = $1 and 'needs' not in (question_version.readers, now.readers)
               and (question_version.id = question.version_id
                   or exists (select from answer where answer.version_id = question_version.id))
           group by place, question.id, question_version.text order by place, question.id, max(question_version.number) desc"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.text)).collect())
}

/// Answers as an export has them, each with the words of its question: by question and by attendee, or by registration.
pub type Answers = HashMap<(QuestionId, Uuid), (String, String)>;

/// Returns the answers of these attendees and about these registrations that everybody at the desk may see.
pub async fn list_of(
    conn: &mut PgConnection,
    attendees: &[Uuid],
    registrations: &[Uuid],
) -> Result<Answers, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select answer.question_id as "question!: QuestionId", coalesce(attendee_id, registration_id) as "whose!", asked.text, value as "value!"
           from (select * from answer where attendee_id = any($1)
               union all select * from answer where attendee_id is null and registration_id = any($2)) as answer
           join question on question.id = answer.question_id
           join question_version asked on asked.id = answer.version_id
           join question_version now on now.id = question.version_id
           where 'needs' not in (asked.readers, now.readers)"#,
        attendees,
        registrations,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| ((row.question, row.whose), (row.text, row.value.join("; ")))).collect())
}

/// A saved answer.
#[derive(Clone, Debug)]
pub struct SavedAnswer {
    /// The key. It is another one after the answer was changed.
    pub id: AnswerId,
    /// The question.
    pub question: QuestionId,
    /// The version that it answers.
    pub version: QuestionVersionId,
    /// What it asked.
    pub text: String,
    /// How it was answered.
    pub kind: QuestionKind,
    /// One text, or each choice.
    pub value: Vec<String>,
    /// Whether only those who may read needs see it.
    pub is_for_few: bool,
}

/// Returns the answers of an attendee to these questions, or those about the registration, in the order of the form.
pub async fn list_saved(
    conn: &mut PgConnection,
    (registration, attendee): (RegistrationId, Option<AttendeeId>),
    asked: &[QuestionId],
) -> Result<Vec<SavedAnswer>, sqlx::Error> {
    let asked: Vec<_> = asked.iter().map(|question| question.0).collect();
    sqlx::query_as!(
        SavedAnswer,
        r#"select answer.id as "id: AnswerId", answer.question_id as "question: QuestionId",
               answer.version_id as "version: QuestionVersionId", asked.text, asked.kind as "kind: QuestionKind", value,
               'needs' in (asked.readers, now.readers) as "is_for_few!"
           from answer
           join question on question.id = answer.question_id
           join question_version asked on asked.id = answer.version_id
           join question_version now on now.id = question.version_id
           where registration_id = $1 and attendee_id is not distinct from $2 and answer.question_id = any($3)
           order by place, question.id"#,
        registration.0,
        attendee.map(|id| id.0),
        &asked,
    )
    .fetch_all(conn)
    .await
}

/// Replaces the answers of an attendee to the questions that are asked now, or those about the registration, by these. Answers to
/// other questions stay, and so does each that is the same. Returns whether any answer is another one now.
pub(super) async fn replace(
    tx: &mut PgTransaction<'_>,
    (conference, registration, attendee): (ConferenceId, RegistrationId, Option<AttendeeId>),
    (asked, given): (&[QuestionId], &[Answer]),
    at: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let saved = list_saved(tx, (registration, attendee), asked).await?;
    let is_same = |one: &SavedAnswer, other: &Answer| (one.version, &one.value) == (other.version, &other.value);
    let ended = saved.iter().filter(|one| !given.iter().any(|other| is_same(one, other)));
    let ended: Vec<_> = ended.map(|one| one.id.0).collect();
    let new: Vec<_> = given.iter().filter(|one| !saved.iter().any(|other| is_same(other, one))).cloned().collect();
    sqlx::query!("delete from answer where id = any($1)", &ended).execute(&mut **tx).await?;
    keep(tx, (conference, registration, attendee), &new, at).await?;
    // The same answer to a question that was reworded is saved with the new words, but nobody has to hear of it.
    let is_kept = |one: &&SavedAnswer| given.iter().any(|new| (new.question, &new.value) == (one.question, &one.value));
    Ok(saved.len() != given.len() || !saved.iter().all(|one| is_kept(&one)))
}

/// Saves the answers of an attendee who was added to a registration.
pub(super) async fn keep_of_attendee(
    tx: &mut PgTransaction<'_>,
    (conference, registration, attendee): (ConferenceId, RegistrationId, AttendeeId),
    given: &[Answer],
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    keep(tx, (conference, registration, Some(attendee)), given, at).await
}

async fn keep(
    tx: &mut PgTransaction<'_>,
    (conference, registration, attendee): (ConferenceId, RegistrationId, Option<AttendeeId>),
    given: &[Answer],
    at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    for Answer { question, version, asked_of, value } in given {
        sqlx::query!(
            "insert into answer (id, conference_id, registration_id, attendee_id, question_id, asked_of, version_id, value,
                 created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            AnswerId::new().0,
            conference.0,
            registration.0,
            attendee.map(|id| id.0),
            question.0,
            asked_of.as_str(),
            version.0,
            value,
            at,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Deletes the answers of an attendee whose place was transferred, because they were somebody else's.
pub(super) async fn delete_of_attendee(tx: &mut PgTransaction<'_>, attendee: AttendeeId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from answer where attendee_id = $1", attendee.0).execute(&mut **tx).await?;
    Ok(())
}

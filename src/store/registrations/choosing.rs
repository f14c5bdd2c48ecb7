//! What is chosen again after registering: the category of an attendee, and answers to the questions.

use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;

use super::{
    answers,
    authority::{self, Authority},
    charges,
    waiting::{lock_places, lock_queue, offer_places},
};
use crate::{
    domain::{
        Answer, AttendeeId, AttendeeState, AuditKind, CategoryId, ConferenceId, EmailAddress, QuestionId,
        RegistrationId, Stored,
    },
    store::{
        audit::{self, Change, Entry},
        violated,
    },
};

/// A choice to save.
#[derive(Clone, Copy, Debug)]
pub struct Choosing<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The registration.
    pub registration: RegistrationId,
    /// The attendee; `None` for the answers about the registration.
    pub attendee: Option<AttendeeId>,
    /// The attendee's new category; `None` if it stays.
    pub category: Option<CategoryId>,
    /// The questions that are asked now, whether they were shown or not.
    pub asked: &'a [QuestionId],
    /// The answers to them. All others are deleted.
    pub answers: &'a [Answer],
    /// The time.
    pub at: OffsetDateTime,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
    /// Who chooses.
    pub authority: Authority<'a>,
}

/// What was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The category, with its name before and now.
    pub changes: Vec<Change>,
    /// Whether answers were changed.
    pub answers: bool,
}

impl Chosen {
    /// Whether nothing changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a choice was not saved. The transaction cannot be committed then.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// The category has no place that nobody waits for.
    #[error("full")]
    Full,
    /// The attendee has been cancelled or offered a place meanwhile.
    #[error("changed by somebody else")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for ChooseError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            // Their place is kept for their code again, so they take one more of the conference.
            Some("capacity_holds") => Self::Full,
            _ => Self::Database(error),
        }
    }
}

/// Locks what [`choose`] changes: the queue and the registration.
pub async fn lock(
    tx: &mut PgTransaction<'_>,
    (conference, registration): (ConferenceId, RegistrationId),
) -> Result<(), sqlx::Error> {
    lock_queue(tx, conference).await?;
    super::lock(tx, conference, registration).await?;
    Ok(())
}

/// Saves a choice and records it. The queue and the registration must be locked. Somebody with a place keeps one: they take a free place of the new category, for which nobody
/// may wait, and the one that they had is offered to the next. Somebody who waits goes to the end of the queue of the new category.
pub async fn choose(tx: &mut PgTransaction<'_>, what: Choosing<'_>) -> Result<Chosen, ChooseError> {
    let mut chosen = Chosen {
        answers: answers::replace(
            tx,
            (what.conference, what.registration, what.attendee),
            (what.asked, what.answers),
            what.at,
        )
        .await?,
        ..Chosen::default()
    };
    let entry = Entry {
        conference: Some(what.conference),
        registration: Some(what.registration),
        attendee: what.attendee,
        ..Entry::of(AuditKind::AnswersChanged, what.authority.actor)
    };
    if chosen.answers {
        audit::note(tx, entry.clone()).await?;
    }
    let mut raised = Vec::new();
    if let (Some(attendee), Some(category)) = (what.attendee, what.category) {
        (chosen.changes, raised) = change_category(tx, what, attendee, category).await?;
        let entry = Entry { kind: AuditKind::AttendeeCategoryChanged, changes: &chosen.changes, ..entry };
        audit::note(tx, entry).await?;
    }
    if !chosen.is_nothing() {
        authority::note(tx, what.authority, (what.conference, what.registration, what.attendee), raised).await?;
    }
    Ok(chosen)
}

/// Changes the category. Returns the names before and now, and the numbers of places that were raised.
async fn change_category(
    tx: &mut PgTransaction<'_>,
    what: Choosing<'_>,
    attendee: AttendeeId,
    category: CategoryId,
) -> Result<(Vec<Change>, Vec<Change>), ChooseError> {
    let row = sqlx::query!(
        r#"select state as "state: Stored<AttendeeState>", before.name as before, after.name as after,
               exists (select from code where code.id = code_id and reserves and ended_at is null) as "is_kept!"
           from attendee
           join category before on before.id = attendee.category_id
           join category after on after.id = $3 and after.conference_id = $1
           where attendee.conference_id = $1 and attendee.id = $2 and registration_id = $4 and before.id <> after.id
           for no key update of attendee"#,
        what.conference.0,
        attendee.0,
        category.0,
        what.registration.0,
    );
    let row = row.fetch_optional(&mut **tx).await?.ok_or(ChooseError::Changed)?;
    let has_place = row.state.is(AttendeeState::Confirmed);
    if !has_place && !row.state.is(AttendeeState::Waiting) {
        return Err(ChooseError::Changed);
    }
    lock_places(tx, what.conference).await?;
    let mut raised = Vec::new();
    if has_place && what.authority.raises() {
        // A place that was kept for their code is kept again, so they take one more of the conference.
        raised = authority::raise_for_one(tx, what.conference, category, row.is_kept).await?;
    } else if has_place && list_without_places(tx, what.conference).await?.contains(&category) {
        return Err(ChooseError::Full);
    }
    sqlx::query!(
        "update attendee set category_id = $2, queue_rank = case when queue_rank is not null then nextval('queue_rank') end,
             revision = revision + 1
         where id = $1",
        attendee.0,
        category.0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update place set category_id = $2, since = $3 where attendee_id = $1 and state = 'held'",
        attendee.0,
        category.0,
        what.at,
    )
    .execute(&mut **tx)
    .await?;
    charges::settle(tx, (what.conference, what.registration), attendee, what.at).await?;
    offer_places(tx, what.conference, what.at, what.operations).await?;
    Ok((Change::list([("category", row.before.as_str(), row.after.as_str())]), raised))
}

/// Lists the categories to which nobody with a place can change: those that are full, and those for which somebody waits.
pub async fn list_without_places(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Vec<CategoryId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select category.id as "id!: CategoryId"
           from category
           left join capacity on capacity.conference_id = $1 and capacity.category_id = category.id
           where category.conference_id = $1 and (capacity.taken >= capacity.places
               or exists (select from attendee where attendee.category_id = category.id and queue_rank is not null))"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

//! Mails that were waiting in a restored backup. Staff decide which of them are sent.

use sqlx::{PgConnection, PgTransaction};

use crate::domain::{AttendeeId, ConferenceId, MessageId, RegistrationId};
use crate::store::outbox::MessageFilter;

/// What staff decide about a held mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldDecision {
    /// Send it.
    Release,
    /// Do not send it. Staff can still send it later, like any mail.
    Discard,
}

/// A held mail that was decided, for the audit log.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// Its key.
    pub id: MessageId,
    /// The conference it belongs to, if it belongs to one.
    pub conference: Option<ConferenceId>,
    /// The registration it is about.
    pub registration: Option<RegistrationId>,
    /// The attendee it is about.
    pub attendee: Option<AttendeeId>,
}

/// Releases or discards one held mail, or all of them. Does not change those that somebody else has decided in the meantime.
pub async fn decide_held(
    tx: &mut PgTransaction<'_>,
    filter: MessageFilter,
    only: Option<MessageId>,
    decision: HeldDecision,
) -> Result<Vec<Decided>, sqlx::Error> {
    let state = match decision {
        HeldDecision::Release => "waiting",
        HeldDecision::Discard => "discarded",
    };
    sqlx::query_as!(
        Decided,
        r#"update message set state = $4, attempts = 0, due_at = now()
           where state = 'held' and (conference_id = $1 or ($2 and conference_id is null)) and ($3::uuid is null or id = $3)
           returning id as "id: MessageId", conference_id as "conference: ConferenceId",
               registration_id as "registration: RegistrationId", attendee_id as "attendee: AttendeeId""#,
        filter.conference.0,
        filter.without_conference,
        only.map(|id| id.0),
        state,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Counts all held mails, of every conference and of none.
pub async fn count_held(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from message where state = 'held'"#).fetch_one(conn).await
}

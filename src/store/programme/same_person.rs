//! People who were entered twice.

use sqlx::PgConnection;

use super::{
    editing::Editing,
    items,
    people::PersonContent,
    saving::{self, SaveError},
    sessions::SessionContent,
};
use crate::domain::{ConferenceId, PersonId, SessionId, Status};

/// Two sessions at the same time, by their titles.
#[derive(Clone, Debug)]
pub struct Clash {
    /// A session of the first person.
    pub first: String,
    /// A session of the second person.
    pub second: String,
}

/// Lists the sessions of two people that take place at the same time, so that they cannot be the same person.
pub async fn list_clashes(
    conn: &mut PgConnection,
    first: PersonId,
    second: PersonId,
) -> Result<Vec<Clash>, sqlx::Error> {
    sqlx::query_as!(
        Clash,
        "select one.title as first, other.title as second
         from slot mine
         join slot theirs on theirs.taken_id = $2 and theirs.side = mine.side and theirs.during && mine.during
             and theirs.session_id <> mine.session_id
             and (theirs.root_id <> mine.root_id or (theirs.is_part and mine.is_part))
         join item one_item on one_item.id = mine.session_id
         join revision one on one.id = one_item.head_id
         join item other_item on other_item.id = theirs.session_id
         join revision other on other.id = other_item.head_id
         where mine.taken_id = $1 and mine.side = 'draft'
         order by lower(mine.during), one.title, other.title",
        first.0,
        second.0,
    )
    .fetch_all(conn)
    .await
}

/// Lists the sessions whose heads name this person, with their titles.
pub async fn list_sessions(
    conn: &mut PgConnection,
    conference: ConferenceId,
    person: PersonId,
) -> Result<Vec<(SessionId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select item.id as "session: SessionId", title
           from session_person
           join item on item.head_id = session_person.revision_id
           join revision on revision.id = item.head_id
           where item.conference_id = $1 and person_id = $2 order by title, item.id"#,
        conference.0,
        person.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.session, row.title)).collect())
}

/// Makes all sessions name the other person instead of this one, and withdraws this one, whose address then leads to the other.
/// None of it is public yet. A session that names both keeps the place and the part of the other. Returns the
/// sessions.
pub async fn merge(editing: &mut Editing<'_>, person: PersonId, other: PersonId) -> Result<Vec<SessionId>, SaveError> {
    let conference = editing.conference();
    let mut changes = Vec::new();
    for (session, _) in list_sessions(editing, conference, person).await? {
        let item = items::find::<SessionContent>(editing, (conference, session)).await?.ok_or(SaveError::Stale)?;
        let mut content = item.head.content.clone();
        if content.people.iter().any(|(one, _)| *one == other) {
            content.people.retain(|(one, _)| *one != person);
        } else {
            let named = content.people.iter_mut().filter(|(one, _)| *one == person);
            named.for_each(|(one, _)| *one = other);
        }
        changes.push((item, content));
    }
    saving::save_all(editing, &changes).await?;
    let item = items::find::<PersonContent>(editing, (conference, person)).await?.ok_or(SaveError::Stale)?;
    let content = PersonContent { status: Status::Withdrawn, successor: Some(other), ..item.head.content.clone() };
    saving::save_all(editing, &[(item, content)]).await?;
    Ok(changes.into_iter().map(|(item, _)| item.id).collect())
}

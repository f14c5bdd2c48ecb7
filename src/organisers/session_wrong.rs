//! What is wrong with a session that somebody wants to save, as its pages say it.

use super::{
    editing::failed,
    session_form::{Choices, SessionWords},
};
use crate::{
    domain::SessionId,
    store::{
        revisions::SaveError,
        sessions::{self, State},
    },
    urls,
    web::{App, Errors, Result, Site},
};

/// What stands beside the fields, and what stands in the way.
#[derive(Debug, Default)]
pub struct Wrong {
    /// What is wrong, field by field.
    pub errors: Errors,
    /// The session that has the room at that time, and where it is edited.
    pub in_the_way: Option<(String, String)>,
}

impl From<Errors> for Wrong {
    fn from(errors: Errors) -> Self {
        Self { errors, in_the_way: None }
    }
}

impl Wrong {
    /// Why the database refused to keep this of the session; or the database's failure.
    pub async fn refused(
        app: &App,
        site: &Site,
        id: SessionId,
        choices: &Choices,
        state: &State,
        error: SaveError,
    ) -> Result<Self> {
        let mut wrong = Self::default();
        match (error, state.room) {
            (SaveError::RoomTaken, Some(room)) => {
                let mut conn = app.store.read().await?;
                match sessions::find_in_the_way(&mut conn, site.conference.id, id, room, state.slot).await? {
                    Some(other) => {
                        choices.note_taken(&mut wrong.errors, &other);
                        wrong.in_the_way =
                            Some((other.title, urls::organisers::session(&site.conference.slug, other.id)));
                    }
                    None => wrong.errors.add("room", &SessionWords::TakenJustNow),
                }
            }
            (SaveError::OutsideConference, _) => choices.note_outside(&mut wrong.errors),
            (SaveError::NoSuchRoom, _) => wrong.errors.add("room", &SessionWords::NoSuchRoom),
            (error, _) => return Err(failed(error)),
        }
        Ok(wrong)
    }
}

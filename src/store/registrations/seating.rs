//! Who of a new registration gets a place and who joins the waiting list.

use std::collections::HashMap;

use sqlx::PgTransaction;
use time::OffsetDateTime;

use super::{
    codes,
    waiting::{lock_places, lock_queue, offer_places},
};
use crate::domain::{
    AttendeeState, Capacity, CategoryId, CodeId, ConferenceId, EmailAddress, NewAttendee, Registration,
};

/// What the form said about the waiting list. Only people who were told so join it.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// Whether delegates can join it now.
    pub is_open: bool,
    /// The categories in which, as the form said, people may have to wait.
    pub categories: &'a [CategoryId],
}

impl Waiting<'_> {
    /// Returns whether everybody may have to wait, as the form said.
    pub fn is_expected_by_all(&self, registration: &Registration) -> bool {
        registration.attendees.iter().all(|one| self.categories.contains(&one.category))
    }

    /// Returns the people who have to wait although the form did not say so, by their index from 0.
    pub fn unexpected(&self, registration: &Registration, seats: &Seats) -> Vec<usize> {
        let numbered = registration.attendees.iter().enumerate();
        let unexpected =
            numbered.filter(|(number, one)| seats.waits(*number) && !self.categories.contains(&one.category));
        unexpected.map(|(number, _)| number).collect()
    }
}

/// Whether each person of a registration, in its order, gets a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats(Vec<bool>);

impl Seats {
    /// Returns a place for everybody.
    pub fn for_all(people: usize) -> Self {
        Self(vec![true; people])
    }

    /// Returns whether the person with this index has to wait.
    pub fn waits(&self, number: usize) -> bool {
        !self.0[number]
    }

    /// Returns whether everybody has to wait.
    pub fn all_wait(&self) -> bool {
        self.0.iter().all(|gets_place| !gets_place)
    }

    /// Returns whether anybody has to wait.
    pub fn any_waits(&self) -> bool {
        self.0.iter().any(|gets_place| !gets_place)
    }

    /// Returns the states of the attendees.
    pub fn states(&self) -> Vec<&'static str> {
        let state = |gets_place: &bool| if *gets_place { AttendeeState::Confirmed } else { AttendeeState::Waiting };
        self.0.iter().map(|one| state(one).as_str()).collect()
    }
}

/// Decides, with the queue and the counters locked, who gets a place: in the order of the form, those for whom one is kept with the
/// code, and the others while there are any that nobody waits for. Returns `None` if the code cannot be used any more.
pub async fn decide(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    (people, code): (&[NewAttendee], Option<CodeId>),
    at: OffsetDateTime,
    operations: &EmailAddress,
) -> Result<Option<Seats>, sqlx::Error> {
    lock_queue(tx, conference).await?;
    lock_places(tx, conference).await?;
    let kept = match code {
        None => None,
        Some(code) => match codes::find_kept(tx, conference, code, at).await? {
            None => return Ok(None),
            kept => kept,
        },
    };
    // Places that became free unnoticed go to those who wait already.
    offer_places(tx, conference, at, operations).await?;
    let rows = sqlx::query!(
        r#"select category_id as "category: CategoryId", places, taken from capacity where conference_id = $1"#,
        conference.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let capacities = rows.into_iter().map(|row| (row.category, Capacity { places: row.places, taken: row.taken }));
    Ok(Some(seat(people, capacities.collect(), kept)))
}

/// Seats people in order. The capacity without a category is that of the conference. `kept` is how many places are kept in which
/// category: they count as taken already.
fn seat(
    people: &[NewAttendee],
    mut capacities: HashMap<Option<CategoryId>, Capacity>,
    mut kept: Option<(CategoryId, i32)>,
) -> Seats {
    let seats = people.iter().map(|one| {
        if let Some((category, left)) = &mut kept
            && *category == one.category
            && *left > 0
        {
            *left -= 1;
            return true;
        }
        let keys = [None, Some(one.category)];
        let gets_place = keys.iter().all(|key| capacities.get(key).is_none_or(|capacity| !capacity.is_full()));
        if gets_place {
            for key in &keys {
                if let Some(capacity) = capacities.get_mut(key) {
                    capacity.taken += 1;
                }
            }
        }
        gets_place
    });
    Seats(seats.collect())
}

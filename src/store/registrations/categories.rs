//! The categories of delegates and their places.

use sqlx::PgConnection;

use super::questions;
use crate::domain::{Availability, Capacity, CategoryId, ConferenceId, Question, RevisionId};

/// A category with its places.
#[derive(Clone, Debug)]
pub struct OfferedCategory {
    /// Its key.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// Whether delegates can choose it themselves.
    pub public: bool,
    /// Its places.
    pub capacity: Capacity,
}

/// What the registration form can offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// All categories, in their order.
    pub categories: Vec<OfferedCategory>,
    /// The places of the whole conference.
    pub whole: Capacity,
    /// Whether delegates can join the waiting list of what is full.
    pub waiting_list: bool,
    /// The published privacy notice; `None` if there is none.
    pub privacy: Option<RevisionId>,
    /// The questions that the form asks, in their order.
    pub questions: Vec<Question>,
}

impl Offer {
    /// Iterates over the categories that delegates can choose.
    pub fn public(&self) -> impl Iterator<Item = &OfferedCategory> {
        self.categories.iter().filter(|category| category.public)
    }

    /// Returns the same with or without a waiting list.
    pub fn with_waiting_list(self, waiting_list: bool) -> Self {
        Self { waiting_list, ..self }
    }

    /// Returns whether nobody can get a place, because the conference or every public category is full.
    pub fn is_full(&self) -> bool {
        self.whole.is_full() || self.public().all(|category| category.capacity.is_full())
    }

    /// Returns whether nobody can register, not even for the waiting list.
    pub fn is_closed(&self) -> bool {
        self.is_full() && (!self.waiting_list || self.public().next().is_none())
    }

    /// Returns whether somebody who registers for this category joins the waiting list.
    pub fn waits_in(&self, category: &OfferedCategory) -> bool {
        self.waiting_list && (self.whole.is_full() || category.capacity.is_full())
    }
}

/// Returns what the conference offers now.
pub async fn offer(conn: &mut PgConnection, conference: ConferenceId) -> Result<Offer, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select category.id as "id?: CategoryId", category.name as "name?", category.public as "public?",
               capacity.places, coalesce(capacity.taken, 0) as "taken!",
               exists (select from question where conference_id = $1 and is_asked) as "has_questions!",
               (select published_id from slug join item on item.id = item_id
                where slug.conference_id = $1 and slug.kind = 'page' and slug.slug = 'privacy')
                   as "privacy: RevisionId"
           from category
           full join capacity on capacity.category_id = category.id
           where coalesce(category.conference_id, capacity.conference_id) = $1
           order by category.place, category.name"#,
        conference.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    // Most conferences ask none.
    let has_questions = rows.first().is_some_and(|row| row.has_questions);
    let questions = if has_questions { questions::asked(conn, conference).await? } else { Vec::new() };
    let mut offer = Offer {
        categories: Vec::with_capacity(rows.len()),
        whole: Capacity { places: None, taken: 0 },
        waiting_list: false,
        privacy: rows.first().and_then(|row| row.privacy),
        questions,
    };
    for row in rows {
        let capacity = Capacity { places: row.places, taken: row.taken };
        match (row.id, row.name, row.public) {
            (Some(id), Some(name), Some(public)) => {
                offer.categories.push(OfferedCategory { id, name, public, capacity });
            }
            _ => offer.whole = capacity,
        }
    }
    Ok(offer)
}

/// Returns the smaller availability of the conference and of the public category that has the most places left. It is `Full`, or
/// `None` if no category is public, if and only if [`Offer::is_full`] returns true.
pub async fn availability(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Option<Availability>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select coalesce(capacity.availability, 'free') as "left!: Availability", category.id is null as "whole!"
           from category
           full join capacity on capacity.category_id = category.id
           where coalesce(category.conference_id, capacity.conference_id) = $1 and category.public is not false"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    let (mut whole, mut public) = (Availability::Free, None);
    for row in rows {
        if row.whole {
            whole = row.left;
        } else {
            public = public.max(Some(row.left));
        }
    }
    Ok(public.map(|public| whole.min(public)))
}

/// Lists the categories of a conference in their order.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<OfferedCategory>, sqlx::Error> {
    Ok(offer(conn, conference).await?.categories)
}

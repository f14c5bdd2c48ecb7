//! The list as a file: all pages, read in parts by key, so that they are never all in memory.

use sqlx::QueryBuilder;

use crate::{
    domain::QuestionId,
    store::{
        Search,
        registrations::{
            answers::{self, Answers},
            attendees::{
                Detail,
                detail::list_details,
                list,
                sorting::{Place, Side, Sorting},
                wanted::{Matching, Wanted},
            },
        },
    },
};

/// The number of lines that are read at once.
const CHUNK: usize = 500;

/// A list that is read a few hundred lines at a time. No connection is held between two reads, because a slow reader can take
/// any time. The file is therefore not a snapshot of the database. An attendee whom nobody changes during the export has
/// exactly one line. One who is added, or whose position changes, may be missing or, if they move towards the end, have a
/// second line.
#[derive(Debug)]
pub struct Export {
    /// The questions whose answers it has.
    questions: Vec<(QuestionId, String)>,
    wanted: Wanted,
    matching: Matching,
    after: Option<Place>,
}

/// A line of an export.
#[derive(Debug)]
pub struct Exported {
    /// The attendee.
    pub detail: Detail,
    /// The answers to [`Export::questions`]; empty if there is none.
    pub answers: Vec<String>,
}

impl Export {
    /// Begins an export of the attendees that are searched for.
    pub async fn begin(search: &mut Search, wanted: Wanted) -> Result<Self, sqlx::Error> {
        let matching = list::matching(search, &wanted).await?;
        let questions = answers::list_columns(search, wanted.conference).await?;
        Ok(Self { questions, wanted, matching, after: None })
    }

    /// Returns the questions whose answers it has, each with its words.
    pub fn questions(&self) -> &[(QuestionId, String)] {
        &self.questions
    }

    /// Reads the next lines; returns `None` at the end.
    pub async fn next(&mut self, search: &mut Search) -> Result<Option<Vec<Exported>>, sqlx::Error> {
        let places = self.next_places(search).await?;
        let ids: Vec<_> = places.iter().map(|place| place.attendee_id.0).collect();
        let Some(last) = places.into_iter().next_back() else { return Ok(None) };
        self.after = Some(last);
        let answers =
            if self.questions.is_empty() { Answers::default() } else { answers::list_of(search, &ids).await? };
        let exported = list_details(search, &ids).await?.into_iter().map(|detail| self.exported(detail, &answers));
        Ok(Some(exported.collect()))
    }

    fn exported(&self, detail: Detail, answers: &Answers) -> Exported {
        let of = |question, whose| answers.get(&(question, whose));
        let answer = |(question, text): &(QuestionId, String)| {
            let given = of(*question, detail.attendee.id.0).or_else(|| of(*question, detail.registration.id.0));
            given.filter(|(asked, _)| asked == text).map(|(_, answer)| answer.clone())
        };
        Exported {
            answers: self.questions.iter().map(|question| answer(question).unwrap_or_default()).collect(),
            detail,
        }
    }

    /// Returns the positions of the next attendees. However many parts there are, the whole list reads its index once.
    async fn next_places(&self, search: &mut Search) -> Result<Vec<Place>, sqlx::Error> {
        let sorting = Sorting::indexed(&self.wanted);
        let mut sql = QueryBuilder::new("select ");
        sorting.push_place(&mut sql);
        sql.push(" from attendee_listing where ");
        self.wanted.push_conditions(&mut sql, self.matching);
        if let Some(place) = &self.after {
            sql.push(" and ");
            sorting.push_side(&mut sql, Side::After, place);
        }
        sorting.push_order(&mut sql, Side::After);
        sql.push(" limit ").push(CHUNK);
        // Not cached as a prepared statement, because each search has different conditions.
        sql.build_query_as().persistent(false).fetch_all(&mut **search).await
    }
}

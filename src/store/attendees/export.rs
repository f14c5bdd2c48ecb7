//! The list as a file: all lines of all pages, read through a cursor, so that neither side ever holds them all.

use sqlx::QueryBuilder;
use time::OffsetDateTime;

use super::{
    list,
    wanted::{Side, Wanted},
};
use crate::store::Search;

/// An attendee in the file, with what somebody with a spreadsheet asks for. Needs stand in no list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ExportLine {
    /// The registration's code.
    pub reference: String,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What the person does; may be empty.
    pub job_title: String,
    /// Where the attendee comes from.
    pub organisation: String,
    /// That organisation's city.
    pub city: String,
    /// That organisation's country, by its code.
    pub country: String,
    /// The category's name.
    pub category: String,
    /// How it stands, by the database's word.
    pub state: String,
    /// Who filled the form in.
    pub contact_name: String,
    /// That person's address.
    pub contact_email: String,
    /// That person's number; may be empty.
    pub contact_telephone: String,
    /// When the registration came.
    pub created_at: OffsetDateTime,
}

/// A list on its way out: one state of the database, however long somebody takes to read it.
pub struct Export {
    search: Search,
}

impl Export {
    /// Begins with those who are wanted, in their order, in a search that does nothing else.
    pub async fn open(mut search: Search, wanted: &Wanted) -> Result<Self, sqlx::Error> {
        sqlx::query!("set transaction isolation level repeatable read").execute(&mut *search).await?;
        // Whoever takes the file decides how long they let it lie, not the limit for our own work.
        sqlx::query!("set local idle_in_transaction_session_timeout = '40s'").execute(&mut *search).await?;
        let anywhere = list::is_anywhere(&mut search, wanted).await?;
        // All lines will be read: the plan has to be good for the last as well as for the first.
        sqlx::query!("set local cursor_tuple_fraction = 1").execute(&mut *search).await?;
        let mut sql = QueryBuilder::new(
            "declare attendees no scroll cursor for
             select registration.reference, attendee.name, attendee.email, attendee.job_title, registration.organisation,
                 registration.city, registration.country, category.name as category, attendee.state,
                 registration.contact_name, registration.contact_email, registration.contact_telephone,
                 attendee.created_at
             from attendee_listing
             join attendee on attendee.id = attendee_listing.attendee_id
             join registration on registration.id = attendee.registration_id
             join category on category.id = attendee.category_id
             where ",
        );
        wanted.push_conditions(&mut sql, anywhere);
        wanted.push_order(&mut sql, Side::After);
        sql.build().persistent(false).execute(&mut *search).await?;
        Ok(Self { search })
    }

    /// The next few hundred lines; none at the end.
    pub async fn next(&mut self) -> Result<Vec<ExportLine>, sqlx::Error> {
        sqlx::query_as("fetch 500 from attendees").fetch_all(&mut *self.search).await
    }
}

//! People who are perhaps the one whom staff are about to register: they have the same mailbox and a name like theirs.

use sqlx::PgConnection;

use crate::{
    domain::{AttendeeDetails, ConferenceId, are_alike, email, text::folded},
    store::registrations::attendees::{self, Detail},
    web::{Result, Submitted},
};

/// The field with those of whom staff have said that they are somebody else.
const OTHERS: &str = "somebody-else";

/// The people who are perhaps the same.
#[derive(Clone, Debug, Default)]
pub struct Alike {
    /// Those about whom staff have said nothing yet.
    pub open: Vec<Detail>,
    /// All of them, as the field has them.
    pub all: String,
    /// Whether one of them has exactly the same name and address.
    pub is_another: bool,
}

impl Alike {
    /// Finds those who are perhaps this person.
    pub async fn find(
        conn: &mut PgConnection,
        conference: ConferenceId,
        details: &AttendeeDetails,
        form: &Submitted,
    ) -> Result<Self> {
        let mut alike = attendees::list_of_mailbox(conn, conference, (&details.name, &details.email)).await?;
        alike.retain(|one| are_alike(&one.attendee.name, details.name.as_str()));
        let name = folded(details.name.as_str());
        let is_same = |one: &Detail| {
            folded(&one.attendee.name) == name && email::is_same(&one.attendee.email, details.email.as_str())
        };
        Ok(Self {
            is_another: alike.iter().any(is_same),
            all: alike.iter().map(|one| one.attendee.id.to_string()).collect::<Vec<_>>().join(" "),
            open: alike.into_iter().filter(|one| !form.holds(OTHERS, &one.attendee.id.to_string())).collect(),
        })
    }
}

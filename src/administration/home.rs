//! `/administration`: the list of conferences and the way to the accounts.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::Action,
    store::{
        editions::{self, Edition},
        people::memberships::{self, Account},
    },
    web::{App, Desk, DeskNav, Result, page},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/home.html")]
struct HomePage {
    desk: Desk,
    editions: Vec<Edition>,
    accounts: Vec<Account>,
}

/// `GET /administration`.
pub async fn get(State(app): State<App>, Person(person): Person) -> Result {
    let mut conn = app.store.read().await?;
    let mut editions = editions::list(&mut conn).await?;
    editions.retain(|edition| person.may(Action::EditSettings, Some(edition.id)));
    page(&HomePage {
        desk: Desk::new(DeskNav::Administration, None, &person),
        editions,
        accounts: memberships::list(&mut conn).await?,
    })
}

impl HomePage {
    /// Whether this person may do this at this conference.
    fn may(&self, action: Action, edition: &Edition) -> bool {
        self.desk.person.may(action, Some(edition.id))
    }

    fn active(&self) -> usize {
        self.accounts.iter().filter(|account| account.active).count()
    }
}

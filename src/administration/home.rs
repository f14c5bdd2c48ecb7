//! `/administration`: the list of conferences and the way to the accounts.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    store::{
        people::memberships::{self, Account},
        settings::{self, Edition},
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
    page(&HomePage {
        desk: Desk::new(DeskNav::Administration, None, &person),
        editions: settings::list_editions(&mut conn).await?,
        accounts: memberships::list(&mut conn).await?,
    })
}

impl HomePage {
    fn active(&self) -> usize {
        self.accounts.iter().filter(|account| account.active).count()
    }
}

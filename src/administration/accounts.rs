//! `/administration/accounts`: all accounts, active or not.

use askama::Template;
use axum::extract::State;

use super::roles;
use crate::{
    access::Person,
    domain::Zone,
    store::{
        editions::{self, Edition},
        people::memberships::{self, Account},
    },
    web::{App, Desk, DeskNav, Result, page},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/accounts.html")]
struct AccountsPage {
    desk: Desk,
    accounts: Vec<Account>,
    editions: Vec<Edition>,
    zone: Zone,
}

/// `GET /administration/accounts`.
pub async fn get(State(app): State<App>, Person(person): Person) -> Result {
    let zone = app.sites.current_zone(&app.store).await;
    let mut conn = app.store.read().await?;
    page(&AccountsPage {
        desk: Desk::new(DeskNav::Administration, None, &person),
        accounts: memberships::list(&mut conn).await?,
        editions: editions::list(&mut conn).await?,
        zone,
    })
}

impl AccountsPage {
    fn roles(&self, account: &Account) -> String {
        roles::said(&account.roles, &self.editions)
    }

    fn seen(&self, account: &Account) -> String {
        account.seen_at.map(|at| self.zone.zoned_moment(at)).unwrap_or_default()
    }
}

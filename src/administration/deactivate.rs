//! `/administration/accounts/{account}/deactivate`: explains the consequences and deactivates an account. An account
//! can also be reactivated.

use askama::Template;
use axum::extract::State;

use super::{
    account_of,
    left_behind::{self, LeftBehind},
};
use crate::{
    access::Person,
    domain::{AccountChange, AccountId, AuditKind, SignedIn},
    store::{
        audit::{self, Actor, Entry},
        outbox,
        people::memberships::{self, Account, ChangeError},
    },
    urls,
    web::{App, Desk, DeskNav, Named, Result, page, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/deactivate.html")]
struct DeactivatePage {
    desk: Desk,
    account: Account,
    left: LeftBehind,
    last_administrator: bool,
}

/// `GET /administration/accounts/{account}/deactivate`.
pub async fn get(State(app): State<App>, Person(person): Person, Named(account): Named<AccountId>) -> Result {
    page(&DeactivatePage::read(&app, &person, account).await?)
}

/// `POST /administration/accounts/{account}/deactivate`.
pub async fn post(State(app): State<App>, Person(person): Person, Named(account): Named<AccountId>) -> Result {
    let account = account_of(&app, account).await?;
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    match memberships::deactivate(&mut tx, account.id, now).await {
        Ok(true) => {}
        Ok(false) => return Ok(see_other(&urls::administration::account(account.id))),
        Err(ChangeError::LastAdministrator) => {
            drop(tx);
            let page = DeactivatePage::read(&app, &person, account.id).await?;
            return unprocessable(&DeactivatePage { last_administrator: true, ..page });
        }
        Err(ChangeError::Database(error)) => return Err(error.into()),
    }
    left_behind::end(&mut tx, account.id, person.account, now).await?;
    let entry = Entry::of(AuditKind::AccountDeactivated, Actor::Account(person.account));
    audit::note(&mut tx, Entry { subject: Some(account.id.0), ..entry }).await?;
    outbox::tell_owner(&mut tx, account.id, now, AccountChange::Deactivated { by: person.name }).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::administration::account(account.id)))
}

/// `POST /administration/accounts/{account}/reactivate`.
pub async fn reactivate(State(app): State<App>, Person(person): Person, Named(account): Named<AccountId>) -> Result {
    let account = account_of(&app, account).await?;
    let mut tx = app.store.begin().await?;
    if !memberships::reactivate(&mut tx, account.id).await? {
        return Ok(see_other(&urls::administration::account(account.id)));
    }
    let entry = Entry::of(AuditKind::AccountReactivated, Actor::Account(person.account));
    audit::note(&mut tx, Entry { subject: Some(account.id.0), ..entry }).await?;
    let change = AccountChange::Reactivated { by: person.name };
    outbox::tell_owner(&mut tx, account.id, app.clock.now(), change).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::administration::account(account.id)))
}

impl DeactivatePage {
    async fn read(app: &App, person: &SignedIn, account: AccountId) -> Result<Self> {
        let account = account_of(app, account).await?;
        let left = LeftBehind::of(&mut *app.store.read().await?, account.id).await?;
        let desk = Desk::new(DeskNav::Administration, None, person);
        Ok(Self { desk, account, left, last_administrator: false })
    }
}

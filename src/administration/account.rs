//! `/administration/accounts/{account}`: the name and roles of an account.

use askama::Template;
use axum::{extract::State, http::Uri};

use super::{
    account_of,
    left_behind::{self, LeftBehind},
    roles,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AccountChange, AccountId, AuditKind, PersonName, Roles, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        editions::{self, Edition},
        outbox,
        people::memberships::{self, Account, ChangeError},
    },
    urls,
    web::{App, Desk, DeskNav, Errors, Missing, Named, Result, Submitted, page, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/account.html")]
struct AccountPage {
    desk: Desk,
    account: Account,
    form: Submitted,
    errors: Errors,
    groups: Vec<roles::RoleGroup>,
    /// What ends if the account may not edit the programme any more.
    left: LeftBehind,
    saved: bool,
}

/// `GET /administration/accounts/{account}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Named(account): Named<AccountId>,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let account = account_of(&app, account).await?;
    let mut conn = app.store.read().await?;
    let editions = editions::list(&mut conn).await?;
    let left = LeftBehind::of(&mut conn, account.id).await?;
    drop(conn);
    let (form, ticked) = (Submitted::of([("name", account.name.clone())]), account.roles.clone());
    let mut again = AccountPage::of(&person, (account, left), form, Errors::default(), &editions, &ticked);
    if let Some(form) = resumed.shown_in(&mut again.desk) {
        again.groups = roles::offered(&editions, &roles::ticked(&form, &editions));
        again.form = form;
    }
    again.saved = uri.query() == Some("done=saved");
    page(&again)
}

/// `POST /administration/accounts/{account}`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Named(account): Named<AccountId>,
    form: Submitted,
) -> Result {
    let account = account_of(&app, account).await?;
    let mut conn = app.store.read().await?;
    let editions = editions::list(&mut conn).await?;
    let left = LeftBehind::of(&mut conn, account.id).await?;
    drop(conn);
    let mut errors = Errors::default();
    let name = errors.check_required("name", PersonName::parse(form.get("name")), Missing::Name);
    let chosen = roles::validate(&form, &editions, &mut errors);
    let (Some(name), true) = (name, errors.is_empty()) else {
        return unprocessable(&AccountPage::of(&person, (account, left), form, errors, &editions, &chosen));
    };
    let mut tx = app.store.begin().await?;
    match memberships::change(&mut tx, account.id, &name, &chosen).await {
        Ok(()) => {}
        Err(ChangeError::LastAdministrator) => {
            roles::last_administrator(&mut errors);
            return unprocessable(&AccountPage::of(&person, (account, left), form, errors, &editions, &chosen));
        }
        Err(ChangeError::Database(error)) => return Err(error.into()),
    }
    let now = app.clock.now();
    left_behind::end(&mut tx, account.id, person.account, now).await?;
    let changes = changes(&account, &name, &chosen, &editions);
    let entry = Entry::of(AuditKind::AccountChanged, Actor::Account(person.account));
    audit::note(&mut tx, Entry { subject: Some(account.id.0), changes: &changes, ..entry }).await?;
    if let Some(Change { before, after, .. }) = changes.into_iter().find(|change| change.field == "roles") {
        let change = AccountChange::Roles { before, after, by: person.name };
        outbox::tell_owner(&mut tx, account.id, now, change).await?;
    }
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::administration::account_saved(account.id)))
}

fn changes(account: &Account, name: &PersonName, roles: &Roles, editions: &[Edition]) -> Vec<Change> {
    let mut changes = vec![
        Change { field: "name", before: account.name.clone(), after: name.to_string() },
        Change { field: "roles", before: roles::said(&account.roles, editions), after: roles::said(roles, editions) },
    ];
    changes.retain(|change| change.before != change.after);
    changes
}

impl AccountPage {
    fn of(
        person: &SignedIn,
        (account, left): (Account, LeftBehind),
        form: Submitted,
        errors: Errors,
        editions: &[Edition],
        ticked: &Roles,
    ) -> Self {
        let desk = Desk::new(DeskNav::Administration, None, person);
        Self { desk, account, form, errors, groups: roles::offered(editions, ticked), left, saved: false }
    }
}

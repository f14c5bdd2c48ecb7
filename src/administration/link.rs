//! `/administration/accounts/{account}/link`: sends a new link to set a password. The page shows another link once, in
//! case the mail does not arrive.

use askama::Template;
use axum::extract::State;
use sqlx::PgTransaction;

use super::account_of;
use crate::{
    access::Person,
    domain::{AccountId, AuditKind, SignedIn},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, Kind, NewMessage},
        people::{
            accounts::{self, LinkData, LinkPurpose},
            memberships::Account,
        },
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Named, Result, page},
};

/// The page with the link.
#[derive(Template)]
#[template(path = "administration/link.html")]
pub struct LinkPage {
    desk: Desk,
    account: Account,
    link: String,
    days: i64,
}

/// `POST /administration/accounts/{account}/link`.
pub async fn post(State(app): State<App>, Person(person): Person, Named(account): Named<AccountId>) -> Result {
    let account = account_of(&app, account).await?;
    if !account.active {
        return Err(AppError::Gone);
    }
    let purpose = if account.has_password { LinkPurpose::Forgotten } else { LinkPurpose::Invitation };
    let mut tx = app.store.begin().await?;
    let entry = Entry::of(AuditKind::AccountLinkSent, Actor::Account(person.account));
    audit::note(&mut tx, Entry { subject: Some(account.id.0), ..entry }).await?;
    page(&LinkPage::mint(&app, tx, &person, account, purpose).await?)
}

impl LinkPage {
    /// Creates the link that the page shows, queues the mail with another link, and commits the transaction. When one
    /// of the two links is used, the other stops working.
    pub async fn mint(
        app: &App,
        mut tx: PgTransaction<'_>,
        person: &SignedIn,
        account: Account,
        purpose: LinkPurpose,
    ) -> Result<Self> {
        let secret = accounts::mint_link(&mut tx, account.id, app.clock.now(), purpose).await?;
        let mail = NewMessage {
            kind: Kind("set_password"),
            recipient: &account.email,
            conference: None,
            registration: None,
            attendee: None,
            account: Some(account.id),
            data: LinkData { purpose, by: Some(person.name.clone()) }.into(),
        };
        outbox::enqueue(&mut tx, mail).await?;
        tx.commit().await?;
        app.outbox.notify_one();
        let desk = Desk::new(DeskNav::Administration, None, person);
        let link = app.absolute(&urls::access::set_password(&secret));
        Ok(Self { desk, account, link, days: purpose.valid_for().whole_days() })
    }
}

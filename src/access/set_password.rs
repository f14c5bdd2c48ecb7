//! `/set-password/{token}`: sets a password with a one-time link. Only sending the form uses the link up, because mail
//! programs open links to check them.

use askama::Template;
use axum::{extract::State, http::HeaderMap};

use super::{browser, chosen_password::ChosenPassword, password};
use crate::{
    domain::{AccountChange, AuditKind, Secret, SecretHash},
    store::{
        audit::{self, Actor, Entry},
        outbox,
        people::accounts::{self, LinkOwner},
    },
    urls,
    web::{App, Errors, Frame, Named, Result, Submitted, Token, Visitor, page, reply, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "access/set_password.html")]
struct SetPasswordPage {
    frame: Frame,
    form: Submitted,
    errors: Errors,
    owner: LinkOwner,
}

/// The page for a link that is invalid, used or expired.
#[derive(Template)]
#[template(path = "access/set_password_over.html")]
struct LinkOverPage {
    frame: Frame,
}

/// `GET /set-password/{token}`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    match owner(&app, &token).await? {
        Some((_, owner)) => page(&SetPasswordPage::of(&app, owner, Errors::default())),
        None => link_over(&app),
    }
}

/// `POST /set-password/{token}`: saves the password and leads to the sign-in page.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Submitted,
) -> Result {
    let Some((hash, owner)) = owner(&app, &token).await? else { return link_over(&app) };
    let chosen = match ChosenPassword::validate(&app, &form, &owner.email, &owner.name).await? {
        Ok(chosen) => chosen,
        Err(errors) => return unprocessable(&SetPasswordPage::of(&app, owner, errors)),
    };
    let kept = password::hash(chosen.0).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let Some(account) = accounts::use_link(&mut tx, hash, now).await? else { return link_over(&app) };
    accounts::keep_password(&mut tx, account, &kept, None, now).await?;
    let entry = Entry { subject: Some(account.0), ..Entry::of(AuditKind::PasswordSet, Actor::Account(account)) };
    audit::note(&mut tx, entry).await?;
    let change = AccountChange::Password { by_link: true, browser: browser::of(&headers), network: visitor.network() };
    outbox::tell_owner(&mut tx, account, now, change).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::access::password_set()))
}

impl SetPasswordPage {
    fn of(app: &App, owner: LinkOwner, errors: Errors) -> Self {
        Self { frame: Frame::plain(app).titled("Set your password"), form: Submitted::default(), errors, owner }
    }
}

async fn owner(app: &App, token: &str) -> Result<Option<(SecretHash, LinkOwner)>> {
    let Some(hash) = Secret::parse(token).map(|secret| secret.hash()) else { return Ok(None) };
    let owner = accounts::find_link(&mut *app.store.read().await?, hash, app.clock.now()).await?;
    Ok(owner.map(|owner| (hash, owner)))
}

fn link_over(app: &App) -> Result {
    reply::gone(&LinkOverPage { frame: Frame::plain(app).titled("This link no longer works") })
}

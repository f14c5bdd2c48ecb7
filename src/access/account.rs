//! `/account`: a person's own logins and password.

use askama::Template;
use axum::{extract::State, http::HeaderMap};
use time::OffsetDateTime;

use super::{Person, browser, chosen_password::ChosenPassword, limits, password, sign_in::with_login};
use crate::{
    domain::{AccountChange, AuditKind, LoginId, SignedIn, Zone},
    store::{
        audit::{self, Actor, Entry},
        outbox,
        people::{accounts, logins},
        rate_limits::Attempt,
    },
    urls,
    web::{App, Desk, DeskNav, Errors, Result, Submitted, Visitor, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "access/account.html")]
struct AccountPage {
    desk: Desk,
    form: Submitted,
    errors: Errors,
    /// This browser's login, then the others.
    logins: Vec<LoginLine>,
    zone: Zone,
    changed: bool,
}

struct LoginLine {
    id: LoginId,
    here: bool,
    browser: String,
    network: String,
    since: OffsetDateTime,
    seen: OffsetDateTime,
}

/// The error messages of the form that changes a password.
#[derive(Template)]
#[template(path = "access/account_errors.txt")]
enum ErrorMessage {
    Wrong,
    TooOften { minutes: u32 },
}

/// `GET /account`.
pub async fn get(State(app): State<App>, Person(person): Person, uri: axum::http::Uri) -> Result {
    let mut account = AccountPage::of(&app, &person).await?;
    account.changed = uri.query() == Some("done=password");
    page(&account)
}

/// `POST /account/password`: changes the password of somebody who knows the current one.
pub async fn post_password(
    State(app): State<App>,
    Person(person): Person,
    visitor: Visitor,
    headers: HeaderMap,
    form: Submitted,
) -> Result {
    let mut again = AccountPage::of(&app, &person).await?;
    let attempt = limits::change_password(&mut *app.store.read().await?, person.account).await?;
    if let Attempt::TooMany { retry_after } = attempt {
        again.errors.add("present-password", &ErrorMessage::TooOften { minutes: retry_after.div_ceil(60) });
        return reply::too_many(&again, retry_after);
    }
    let present = accounts::get_password(&mut *app.store.read().await?, person.account).await?;
    if !password::is_right(form.get("present-password"), present).await? {
        tracing::warn!(account = %person.account, network = visitor.network(), "a wrong current password was given");
        again.errors.add("present-password", &ErrorMessage::Wrong);
        return again.refused();
    }
    let chosen = match ChosenPassword::validate(&app, &form, &person.email, &person.name).await? {
        Ok(chosen) => chosen,
        Err(errors) => {
            again.errors = errors;
            return again.refused();
        }
    };
    let kept = password::hash(chosen.0).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    accounts::keep_password(&mut tx, person.account, &kept, Some(person.login), now).await?;
    let entry = Entry {
        subject: Some(person.account.0),
        ..Entry::of(AuditKind::PasswordChanged, Actor::Account(person.account))
    };
    audit::note(&mut tx, entry).await?;
    let change = AccountChange::Password { by_link: false, browser: browser::of(&headers), network: visitor.network() };
    outbox::tell_owner(&mut tx, person.account, now, change).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::access::account_password_changed()))
}

/// `POST /account/logins`: ends one of the person's logins, or (`others`) all except the current one.
pub async fn post_logins(State(app): State<App>, Person(person): Person, form: Submitted) -> Result {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let ended = form.get("login").parse::<LoginId>().ok();
    match ended {
        Some(login) => logins::revoke(&mut tx, person.account, login, now).await?,
        None if form.get("login") == "others" => {
            logins::revoke_all(&mut tx, person.account, Some(person.login), now).await?;
        }
        None => {}
    }
    tx.commit().await?;
    if ended == Some(person.login) {
        return Ok(with_login(see_other(&urls::access::signed_out()), &app, None));
    }
    Ok(see_other(&urls::access::account()))
}

impl AccountPage {
    async fn of(app: &App, person: &SignedIn) -> Result<Self> {
        let kept = logins::list(&mut *app.store.read().await?, person.account, app.clock.now()).await?;
        let mut logins: Vec<_> = kept.into_iter().map(|login| LoginLine::of(login, person)).collect();
        logins.sort_by_key(|login| !login.here);
        let zone = app.sites.current_zone(&app.store).await;
        let desk = Desk::new(DeskNav::None, None, person);
        Ok(Self { desk, form: Submitted::default(), errors: Errors::default(), logins, zone, changed: false })
    }

    fn refused(&self) -> Result {
        crate::web::unprocessable(self)
    }
}

impl LoginLine {
    fn of(login: logins::Login, person: &SignedIn) -> Self {
        Self {
            here: login.id == person.login,
            id: login.id,
            browser: browser::described(&login.browser),
            network: login.network,
            since: login.created_at,
            seen: login.seen_at,
        }
    }
}

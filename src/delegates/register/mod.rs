//! The registration form, for one person or a group of one organisation. It has no review step: the page after it shows
//! what was registered, and the link in the mail can cancel it.
//!
//! Links on the form open in the same window. The browser stores the form in its history ([`reply::form`]) and fills it
//! in again when people come back. Browsers do not refill fields with `autocomplete="off"`, so no field that people
//! fill in has it.

mod keep;
pub mod known;
pub mod limits;
mod page;
pub mod paste;
mod pasted;

pub use page::outside_window;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, Uri},
};
use sqlx::PgConnection;

use self::{
    page::{FormNotice, NotNowPage, RegisterPage, closed_reason, offer},
    paste::Added,
};
use crate::{
    domain::MOST_ATTENDEES,
    registering::{
        code,
        people::{self, Action},
    },
    store::registrations::{categories::Offer, same_person::Pending},
    web::{App, Current, Errors, Result, Site, Submitted, Visitor, page, reply},
};

/// `GET /{c}/register`: shows the empty form, with `?code=…` for somebody who has this code.
pub async fn get(State(app): State<App>, Current(site): Current, visitor: Visitor, uri: Uri) -> Result {
    let code = Submitted::decode(uri.query().unwrap_or_default().as_bytes()).line(code::FIELD);
    let form = Submitted::of([("attends", "me".to_owned()), (code::FIELD, code)]);
    let form = people::in_order(&form);
    let mut conn = app.store.read().await?;
    let offer = offer(&app, &mut conn, &site, visitor, &form).await?;
    let mut errors = Errors::default();
    code::add_refusal(&offer, &mut errors);
    if let Some(reason) = closed_reason(&app, &site, &offer) {
        return page(&NotNowPage::new(&app, site, reason, None).with_code(form, errors, &offer));
    }
    let form = code::with_category(form, &offer);
    let page = RegisterPage::new(&app, &mut conn, site, form, &offer).await?;
    if errors.is_empty() { reply::form(StatusCode::OK, &page) } else { page.with_errors(errors, &offer).refused() }
}

/// Registers the other person of a pending registration, as if the form were sent now. `token` is the secret of its link.
pub async fn complete(app: &App, site: Arc<Site>, visitor: Visitor, pending: &Pending, token: &str) -> Result {
    let form = people::in_order(&known::resumed(pending, token));
    let (_permit, mut conn) = app.store.register().await?;
    let offer = offer(app, &mut conn, &site, visitor, &form).await?;
    keep::keep(app, &mut conn, site, visitor, form, offer).await
}

/// `POST /{c}/register`: stores the registration and queues its mails. Or shows the form again: with one person more or
/// fewer, or with its errors.
pub async fn post(State(app): State<App>, Current(site): Current, visitor: Visitor, form: Submitted) -> Result {
    let form = people::in_order(&form);
    let (_permit, mut conn) = app.store.register().await?;
    let offer = offer(&app, &mut conn, &site, visitor, &form).await?;
    let action = Action::of(&form);
    if action == Action::Register {
        return keep::keep(&app, &mut conn, site, visitor, form, offer).await;
    }
    let mut errors = Errors::default();
    if action == Action::Apply {
        code::add_refusal(&offer, &mut errors);
    }
    if let Some(reason) = closed_reason(&app, &site, &offer) {
        let not_now = NotNowPage::new(&app, site, reason, Some(form.clone()));
        return reply::not_now(&not_now.with_code(form, errors, &offer));
    }
    if action == Action::Paste {
        return pasted(&app, &mut conn, site, &form, &offer).await;
    }
    let form = match action {
        Action::Add if people::count(&form) < MOST_ATTENDEES => people::with_one_more(&form),
        Action::Remove(number) => people::without(&form, number),
        Action::Apply => code::with_category(form, &offer),
        Action::Add | Action::Edit | Action::Paste | Action::Register => form,
    };
    let mut page = shown_again(&app, &mut conn, site, form, &offer).await?;
    if let Some(person) = page.people.last_mut() {
        person.is_new = action == Action::Add;
    }
    page.removed = matches!(action, Action::Remove(_));
    if action == Action::Apply {
        page = page.with_applied_code(&offer);
    }
    if !errors.is_empty() {
        return page.with_errors(errors, &offer).refused();
    }
    reply::form(StatusCode::OK, &page)
}

/// Shows the form with the people who were pasted into it, and with the rows that have problems.
async fn pasted(app: &App, conn: &mut PgConnection, site: Arc<Site>, form: &Submitted, offer: &Offer) -> Result {
    let Added { form, count, errors } = paste::add(form, offer);
    let mut page = shown_again(app, conn, site, form, offer).await?;
    page.pasted = count;
    if errors.is_empty() {
        return reply::form(StatusCode::OK, &page);
    }
    page.with_errors(errors, offer).refused()
}

/// Returns the page with this form. A contact who has just chosen to attend is put first.
async fn shown_again(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    form: Submitted,
    offer: &Offer,
) -> Result<RegisterPage> {
    let (form, notice) = match people::with_contact_first(&form) {
        Some(moved) => (moved, FormNotice::PeopleMoved),
        None => (form, FormNotice::None),
    };
    Ok(RegisterPage::new(app, conn, site, form, offer).await?.with_notice(notice))
}

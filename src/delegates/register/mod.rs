//! Registering: one form for one to ten people of an organisation, on one page, without a review step; the page after
//! it shows what was taken, and the link in the mail takes it back.
//!
//! Links on the form open in the same window. The browser keeps the form in its history ([`reply::form`]) and fills it in
//! again when people come back; so fields say `autocomplete="off"` only where nothing is lost, because browsers do not
//! fill those in again.

mod keep;
mod limits;
mod page;
mod people;
mod validate;

use axum::{extract::State, http::StatusCode};

use self::{
    page::{NotNowPage, RegisterPage, Remark, why_not},
    people::Action,
};
use crate::{
    domain::MOST_ATTENDEES,
    store::categories,
    web::{App, Current, Result, Submitted, Visitor, page, reply},
};

/// `GET /{c}/register`: the empty form.
pub async fn get(State(app): State<App>, Current(site): Current) -> Result {
    let mut conn = app.store.read().await?;
    let offer = categories::offer(&mut conn, site.conference.id).await?;
    if let Some(why) = why_not(&app, &site, &offer) {
        return page(&NotNowPage::new(&app, site, why, None));
    }
    let form = people::in_order(&Submitted::new(vec![("attends".to_owned(), "me".to_owned())]));
    reply::form(StatusCode::OK, &RegisterPage::new(&app, &mut conn, site, form, &offer).await?)
}

/// `POST /{c}/register`: keeps the registration and queues its mails; or shows the form again, with one person more or
/// less, or with what is wrong.
pub async fn post(State(app): State<App>, Current(site): Current, visitor: Visitor, form: Submitted) -> Result {
    let form = people::in_order(&form);
    let (_turn, mut conn) = app.store.register().await?;
    let offer = categories::offer(&mut conn, site.conference.id).await?;
    let action = Action::of(&form);
    if action == Action::Register {
        return keep::keep(&app, &mut conn, site, visitor, form, offer).await;
    }
    if let Some(why) = why_not(&app, &site, &offer) {
        return reply::not_now(&NotNowPage::new(&app, site, why, Some(form)));
    }
    let form = match action {
        Action::Add if people::count(&form) < MOST_ATTENDEES => people::with_one_more(&form),
        Action::Remove(number) => people::without(&form, number),
        Action::Add | Action::Edit | Action::Register => form,
    };
    let (form, remark) = match people::with_oneself_first(&form) {
        Some(moved) => (moved, Remark::Moved),
        None => (form, Remark::None),
    };
    let mut shown = RegisterPage::new(&app, &mut conn, site, form, &offer).await?.remarking(remark);
    if let Some(person) = shown.people.last_mut() {
        person.fresh = action == Action::Add;
    }
    shown.removed = matches!(action, Action::Remove(_));
    reply::form(StatusCode::OK, &shown)
}

//! `/manage/{token}/add`: the contact adds a person to the registration.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use sqlx::PgConnection;

use super::{
    manage::{self, ErrorMessage, Managed},
    register::limits,
};
use crate::{
    domain::QuestionKind,
    registering::{
        fees, field,
        people::{self, Person},
        validate,
    },
    store::{
        rate_limits::Refused,
        registrations::{
            self, AddError, Adding, Authority,
            categories::{self, Offer},
        },
    },
    urls,
    web::{
        App, Errors, Frame, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/add_person.html")]
struct AddPersonPage {
    frame: Frame,
    site: Arc<Site>,
    token: String,
    person: Person,
    /// The fees that the form showed when it was opened, for the hidden field.
    fees: String,
    /// Whether no place is left.
    is_full: bool,
    form: Submitted,
    errors: Errors,
}

/// `GET /manage/{token}/add`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    if !manage::may_add(&app, &site, &managed)? || managed.is_frozen(app.clock.now()) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let offer = categories::offer(&mut conn, managed.registered.conference, app.clock.now()).await?;
    page(&AddPersonPage::of(&app, site, token, Submitted::default(), Errors::default(), &offer))
}

/// `POST /manage/{token}/add`: adds the person, or shows the form again with its errors.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    visitor: Visitor,
    form: Submitted,
) -> Result {
    let now = app.clock.now();
    let (mut tx, managed) = manage::begin(&app, visitor, &token).await?;
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    if managed.is_frozen(now) {
        return Ok(manage::frozen(&token));
    }
    if !manage::may_add(&app, &site, &managed)? {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let offer = categories::offer(&mut tx, managed.registered.conference, now).await?;
    let mut errors = Errors::default();
    let Some(person) = validate::person(&form, &offer, people::consent(2), &mut errors) else {
        return unprocessable(&AddPersonPage::of(&app, site, token, form, errors, &offer));
    };
    if let Some(change) = fees::changed(&form, &offer).first() {
        errors.add(field(1, "category"), &validate::ErrorMessage::FeeChanged(change.clone()));
        let mut again = AddPersonPage::of(&app, site, token, form, errors, &offer);
        again.fees = fees::shown(&offer);
        return unprocessable(&again);
    }
    let adding = Adding {
        conference: managed.registered.conference,
        registration: managed.registered.id,
        people: std::slice::from_ref(&person),
        at: now,
        operations: &app.settings.operations_address,
        limits: &[limits::places_of(&visitor.network(), 1), limits::mail_to(&person.details.email)],
        waits: false,
        authority: Authority::DELEGATE,
    };
    let error = match registrations::add(&mut tx, adding).await {
        Ok(added) => {
            tx.commit().await?;
            app.outbox.notify_one();
            return Ok(see_other(&urls::public::manage_done(&token, "added", added.first().copied())));
        }
        Err(AddError::Database(error)) => return Err(error.into()),
        Err(error) => error,
    };
    drop(tx);
    let mut conn = app.store.read().await?;
    refused(&app, &mut conn, site, managed, token, form, &error).await
}

/// Shows the form again with the reason why the person was not added.
async fn refused(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    managed: Managed,
    token: String,
    form: Submitted,
    error: &AddError,
) -> Result {
    let offer = categories::offer(conn, managed.registered.conference, app.clock.now()).await?;
    let mut errors = Errors::default();
    let mut retry_after = None;
    match error {
        AddError::TooMany => errors.add(field(1, "name"), &ErrorMessage::TooMany),
        AddError::Twice => errors.add(field(1, "name"), &ErrorMessage::Twice),
        AddError::Full if offer.whole.is_full() => errors.add(field(1, "category"), &ErrorMessage::Full),
        AddError::Full => errors.add(field(1, "category"), &validate::ErrorMessage::CategoryLeft(0, 0)),
        AddError::Limited(Refused { which, retry_after: seconds }) => {
            retry_after = Some(*seconds);
            if *which == 0 {
                errors.add(field(1, "name"), &ErrorMessage::Wait(seconds.div_ceil(60)));
            } else {
                errors.add(field(1, "email"), &validate::ErrorMessage::TooManyMails(seconds.div_ceil(3600)));
            }
        }
        AddError::Database(_) => {}
    }
    let again = AddPersonPage::of(app, site, token, form, errors, &offer);
    match retry_after {
        Some(seconds) => reply::too_many(&again, seconds),
        None => unprocessable(&again),
    }
}

impl AddPersonPage {
    fn of(app: &App, site: Arc<Site>, token: String, form: Submitted, errors: Errors, offer: &Offer) -> Self {
        Self {
            frame: Frame::of(app, &site, Nav::None).titled("Add a person"),
            person: people::only(&form, &errors, Some(offer), people::consent(2)),
            fees: fees::carried(&form, offer),
            is_full: offer.is_full(),
            site,
            token,
            form,
            errors,
        }
    }
}

//! `/manage/{token}/add-people`: the contact adds several people to the registration, pasted from a spreadsheet.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::extract::State;

use super::{
    manage::{self, ErrorMessage, Managed},
    register::{
        limits,
        paste::{self, FIELD, Known, Pasted, Read},
    },
};
use crate::{
    domain::{Attendees, EmailAddress, NewAttendee, text::folded},
    registering::{
        fees::{self, Described},
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
#[template(path = "delegates/add_people.html")]
struct AddPeoplePage {
    frame: Frame,
    site: Arc<Site>,
    token: String,
    /// What the categories are and cost.
    described: Vec<Described>,
    /// What delegates read about VAT, which may be empty; `None` if the conference has no fees.
    vat_wording: Option<String>,
    /// The slug of the page with the terms, which this page does not show.
    terms: Option<String>,
    /// The fees that the form shows, for the hidden field.
    fees: String,
    /// Whether no place is left.
    is_full: bool,
    form: Submitted,
    errors: Errors,
}

/// `GET /manage/{token}/add-people`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    if !manage::may_add(&app, &site, &managed)? || managed.is_frozen(app.clock.now()) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let offer = categories::offer(&mut conn, managed.registered.conference, app.clock.now()).await?;
    page(&AddPeoplePage::of(&app, site, token, Submitted::default(), Errors::default(), &offer))
}

/// `POST /manage/{token}/add-people`: adds all of them, or shows the form again with its errors.
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
    let people = match read(&form, &managed, &offer) {
        Ok(people) => people,
        Err(errors) => return unprocessable(&AddPeoplePage::of(&app, site, token, form, errors, &offer)),
    };
    let people: Vec<NewAttendee> = people.iter().cloned().collect();
    let places = limits::places_of(&visitor.network(), u32::try_from(people.len()).unwrap_or(u32::MAX));
    let mails = people.iter().map(|person| limits::mail_to(&person.details.email));
    let adding = Adding {
        conference: managed.registered.conference,
        registration: managed.registered.id,
        people: &people,
        at: now,
        operations: &app.settings.operations_address,
        limits: &std::iter::once(places).chain(mails).collect::<Vec<_>>(),
        waits: false,
        authority: Authority::DELEGATE,
    };
    let error = match registrations::add(&mut tx, adding).await {
        Ok(_) => {
            tx.commit().await?;
            app.outbox.notify_one();
            return Ok(see_other(&urls::public::manage_done(&token, "added", None)));
        }
        Err(AddError::Database(error)) => return Err(error.into()),
        Err(error) => error,
    };
    let mut errors = Errors::default();
    errors.add(FIELD, &message(&error, &people));
    let again = AddPeoplePage::of(&app, site, token, form, errors, &offer);
    match error {
        AddError::Limited(Refused { retry_after, .. }) => reply::too_many(&again, retry_after),
        _ => unprocessable(&again),
    }
}

/// Reads the people who were pasted, or returns why they cannot be added.
fn read(form: &Submitted, managed: &Managed, offer: &Offer) -> Result<Attendees, Errors> {
    let registered = managed.registered.active().map(|attendee| {
        let email = EmailAddress::parse(&attendee.email).map(|email| email.normalised().to_owned());
        ((folded(&attendee.name), email.unwrap_or_default()), Known::Registered)
    });
    let registered: HashMap<_, _> = registered.collect();
    let count = registered.len();
    let Read { people, left: _, mut errors } = paste::read(form, registered, count, offer, None);
    if !errors.is_empty() {
        return Err(errors);
    }
    let blocks = as_form(form, &people);
    if !fees::changed(&blocks, offer).is_empty() {
        errors.add(FIELD, &ErrorMessage::FeesChanged);
        return Err(errors);
    }
    // What can still be wrong is that a question has to be answered, for which this page has no field.
    let mut unanswered = Errors::default();
    let people = validate::people(&blocks, offer, &mut unanswered);
    people.filter(|_| unanswered.is_empty()).ok_or_else(|| {
        errors.add(FIELD, &ErrorMessage::MustAnswer);
        errors
    })
}

/// Returns the people as a form has them, with the fees that the page showed.
fn as_form(form: &Submitted, people: &[Pasted]) -> Submitted {
    let mut fields = paste::blocks(1, people);
    fields.push(("attends".to_owned(), "others".to_owned()));
    fields.push((fees::SHOWN.to_owned(), form.get(fees::SHOWN).to_owned()));
    Submitted::new(fields)
}

/// Returns why nobody was added.
fn message(error: &AddError, people: &[NewAttendee]) -> ErrorMessage {
    match error {
        AddError::TooMany => ErrorMessage::TooMany,
        AddError::Twice => ErrorMessage::Twice,
        AddError::Full | AddError::Database(_) => ErrorMessage::NotEnough,
        AddError::Limited(Refused { which, retry_after }) => match which.checked_sub(1).and_then(|n| people.get(n)) {
            Some(person) => ErrorMessage::TooManyMails(person.details.email.to_string(), retry_after.div_ceil(3600)),
            None => ErrorMessage::Wait(retry_after.div_ceil(60)),
        },
    }
}

impl AddPeoplePage {
    fn of(app: &App, site: Arc<Site>, token: String, form: Submitted, errors: Errors, offer: &Offer) -> Self {
        Self {
            frame: Frame::of(app, &site, Nav::None).titled("Add several people"),
            described: fees::described(offer, &site.conference.zone),
            vat_wording: offer.has_fees().then(|| offer.vat_wording.clone()),
            terms: None,
            fees: fees::shown(offer),
            is_full: offer.is_full(),
            site,
            token,
            form,
            errors,
        }
    }

    /// Returns what the field says about cells that are empty.
    #[expect(clippy::unused_self, reason = "each page with the field says something else")]
    fn paste_hint(&self) -> &'static str {
        "The job title may be empty, and so may the category if there is only one."
    }
}

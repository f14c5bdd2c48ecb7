//! `/administration/conferences/new`: opens another conference, from nothing or as a copy of an existing one. The form has the facts of
//! the new conference, as their editor has them.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use super::facts::Facts;
use crate::{
    access::{Person, ResumedForm},
    domain::{Conference, ConferenceId, EditionSlug, SignedIn},
    editing::Kind,
    store::{
        editions::{
            self,
            copying::Copied,
            opening::{self, NewEdition, OpenError},
        },
        programme::facts::FactsContent,
    },
    urls,
    web::{App, AppError, Desk, DeskNav, Errors, Result, Site, Submitted, page, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "organisers/new_conference.html")]
struct NewConferencePage {
    desk: Desk,
    form: Submitted,
    errors: Errors,
    /// The fields of the facts, as HTML.
    fields: String,
    /// The conference of which it begins as a copy.
    source: Option<Conference>,
}

#[derive(Template)]
#[template(path = "organisers/new_conference_errors.txt")]
enum ErrorMessage<'a> {
    /// The text has not the form of the address of a conference.
    NotASlug,
    /// No address can be made from the name of the city.
    NeedsSlug,
    /// Another conference has this address.
    SlugTaken(&'a EditionSlug),
}

/// The fields besides the facts: the address, the slug of the conference that is copied, what is copied besides, and the key of the
/// new conference, so that a form that is sent twice opens one.
const SLUG: &str = "slug";
const FROM: &str = "from";
const PEOPLE: &str = "copy_people";
const SESSIONS: &str = "copy_sessions";
const ID: &str = "id";

/// `GET /administration/conferences/new`.
pub async fn get(State(app): State<App>, Person(person): Person, resumed: ResumedForm, uri: Uri) -> Result {
    let query = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let mut desk = Desk::new(DeskNav::Administration, None, &person);
    if let Some(form) = resumed.shown_in(&mut desk) {
        return page(&NewConferencePage::of(&app, desk, form, Errors::default()).await?);
    }
    let mut fields = vec![(ID, ConferenceId::new().to_string()), (FROM, query.line(FROM))];
    if let Some(source) = source(&app, &query).await? {
        let Conference { contact_email, contact_telephone, contact_fax, .. } = &source.conference;
        fields.push(("contact_email", contact_email.clone()));
        fields.push(("contact_telephone", contact_telephone.clone()));
        fields.push(("contact_fax", contact_fax.clone()));
    }
    page(&NewConferencePage::of(&app, desk, Submitted::of(fields), Errors::default()).await?)
}

/// `POST /administration/conferences/new`.
pub async fn post(State(app): State<App>, Person(person): Person, form: Submitted) -> Result {
    let facts = Facts::of_new().validate(&form);
    let mut errors = Errors::default();
    let slug = slug(&form, facts.as_ref().ok(), &mut errors);
    let (facts, slug) = match (facts, slug) {
        (Ok(facts), Some(slug)) => (facts, slug),
        (facts, _) => {
            let errors = facts.err().unwrap_or_default().and(errors);
            return refused(&app, &person, form, errors).await;
        }
    };
    let copied = Copied { people: form.has(PEOPLE), sessions: form.has(SESSIONS) };
    let source = source(&app, &form).await?;
    let id = form.get(ID).parse().unwrap_or_else(|_| ConferenceId::new());
    let new = NewEdition {
        id,
        slug: &slug,
        facts: &facts,
        from: source.as_ref().map(|source| (&source.conference, copied)),
        account: person.account,
        now: app.clock.now(),
    };
    match opening::open(app.store.begin().await?, new).await {
        Ok(()) => {}
        Err(OpenError::Already) => {
            let slug = editions::find_slug(&mut *app.store.read().await?, id).await?.ok_or(AppError::NotFound)?;
            return Ok(see_other(&urls::administration::settings_after(&slug, "already")));
        }
        Err(OpenError::SlugTaken) => {
            errors.add(SLUG, &ErrorMessage::SlugTaken(&slug));
            return refused(&app, &person, form, errors).await;
        }
        Err(OpenError::Save(error)) => return Err(crate::editing::failed(error)),
    }
    app.published().await;
    Ok(see_other(&urls::administration::settings_after(slug.as_str(), "opened")))
}

async fn refused(app: &App, person: &SignedIn, form: Submitted, errors: Errors) -> Result {
    let desk = Desk::new(DeskNav::Administration, None, person);
    unprocessable(&NewConferencePage::of(app, desk, form, errors).await?)
}

/// Returns the address of the new conference: the one in the form or, without one, that of its city and year.
fn slug(form: &Submitted, facts: Option<&FactsContent>, errors: &mut Errors) -> Option<EditionSlug> {
    let typed = form.line(SLUG);
    if typed.is_empty() {
        let facts = facts?;
        let slug = EditionSlug::of(facts.city.as_str(), facts.first_day.0.year());
        if slug.is_none() {
            errors.add(SLUG, &ErrorMessage::NeedsSlug);
        }
        return slug;
    }
    let slug = EditionSlug::parse(&typed);
    if slug.is_none() {
        errors.add(SLUG, &ErrorMessage::NotASlug);
    }
    slug
}

/// Returns the conference that is to be copied.
async fn source(app: &App, form: &Submitted) -> Result<Option<Arc<Site>>> {
    match form.line(FROM) {
        slug if slug.is_empty() => Ok(None),
        slug => match app.store.find_site(&slug).await? {
            Some(site) => Ok(Some(Arc::new(site))),
            None => Err(AppError::NotFound),
        },
    }
}

impl NewConferencePage {
    async fn of(app: &App, desk: Desk, form: Submitted, errors: Errors) -> Result<Self> {
        let source = source(app, &form).await?.map(|site| site.conference.clone());
        Ok(Self { desk, fields: Facts::of_new().fields(&form, &errors)?, source, form, errors })
    }
}

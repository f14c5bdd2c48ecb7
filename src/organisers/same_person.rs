//! `/organisers/{c}/people/{person}/same`: says that somebody was entered twice.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::person::Person as Kind;
use crate::{
    access::Person,
    domain::{AuditKind, PersonId, SignedIn, Status},
    editing::{Kind as _, begin, failed, save::note},
    store::{
        audit::Change,
        programme::{
            items,
            people::{self, ListedPerson, PersonContent},
            same_person::{self, Clash},
            saving::SaveError,
        },
    },
    urls,
    web::{
        App, AppError, Current, Desk, Errors, FieldMessage, Missing, Named, Result, Site, Submitted, reply, see_other,
    },
};

/// The field with the other person.
const OTHER: &str = "other";

#[derive(Template)]
#[template(path = "organisers/same_person.html")]
struct SamePersonPage {
    desk: Desk,
    /// The name of the person who goes.
    name: String,
    editor: String,
    action: String,
    /// The titles of the sessions that name this person.
    sessions: Vec<String>,
    /// The keys of the others, with what tells them apart.
    others: Vec<(String, String)>,
    form: Submitted,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "organisers/same_person_errors.txt")]
enum ErrorMessage<'a> {
    /// Sessions of the two take place at the same time.
    Clash(&'a [Clash]),
    /// Somebody changed one of them or a session at the same moment.
    Stale,
}

impl SamePersonPage {
    async fn of(
        app: &App,
        site: &Arc<Site>,
        person: &SignedIn,
        id: PersonId,
        (form, errors): (Submitted, Errors),
    ) -> Result<Self> {
        let (conference, slug) = (&site.conference, &site.conference.slug);
        let mut conn = app.store.read().await?;
        let item = items::find::<PersonContent>(&mut conn, (conference.id, id)).await?.ok_or(AppError::NotFound)?;
        let sessions = same_person::list_sessions(&mut conn, conference.id, id).await?;
        let all = people::list(&mut conn, conference.id).await?;
        Ok(Self {
            desk: Desk::new(Kind::NAV, Some(site), person),
            name: item.head.content.name.to_string(),
            editor: urls::organisers::person(slug, id),
            action: urls::organisers::same_person(slug, id),
            sessions: sessions.into_iter().map(|(_, title)| title).collect(),
            others: all.iter().filter(|other| is_offered(other, id)).map(option).collect(),
            form,
            errors,
        })
    }
}

/// `GET /organisers/{c}/people/{person}/same`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PersonId>,
) -> Result {
    let blank = (Submitted::default(), Errors::default());
    reply::page(&SamePersonPage::of(&app, &site, &person, id, blank).await?)
}

/// `POST /organisers/{c}/people/{person}/same`: makes all sessions name the other person, and removes this one. The public
/// reads it when it is published.
pub async fn post(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PersonId>,
    form: Submitted,
) -> Result {
    let mut errors = Errors::default();
    let all = people::list(&mut *app.store.read().await?, site.conference.id).await?;
    let other = all.iter().find(|other| is_offered(other, id) && form.is(OTHER, other.id));
    let Some(other) = other.map(|other| other.id) else {
        errors.add(OTHER, &FieldMessage::Missing(Missing::Person));
        return reply::unprocessable(&SamePersonPage::of(&app, &site, &person, id, (form, errors)).await?);
    };
    match merge(&app, &site, &person, (id, other)).await {
        Ok(()) => return Ok(see_other(&urls::organisers::unpublished_after(&site.conference.slug, "merged"))),
        Err(SaveError::Stale) => errors.add(OTHER, &ErrorMessage::Stale),
        // The other one was removed in the meantime.
        Err(SaveError::NamesRemoved) => errors.add(OTHER, &FieldMessage::Missing(Missing::Person)),
        Err(SaveError::Taken) => {
            let clashes = same_person::list_clashes(&mut *app.store.read().await?, id, other).await?;
            errors.add(OTHER, &ErrorMessage::Clash(&clashes));
        }
        Err(error) => return Err(failed(error)),
    }
    reply::unprocessable(&SamePersonPage::of(&app, &site, &person, id, (form, errors)).await?)
}

async fn merge(app: &App, site: &Site, person: &SignedIn, (id, other): (PersonId, PersonId)) -> Result<(), SaveError> {
    let (conference, account) = (site.conference.id, person.account);
    let mut editing = begin(app, site, person).await?;
    let changed = same_person::merge(&mut editing, id, other).await?;
    let merged = [Change { field: "successor", before: String::new(), after: other.to_string() }];
    note(&mut editing, (conference, id.0), account, AuditKind::PeopleMerged, &merged).await?;
    for session in changed {
        let people = [Change { field: "people", before: id.to_string(), after: other.to_string() }];
        note(&mut editing, (conference, session.0), account, AuditKind::ItemSaved, &people).await?;
    }
    Ok(editing.commit().await?)
}

fn is_offered(other: &ListedPerson, id: PersonId) -> bool {
    other.id != id && other.status != Status::Withdrawn
}

fn option(person: &ListedPerson) -> (String, String) {
    let from = person.from();
    let words = if from.is_empty() { person.name.clone() } else { format!("{} ({from})", person.name) };
    (person.id.to_string(), words)
}

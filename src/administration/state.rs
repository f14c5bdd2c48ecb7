//! `/administration/{c}/state`: who sees a conference, and which is the current one, to which addresses without a slug lead.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, Conference, EditionState, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        editions::{self, StateError},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Errors, Result, Site, Submitted, page, see_other, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/state.html")]
struct StatePage {
    desk: Desk,
    form: Submitted,
    errors: Errors,
    conference: Conference,
    is_over: bool,
}

/// The field.
const FIELD: &str = "state";

#[derive(Template)]
#[template(path = "administration/state_errors.txt")]
enum ErrorMessage<'a> {
    /// Nothing was chosen.
    Choose,
    /// The start page needs one. The short name of the current conference.
    IsCurrent(&'a str),
    /// People have registered.
    HasRegistrations,
}

/// `GET /administration/{c}/state`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
) -> Result {
    let mut shown = StatePage::of(&app, &person, &site).await?;
    if let Some(form) = resumed.shown_in(&mut shown.desk) {
        shown.form = form;
    }
    page(&shown)
}

/// `POST /administration/{c}/state`.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let mut again = StatePage::of(&app, &person, &site).await?;
    let Some(state) = EditionState::parse(form.get(FIELD)) else {
        again.errors.add(FIELD, &ErrorMessage::Choose);
        return unprocessable(&again);
    };
    let mut tx = app.store.begin().await?;
    let change = match editions::set_state(&mut tx, site.conference.id, state).await {
        Ok(change) => change,
        Err(StateError::IsCurrent) => {
            again.form = form;
            again.errors.add(FIELD, &ErrorMessage::IsCurrent(&site.conference.short()));
            return unprocessable(&again);
        }
        Err(StateError::HasRegistrations) => {
            again.form = form;
            again.errors.add(FIELD, &ErrorMessage::HasRegistrations);
            return unprocessable(&again);
        }
        Err(StateError::None) => return Err(AppError::NotFound),
        Err(StateError::Database(error)) => return Err(error.into()),
    };
    if let Some(change) = change {
        let changes: Vec<_> = [(FIELD, change.before.to_string(), state.to_string())]
            .into_iter()
            .chain(change.instead_of.map(|before| ("current", before, site.conference.slug.clone())))
            .map(|(field, before, after)| Change { field, before, after })
            .collect();
        let entry = Entry::of(AuditKind::ConferenceSettingsChanged, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(site.conference.id), changes: &changes, ..entry }).await?;
        tx.commit().await?;
        app.published().await;
    }
    Ok(see_other(&urls::administration::settings_saved(&site.conference.slug)))
}

impl StatePage {
    /// Creates the page with the present state. Demonstrations have none.
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>) -> Result<Self> {
        let found = app.store.find_site(&site.conference.slug).await?.map(|site| site.conference);
        let conference = found.filter(|conference| !conference.is_demonstration).ok_or(AppError::NotFound)?;
        Ok(Self {
            desk: Desk::new(DeskNav::Settings, Some(site), person),
            form: Submitted::of([(FIELD, conference.state().to_string())]),
            errors: Errors::default(),
            is_over: conference.is_over(app.clock.now()),
            conference,
        })
    }

    /// Returns the states to choose from.
    fn choices(&self) -> [(String, String); 3] {
        let slug = &self.conference.slug;
        [
            (EditionState::InPreparation, "In preparation: only people who are signed in see it".to_owned()),
            (EditionState::Open, format!("Open: everybody sees it, at /{slug}")),
            (EditionState::Current, "Open and current: the start page of this site shows it, too".to_owned()),
        ]
        .map(|(state, words)| (state.to_string(), words))
    }
}

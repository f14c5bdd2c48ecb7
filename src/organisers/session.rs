//! The editor of a session.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};

use super::{
    editing::{Done, Notice, Signature, based},
    session_form::Choices,
    session_saving,
    session_wrong::Wrong,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, SessionId, SignedIn},
    store::{
        revisions::Edited,
        sessions::{self, State as Session},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, markdown, reply},
};

/// The editor, of a session that there is or of a new one.
#[derive(Template)]
#[template(path = "organisers/session.html")]
pub struct SessionPage {
    desk: Desk,
    action: String,
    live_preview: String,
    /// None for a new session.
    known: Option<Known>,
    notice: Option<Notice>,
    choices: Choices,
    form: Submitted,
    errors: Errors,
    /// Whether the form holds what is not saved.
    unsaved: bool,
    /// The session that has the room at that time, and where it is edited.
    in_the_way: Option<(String, String)>,
    preview: String,
}

/// What an editor says about a session that there is.
struct Known {
    title: String,
    public: String,
    revisions: String,
    last: Signature,
}

impl SessionPage {
    /// The editor of a session, with this form in it.
    pub fn again(
        site: &Arc<Site>,
        person: &SignedIn,
        edited: &Edited<SessionId, Session>,
        choices: Choices,
        form: Submitted,
        wrong: impl Into<Wrong>,
    ) -> Self {
        let slug = &site.conference.slug;
        let title = edited.published.state.title.to_string();
        let action = urls::organisers::session(slug, edited.id);
        let known = Known {
            public: urls::public::session(slug, &edited.slug),
            revisions: urls::organisers::session_revisions(slug, edited.id),
            last: Signature::of(&site.conference.zone, &edited.published),
            title,
        };
        Self::new(site, person, action, Some(known), choices, form, wrong.into())
    }

    /// The editor of a session that there is not yet.
    pub fn blank(
        site: &Arc<Site>,
        person: &SignedIn,
        choices: Choices,
        form: Submitted,
        wrong: impl Into<Wrong>,
    ) -> Self {
        Self::new(site, person, urls::organisers::new_session(&site.conference.slug), None, choices, form, wrong.into())
    }

    fn new(
        site: &Arc<Site>,
        person: &SignedIn,
        action: String,
        known: Option<Known>,
        choices: Choices,
        form: Submitted,
        wrong: Wrong,
    ) -> Self {
        let title = known.as_ref().map_or("New session", |known| &known.title);
        Self {
            desk: Desk::new(title, DeskNav::Sessions, Some(site), person),
            action,
            live_preview: urls::organisers::preview(&site.conference.slug),
            known,
            notice: None,
            preview: markdown::html(form.get("text")),
            choices,
            form,
            errors: wrong.errors,
            unsaved: true,
            in_the_way: wrong.in_the_way,
        }
    }

    /// The same, saying this above it; the form holds what is saved, unless that says otherwise.
    pub fn opened(self, notice: Option<Notice>) -> Self {
        Self { unsaved: notice.as_ref().is_some_and(Notice::is_about_unsaved), notice, ..self }
    }
}

/// `GET /organisers/{c}/sessions/{session}`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<SessionId>,
    RawQuery(query): RawQuery,
    ResumedForm(resumed): ResumedForm,
) -> Result {
    let slug = &site.conference.slug;
    let mut conn = app.store.read().await?;
    let edited = sessions::find(&mut conn, site.conference.id, id).await?.ok_or(AppError::NotFound)?;
    let choices = Choices::load(&mut conn, &site.conference).await?;
    let notice = if resumed.is_some() {
        Some(Notice::Resumed)
    } else if let Some(done) = Done::read(query.as_deref()) {
        let all = sessions::revisions(&mut conn, site.conference.id, id).await?;
        Notice::of(done, &edited, &all, |revision| urls::organisers::session_revision(slug, id, revision))
    } else {
        None
    };
    let form = resumed.unwrap_or_else(|| based(&choices.form_of(&edited.published.state), edited.revision));
    reply::page(&SessionPage::again(&site, &person, &edited, choices, form, Errors::default()).opened(notice))
}

/// `POST /organisers/{c}/sessions/{session}`: saves and publishes, or shows the preview.
pub async fn post(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<SessionId>,
    form: Submitted,
) -> Result {
    session_saving::save(&app, &site, &person, id, form, AuditKind::SessionSaved).await
}

//! The editor of a page.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};

use super::{
    editing::{Done, Notice, Signature, based},
    page_form::form_of,
    page_saving,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, PageId, SignedIn},
    store::{
        pages::{self, State as Content},
        revisions::Edited,
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, markdown, reply},
};

/// The editor, of a page that there is or of a new one.
#[derive(Template)]
#[template(path = "organisers/page.html")]
pub struct PageEditor {
    desk: Desk,
    action: String,
    live_preview: String,
    /// None for a new page.
    known: Option<Known>,
    notice: Option<Notice>,
    form: Submitted,
    errors: Errors,
    /// Whether the form holds what is not saved.
    unsaved: bool,
    preview: String,
}

/// What an editor says about a page that there is.
struct Known {
    title: String,
    public: String,
    revisions: String,
    last: Signature,
}

impl PageEditor {
    /// The editor of a page, with this form in it.
    pub fn again(
        site: &Arc<Site>,
        person: &SignedIn,
        edited: &Edited<PageId, Content>,
        form: Submitted,
        errors: Errors,
    ) -> Self {
        let slug = &site.conference.slug;
        let known = Known {
            title: edited.published.state.title.to_string(),
            public: urls::public::page(slug, &edited.slug),
            revisions: urls::organisers::page_revisions(slug, edited.id),
            last: Signature::of(&site.conference.zone, &edited.published),
        };
        Self::new(site, person, urls::organisers::page(slug, edited.id), Some(known), form, errors)
    }

    /// The editor of a page that there is not yet.
    pub fn blank(site: &Arc<Site>, person: &SignedIn, form: Submitted, errors: Errors) -> Self {
        Self::new(site, person, urls::organisers::new_page(&site.conference.slug), None, form, errors)
    }

    fn new(
        site: &Arc<Site>,
        person: &SignedIn,
        action: String,
        known: Option<Known>,
        form: Submitted,
        errors: Errors,
    ) -> Self {
        let title = known.as_ref().map_or("New page", |known| &known.title);
        Self {
            desk: Desk::new(title, DeskNav::Pages, Some(site), person),
            action,
            live_preview: urls::organisers::preview(&site.conference.slug),
            known,
            notice: None,
            preview: markdown::html(form.get("text")),
            form,
            errors,
            unsaved: true,
        }
    }

    /// The same, saying this above it; the form holds what is saved, unless that says otherwise.
    pub fn opened(self, notice: Option<Notice>) -> Self {
        Self { unsaved: notice.as_ref().is_some_and(Notice::is_about_unsaved), notice, ..self }
    }
}

/// `GET /organisers/{c}/pages/{page}`.
pub async fn get(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PageId>,
    RawQuery(query): RawQuery,
    ResumedForm(resumed): ResumedForm,
) -> Result {
    let slug = &site.conference.slug;
    let mut conn = app.store.read().await?;
    let edited = pages::find(&mut conn, site.conference.id, id).await?.ok_or(AppError::NotFound)?;
    let notice = if resumed.is_some() {
        Some(Notice::Resumed)
    } else if let Some(done) = Done::read(query.as_deref()) {
        let all = pages::revisions(&mut conn, site.conference.id, id).await?;
        Notice::of(done, &edited, &all, |revision| urls::organisers::page_revision(slug, id, revision))
    } else {
        None
    };
    let form = resumed.unwrap_or_else(|| based(&form_of(&edited.published.state), edited.revision));
    reply::page(&PageEditor::again(&site, &person, &edited, form, Errors::default()).opened(notice))
}

/// `POST /organisers/{c}/pages/{page}`: saves and publishes, or shows the preview.
pub async fn post(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<PageId>,
    form: Submitted,
) -> Result {
    page_saving::save(&app, &site, &person, id, form, AuditKind::PageSaved).await
}

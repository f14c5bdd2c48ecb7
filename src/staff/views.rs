//! `/staff/{c}/views`: gives the list of attendees that the address filters a name, and removes names. Views are shared.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use super::query::ListQuery;
use crate::{
    access::{Person, ResumedForm},
    domain::{SavedViewId, SignedIn, ViewName},
    store::registrations::attendees::{SaveViewError, SavedView, list_views, remove_view, save_view},
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, Missing, Named, Result, Site, Submitted, page, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/views.html")]
struct ViewsPage {
    desk: Desk,
    site: Arc<Site>,
    views: Vec<SavedView>,
    /// The query of the list to save; empty if everybody is listed.
    query: String,
    form: Submitted,
    errors: Errors,
}

/// What is wrong with the name of a view.
#[derive(Template)]
#[template(path = "staff/views_errors.txt")]
enum ErrorMessage {
    /// Another view has this name.
    NameTaken,
    /// The list asks for too much to be saved.
    TooLong,
}

/// The longest query of a view, as the database has it.
const LONGEST_QUERY: usize = 4000;

/// `GET /staff/{c}/views`: lists the views, and asks for the name of the list in the query of the address.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    resumed: ResumedForm,
) -> Result {
    let mut again = ViewsPage::of(&app, &person, &site, Submitted::default()).await?;
    again.form = resumed.shown_in(&mut again.desk).unwrap_or_default();
    let query = if again.form.has("query") { again.form.get("query") } else { uri.query().unwrap_or_default() };
    again.query = ListQuery::read(Some(query)).text();
    page(&again)
}

/// `POST /staff/{c}/views`: saves a view.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let query = ListQuery::read(Some(form.get("query"))).text();
    let mut again = ViewsPage::of(&app, &person, &site, form).await?;
    again.query.clone_from(&query);
    let parsed = ViewName::parse(again.form.get("name"));
    let name = again.errors.check_required("name", parsed, Missing::Name);
    if query.chars().count() > LONGEST_QUERY {
        again.errors.add("name", &ErrorMessage::TooLong);
        return unprocessable(&again);
    }
    let Some(name) = name.filter(|_| !query.is_empty()) else { return unprocessable(&again) };
    let mut tx = app.store.begin().await?;
    match save_view(&mut tx, site.conference.id, &name, &query, person.account).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(see_other(&format!("{}?{query}", urls::staff::attendees(&site.conference.slug))))
        }
        Err(SaveViewError::NameTaken) => {
            again.errors.add("name", &ErrorMessage::NameTaken);
            unprocessable(&again)
        }
        Err(SaveViewError::Database(error)) => Err(error.into()),
    }
}

/// `POST /staff/{c}/views/{view}/remove`. Nothing happens if somebody else has removed it.
pub async fn remove(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(view): Named<SavedViewId>,
) -> Result {
    let mut tx = app.store.begin().await?;
    remove_view(&mut tx, site.conference.id, view, person.account).await?;
    tx.commit().await?;
    Ok(see_other(&urls::staff::views(&site.conference.slug)))
}

impl ViewsPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, form: Submitted) -> Result<Self> {
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            views: list_views(&mut *app.store.read().await?, site.conference.id).await?,
            site: site.clone(),
            query: String::new(),
            form,
            errors: Errors::default(),
        })
    }

    fn view(&self, view: &SavedView) -> String {
        format!("{}?{}", urls::staff::attendees(&self.site.conference.slug), view.query)
    }

    fn remove(&self, view: &SavedView) -> String {
        urls::staff::view_remove(&self.site.conference.slug, view.id)
    }
}

//! `/staff/{c}/many/category`: changes the category of many attendees at once.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use super::{many::Chosen, query::ListQuery};
use crate::{
    access::{Person, ResumedForm},
    domain::{CancelReason, CategoryId, SignedIn},
    store::registrations::{
        batches::{self, Batching},
        categories,
    },
    urls,
    web::{
        App, Current, Desk, DeskNav, Errors, Missing, Result, Site, Submitted, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/many_category.html")]
struct ManyCategoryPage {
    desk: Desk,
    site: Arc<Site>,
    chosen: Chosen,
    categories: Vec<(CategoryId, String)>,
    /// Whether other people are on the list than when the form was opened.
    has_changed: bool,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/many/category`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    resumed: ResumedForm,
) -> Result {
    let mut again = ManyCategoryPage::of(&app, &person, &site, uri.query(), Submitted::default()).await?;
    again.form = resumed.shown_in(&mut again.desk).unwrap_or_else(|| Submitted::of([("tells", "on".to_owned())]));
    page(&again)
}

/// `POST /staff/{c}/many/category`: changes them, if they are still the same people.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    form: Submitted,
) -> Result {
    let mut again = ManyCategoryPage::of(&app, &person, &site, uri.query(), form).await?;
    let reason = again.errors.check_required("reason", CancelReason::parse(again.form.get("reason")), Missing::Reason);
    let (Some(reason), Some(category)) = (reason, again.category()) else { return unprocessable(&again) };
    if !again.chosen.are_meant_by(&again.form) {
        again.has_changed = true;
        return reply::conflict(&again);
    }
    let mut tx = app.store.begin().await?;
    let batching = Batching {
        conference: site.conference.id,
        by: person.account,
        reason: &reason,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    let ids: Vec<_> = again.chosen.people.iter().map(|one| one.id).collect();
    let tells = again.form.has("tells");
    let Some(batch) = batches::change_category(&mut tx, batching, &ids, (category, tells)).await? else {
        return Ok(see_other(&again.list()));
    };
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::batch(&site.conference.slug, batch)))
}

impl ManyCategoryPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, query: Option<&str>, form: Submitted) -> Result<Self> {
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            chosen: Chosen::find(app, site, ListQuery::read(query)).await?,
            categories: categories::list(&mut *app.store.read().await?, site.conference.id).await?,
            site: site.clone(),
            has_changed: false,
            form,
            errors: Errors::default(),
        })
    }

    /// Returns the chosen category, or `None` after adding the error.
    fn category(&mut self) -> Option<CategoryId> {
        let chosen = self.form.get("category").parse().ok();
        let known = chosen.filter(|chosen| self.categories.iter().any(|(id, _)| id == chosen));
        if known.is_none() {
            self.errors.add("category", &crate::web::FieldMessage::Missing(Missing::Category));
        }
        known
    }

    fn list(&self) -> String {
        self.chosen.query.address(&self.site.conference.slug)
    }

    /// Returns the options of the field.
    fn options(&self) -> Vec<(String, String)> {
        let categories = self.categories.iter().map(|(id, name)| (id.to_string(), name.clone()));
        [(String::new(), "Choose a category".to_owned())].into_iter().chain(categories).collect()
    }
}

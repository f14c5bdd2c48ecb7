//! `/administration/{c}/categories/{category}`: a category of delegates, new or changed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};

use super::settings::{SettingsWords, places};
use crate::{
    access::{Person, ResumedForm},
    domain::{CategoryId, CategoryName, ConferenceId, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        settings::{self, CategorySettings, NewCategory, SettingsError},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Result, Site, Submitted, Words, page, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "administration/category.html")]
struct CategoryPage {
    desk: Desk,
    slug: String,
    /// None: a new one.
    category: Option<CategorySettings>,
    form: Submitted,
    errors: Errors,
}

/// `GET /administration/{c}/categories/new`.
pub async fn get_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
) -> Result {
    let categories = settings::list_categories(&mut *app.store.read().await?, site.conference.id).await?;
    let next = categories.last().map_or(1, |last| last.place.saturating_add(1));
    let form = Submitted::new(vec![("place".to_owned(), next.to_string()), ("public".to_owned(), "on".to_owned())]);
    page(&CategoryPage::of(&person, &site, None, form, Errors::default()).with(resumed))
}

/// `POST /administration/{c}/categories/new`.
pub async fn post_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    form: Submitted,
) -> Result {
    save(&app, &person, &site, None, form).await
}

/// `GET /administration/{c}/categories/{category}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Path((_, category)): Path<(String, String)>,
    resumed: ResumedForm,
) -> Result {
    let category = find(&app, site.conference.id, &category).await?;
    let form = Submitted::new(present(&category));
    page(&CategoryPage::of(&person, &site, Some(category), form, Errors::default()).with(resumed))
}

/// `POST /administration/{c}/categories/{category}`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Path((_, category)): Path<(String, String)>,
    form: Submitted,
) -> Result {
    let category = find(&app, site.conference.id, &category).await?;
    save(&app, &person, &site, Some(category), form).await
}

async fn find(app: &App, conference: ConferenceId, id: &str) -> Result<CategorySettings> {
    let id: CategoryId = id.parse().map_err(|_| AppError::NotFound)?;
    let categories = settings::list_categories(&mut *app.store.read().await?, conference).await?;
    categories.into_iter().find(|category| category.id == id).ok_or(AppError::NotFound)
}

async fn save(
    app: &App,
    person: &SignedIn,
    site: &Arc<Site>,
    category: Option<CategorySettings>,
    form: Submitted,
) -> Result {
    let mut errors = Errors::default();
    let Some(new) = validate(&form, &mut errors) else {
        return unprocessable(&CategoryPage::of(person, site, category, form, errors));
    };
    let conference = site.conference.id;
    let mut tx = app.store.begin().await?;
    let kept = match &category {
        Some(category) => settings::keep_category(&mut tx, conference, category.id, &new).await.map(|()| category.id),
        None => settings::add_category(&mut tx, conference, &new).await,
    };
    let id = match kept {
        Ok(id) => id,
        Err(SettingsError::NameTaken) => {
            errors.add("name", &SettingsWords::NameTaken);
            return unprocessable(&CategoryPage::of(person, site, category, form, errors));
        }
        Err(SettingsError::BelowTaken) => {
            let taken = category.as_ref().map_or(0, |category| category.capacity.taken);
            errors.add("places", &SettingsWords::BelowTaken { taken });
            return unprocessable(&CategoryPage::of(person, site, category, form, errors));
        }
        Err(SettingsError::Database(error)) => return Err(error.into()),
        Err(error) => return Err(AppError::internal(error)),
    };
    let changes = changes(category.as_ref(), &new);
    let kind = if category.is_some() { "category_changed" } else { "category_added" };
    let entry = Entry::of(kind, Actor::Account(person.account));
    let entry = Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.published().await;
    Ok(see_other(&urls::conference_settings_saved(&site.conference.slug)))
}

fn validate(form: &Submitted, errors: &mut Errors) -> Option<NewCategory> {
    let name = errors.keep("name", CategoryName::parse(form.get("name")), Words::text("the name"));
    let place = form.line("place").parse::<i16>().ok().filter(|place| (1..=999).contains(place));
    if place.is_none() {
        errors.add("place", &SettingsWords::NoPlace);
    }
    let places = places(form, errors);
    if !errors.is_empty() {
        return None;
    }
    Some(NewCategory { name: name?, public: form.has("public"), place: place?, places })
}

/// A category's settings as its form has them.
fn present(category: &CategorySettings) -> Vec<(String, String)> {
    let mut fields = vec![
        ("name".to_owned(), category.name.clone()),
        ("place".to_owned(), category.place.to_string()),
        ("places".to_owned(), category.capacity.places.map(|places| places.to_string()).unwrap_or_default()),
    ];
    if category.public {
        fields.push(("public".to_owned(), "on".to_owned()));
    }
    fields
}

fn changes(before: Option<&CategorySettings>, after: &NewCategory) -> Vec<Change> {
    let before = Submitted::new(before.map(present).unwrap_or_default());
    let public = if after.public { "on" } else { "" };
    let places = after.places.map(|places| places.number().to_string()).unwrap_or_default();
    let after = [
        ("name", after.name.to_string()),
        ("public", public.to_owned()),
        ("place", after.place.to_string()),
        ("places", places),
    ];
    let change = |(field, after)| Change { field, before: before.get(field).to_owned(), after };
    after.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

impl CategoryPage {
    fn of(
        person: &SignedIn,
        site: &Arc<Site>,
        category: Option<CategorySettings>,
        form: Submitted,
        errors: Errors,
    ) -> Self {
        let title = category.as_ref().map_or("New category", |category| category.name.as_str());
        let desk = Desk::new(title, DeskNav::Administration, Some(site), person);
        Self { desk, slug: site.conference.slug.clone(), category, form, errors }
    }

    /// The same with what had been sent after the login had ended, if there is such a thing.
    fn with(mut self, resumed: ResumedForm) -> Self {
        self.form = resumed.shown_in(&mut self.desk).unwrap_or(self.form);
        self
    }
}

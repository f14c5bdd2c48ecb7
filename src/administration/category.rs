//! `/administration/{c}/categories/{category}`: adds or changes a category of delegates.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use super::settings::{ErrorMessage, places};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, CategoryId, CategoryName, ConferenceId, Places, SignedIn},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::{
        audit::{self, Actor, Change, Entry},
        settings::{self, CategorySettings, NewCategory, SettingsError},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Missing, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "administration/category.html")]
struct CategoryPage {
    desk: Desk,
    slug: String,
    /// `None` for a new category.
    category: Option<CategorySettings>,
    form: Submitted,
    errors: Errors,
    /// The conflict that this person has to decide, if somebody else has saved since the form was opened.
    conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
}

/// The fields, in the order of the form.
const FIELDS: [Field; 4] = [
    Field::value("name", "Name"),
    Field::tick("public", "Delegates may choose it themselves"),
    Field::value("places", "Places"),
    Field::value("place", "Place in the order"),
];

/// `GET /administration/{c}/categories/new`.
pub async fn get_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
) -> Result {
    let categories = settings::list_categories(&mut *app.store.read().await?, site.conference.id).await?;
    let next = categories.last().map_or(1, |last| last.place.saturating_add(1));
    let form = Submitted::of([("place", next.to_string()), ("public", "on".to_owned())]);
    page(&CategoryPage::of(&person, &site, None, Merged::alone(form)).with(resumed))
}

/// `POST /administration/{c}/categories/new`.
pub async fn post_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    form: Submitted,
) -> Result {
    let added = save(&app, &person, &site, None, Merged::alone(form)).await?;
    added.ok_or_else(|| AppError::internal("a new category was changed by somebody"))
}

/// `GET /administration/{c}/categories/{category}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(category): Named<CategoryId>,
    resumed: ResumedForm,
) -> Result {
    let category = find(&app, site.conference.id, category).await?;
    let form = shared_form::opened(&FIELDS, &present(&category));
    page(&CategoryPage::of(&person, &site, Some(category), Merged::alone(form)).with(resumed))
}

/// `POST /administration/{c}/categories/{category}`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(category): Named<CategoryId>,
    form: Submitted,
) -> Result {
    // Somebody else may save between reading and saving. Then the loop reads the category again.
    loop {
        let category = find(&app, site.conference.id, category).await?;
        let merged = Merged::of(&FIELDS, &present(&category), form.clone());
        if let Some(answer) = save(&app, &person, &site, Some(category), merged).await? {
            return Ok(answer);
        }
    }
}

async fn find(app: &App, conference: ConferenceId, id: CategoryId) -> Result<CategorySettings> {
    let categories = settings::list_categories(&mut *app.store.read().await?, conference).await?;
    categories.into_iter().find(|category| category.id == id).ok_or(AppError::NotFound)
}

/// Saves a category or shows its form again. Returns `None` if somebody else has changed the category since it was
/// read.
async fn save(
    app: &App,
    person: &SignedIn,
    site: &Arc<Site>,
    category: Option<CategorySettings>,
    merged: Merged,
) -> Result<Option<Response>> {
    let mut again = CategoryPage::of(person, site, category, merged);
    let Some(new) = validate(&again.form, &mut again.errors) else { return unprocessable(&again).map(Some) };
    if again.is_fresh {
        return reply::conflict(&again).map(Some);
    }
    let (conference, before) = (site.conference.id, again.category.as_ref());
    let mut tx = app.store.begin().await?;
    let kept = match before {
        Some(before) => {
            let at = (app.clock.now(), &app.settings.operations_address);
            settings::keep_category(&mut tx, conference, before, &new, at).await.map(|()| before.id)
        }
        None => settings::add_category(&mut tx, conference, &new).await,
    };
    let id = match kept {
        Ok(id) => id,
        Err(SettingsError::Changed) => return Ok(None),
        Err(SettingsError::NameTaken) => {
            again.errors.add("name", &ErrorMessage::NameTaken);
            return unprocessable(&again).map(Some);
        }
        Err(SettingsError::BelowTaken) => {
            drop(tx);
            let taken = before.map_or(0, |category| category.capacity.taken);
            let id = before.map(|category| category.id);
            let offered = settings::count_offered(&mut *app.store.read().await?, conference, id).await?;
            again.errors.add("places", &ErrorMessage::BelowTaken { taken, offered });
            return unprocessable(&again).map(Some);
        }
        Err(SettingsError::Database(error)) => return Err(error.into()),
        Err(error @ SettingsError::WindowOutOfOrder) => return Err(AppError::internal(error)),
    };
    let changes = changes(before, &new);
    let kind = if before.is_some() { AuditKind::CategoryChanged } else { AuditKind::CategoryAdded };
    let entry = Entry::of(kind, Actor::Account(person.account));
    let entry = Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    app.published().await;
    Ok(Some(see_other(&urls::administration::settings_saved(&site.conference.slug))))
}

fn validate(form: &Submitted, errors: &mut Errors) -> Option<NewCategory> {
    let name = errors.check_required("name", CategoryName::parse(form.get("name")), Missing::Name);
    let place = form.line("place").parse::<i16>().ok().filter(|place| (1..=999).contains(place));
    if place.is_none() {
        errors.add("place", &ErrorMessage::NoPlace);
    }
    let places = places(form, errors);
    if !errors.is_empty() {
        return None;
    }
    Some(NewCategory { name: name?, public: form.has("public"), place: place?, places })
}

/// Returns a category's settings in the fields of its form.
fn present(category: &CategorySettings) -> Submitted {
    shown(&category.name, category.public, category.place, category.capacity.places)
}

fn shown(name: &str, public: bool, place: i16, places: Option<i32>) -> Submitted {
    let places = places.map(|places| places.to_string()).unwrap_or_default();
    let fields = [("name", name.to_owned()), ("place", place.to_string()), ("places", places)];
    Submitted::of(fields.into_iter().chain(public.then(|| ("public", "on".to_owned()))))
}

fn changes(before: Option<&CategorySettings>, new: &NewCategory) -> Vec<Change> {
    let before = before.map(present).unwrap_or_default();
    let after = shown(new.name.as_str(), new.public, new.place, new.places.map(Places::number));
    shared_form::changes(&FIELDS, &before, &after)
}

impl CategoryPage {
    fn of(person: &SignedIn, site: &Arc<Site>, category: Option<CategorySettings>, merged: Merged) -> Self {
        let desk = Desk::new(DeskNav::Administration, Some(site), person);
        let Merged { form, conflict, is_fresh } = merged;
        let slug = site.conference.slug.clone();
        Self { desk, slug, category, form, errors: Errors::default(), conflict, is_fresh }
    }

    /// Returns the address of the form with the settings that were saved last.
    fn here(&self) -> String {
        let category = self.category.as_ref();
        category.map_or_else(
            || urls::administration::new_category(&self.slug),
            |one| urls::administration::category(&self.slug, one.id),
        )
    }

    /// Shows the form that was sent after the login had ended, if there is one.
    fn with(mut self, resumed: ResumedForm) -> Self {
        self.form = resumed.shown_in(&mut self.desk).unwrap_or(self.form);
        self
    }
}

//! `/administration/{c}/categories/{category}`: adds or changes a category of delegates.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use time::OffsetDateTime;

use super::settings::{ErrorMessage, moment, places};
use crate::{
    access::{Person, ResumedForm},
    domain::{
        Access, AuditKind, CategoryAudience, CategoryDescription, CategoryId, CategoryName, Cents, CentsError,
        ConferenceId, EarlyFee, Fee, Period, Places, SignedIn, Zone,
    },
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::{
        audit::{self, Actor, Change, Entry},
        registrations::code_settings,
        settings::{self, CategoryDetails, CategorySettings, NewCategory, SettingsError},
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
    site: Arc<Site>,
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
const FIELDS: [Field; 11] = [
    Field::value("name", "Name"),
    Field::line("description", "Description"),
    Field::line("audience", "Who it is for"),
    Field::value("access", "Who can choose it"),
    Field::value("opens", "Opens"),
    Field::value("closes", "Closes"),
    Field::value("fee", "Fee"),
    Field::value("early_fee", "Early fee"),
    Field::value("early_until", "Early fee until"),
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
    let next = categories.last().map_or(1, |last| last.details.place.saturating_add(1));
    let form = Submitted::of([
        ("place", next.to_string()),
        ("access", Access::Public.to_string()),
        ("fee", Cents::ZERO.to_string()),
    ]);
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
    let form = shared_form::opened(&FIELDS, &present(&site.conference.zone, &category));
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
        let merged = Merged::of(&FIELDS, &present(&site.conference.zone, &category), form.clone());
        if let Some(answer) = save(&app, &person, &site, Some(category), merged).await? {
            return Ok(answer);
        }
    }
}

/// Returns a category of the conference. Not found if there is none with this key.
pub async fn find(app: &App, conference: ConferenceId, id: CategoryId) -> Result<CategorySettings> {
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
    let zone = &site.conference.zone;
    let Some(new) = validate(&again.form, zone, &mut again.errors) else { return unprocessable(&again).map(Some) };
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
            let mut conn = app.store.read().await?;
            let offered = settings::count_offered(&mut conn, conference, id).await?;
            let kept = code_settings::count_kept(&mut conn, conference, id).await?;
            again.errors.add("places", &ErrorMessage::BelowTaken { taken, offered, kept });
            return unprocessable(&again).map(Some);
        }
        Err(SettingsError::NoAccount) => {
            again.errors.add("fee", &ErrorMessage::NoAccount);
            return unprocessable(&again).map(Some);
        }
        Err(SettingsError::Database(error)) => return Err(error.into()),
        Err(error @ SettingsError::WindowOutOfOrder) => return Err(AppError::internal(error)),
    };
    if new.details.access == Access::Staff
        && code_settings::are_in_use(&mut tx, conference, id, app.clock.now()).await?
    {
        again.errors.add("access", &ErrorMessage::HasCodes);
        return unprocessable(&again).map(Some);
    }
    let changes = changes(zone, before, &new);
    let kind = if before.is_some() { AuditKind::CategoryChanged } else { AuditKind::CategoryAdded };
    let entry = Entry::of(kind, Actor::Account(person.account));
    let entry = Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    app.published().await;
    Ok(Some(see_other(&urls::administration::settings_saved(&site.conference.slug))))
}

fn validate(form: &Submitted, zone: &Zone, errors: &mut Errors) -> Option<NewCategory> {
    let name = errors.check_required("name", CategoryName::parse(form.get("name")), Missing::Name);
    let description = errors.check("description", CategoryDescription::parse(form.get("description")));
    let audience = errors.check("audience", CategoryAudience::parse(form.get("audience")));
    let access = Access::parse(form.get("access"));
    if access.is_none() {
        errors.add("access", &ErrorMessage::NoAccess);
    }
    let period = period(form, zone, errors);
    let fee = fee(form, zone, errors);
    let places = places(form, errors);
    let place = form.line("place").parse::<i16>().ok().filter(|place| (1..=999).contains(place));
    if place.is_none() {
        errors.add("place", &ErrorMessage::NoPlace);
    }
    if !errors.is_empty() {
        return None;
    }
    let details = CategoryDetails {
        name: name?,
        description: description?,
        audience: audience?,
        fee,
        period,
        access: access?,
        place: place?,
    };
    Some(NewCategory { details, places })
}

fn period(form: &Submitted, zone: &Zone, errors: &mut Errors) -> Period {
    let (opens, closes) = (moment(form, "opens", zone, errors), moment(form, "closes", zone, errors));
    if opens.zip(closes).is_some_and(|(opens, closes)| closes <= opens) {
        errors.add("closes", &ErrorMessage::CategoryClosesFirst);
    }
    Period { opens, closes }
}

/// Reads the fee, and the early fee with its date. An empty fee means that there is none.
fn fee(form: &Submitted, zone: &Zone, errors: &mut Errors) -> Fee {
    let full = amount(form, "fee", errors).unwrap_or_default();
    let amount = amount(form, "early_fee", errors);
    let until = moment(form, "early_until", zone, errors);
    if errors.of("early_fee").is_none() && errors.of("early_until").is_none() {
        match (amount, until) {
            (Some(_), None) => errors.add("early_until", &ErrorMessage::NoEarlyDate),
            (None, Some(_)) => errors.add("early_fee", &ErrorMessage::NoEarlyFee),
            (Some(amount), Some(_)) if errors.of("fee").is_none() && amount >= full => {
                errors.add("early_fee", &ErrorMessage::EarlyFeeNotBelow);
            }
            _ => {}
        }
    }
    Fee { full, early: amount.zip(until).map(|(amount, until)| EarlyFee { amount, until }) }
}

/// Reads a field with an amount. An empty field gives `None`.
pub fn amount(form: &Submitted, field: &str, errors: &mut Errors) -> Option<Cents> {
    match Cents::parse(form.get(field)) {
        Ok(amount) => return Some(amount),
        Err(CentsError::Missing) => {}
        Err(CentsError::Malformed | CentsError::TooLarge) => errors.add(field, &ErrorMessage::NoAmount),
    }
    None
}

/// Returns a category's settings in the fields of its form.
fn present(zone: &Zone, category: &CategorySettings) -> Submitted {
    shown(zone, &category.details, category.capacity.places)
}

fn shown(zone: &Zone, details: &CategoryDetails, places: Option<i32>) -> Submitted {
    // Every field is named, so that a new field does not compile until the form has it.
    let CategoryDetails { name, description, audience, fee, period, access, place } = details;
    let moment = |at: Option<OffsetDateTime>| at.map(|at| zone.field(at)).unwrap_or_default();
    Submitted::of([
        ("name", name.to_string()),
        ("description", description.to_string()),
        ("audience", audience.to_string()),
        ("access", access.to_string()),
        ("opens", moment(period.opens)),
        ("closes", moment(period.closes)),
        ("fee", fee.full.to_string()),
        ("early_fee", fee.early.map(|early| early.amount.to_string()).unwrap_or_default()),
        ("early_until", moment(fee.early.map(|early| early.until))),
        ("places", places.map(|places| places.to_string()).unwrap_or_default()),
        ("place", place.to_string()),
    ])
}

fn changes(zone: &Zone, before: Option<&CategorySettings>, new: &NewCategory) -> Vec<Change> {
    let before = before.map(|category| present(zone, category)).unwrap_or_default();
    let after = shown(zone, &new.details, new.places.map(Places::number));
    shared_form::changes(&FIELDS, &before, &after)
}

impl CategoryPage {
    fn of(person: &SignedIn, site: &Arc<Site>, category: Option<CategorySettings>, merged: Merged) -> Self {
        let desk = Desk::new(DeskNav::Settings, Some(site), person);
        let Merged { form, conflict, is_fresh } = merged;
        Self { desk, site: site.clone(), category, form, errors: Errors::default(), conflict, is_fresh }
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the choices of who can choose the category.
    fn access() -> [(&'static str, &'static str); 3] {
        [
            (Access::Public.as_str(), "Delegates, on the form"),
            (Access::Code.as_str(), "Only delegates with a code"),
            (Access::Staff.as_str(), "Only staff"),
        ]
    }

    /// Returns the address of the form with the settings that were saved last.
    fn here(&self) -> String {
        let category = self.category.as_ref();
        category.map_or_else(
            || urls::administration::new_category(self.slug()),
            |one| urls::administration::category(self.slug(), one.id),
        )
    }

    /// Shows the form that was sent after the login had ended, if there is one.
    fn with(mut self, resumed: ResumedForm) -> Self {
        self.form = resumed.shown_in(&mut self.desk).unwrap_or(self.form);
        self
    }
}

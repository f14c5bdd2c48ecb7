//! `/administration/{c}`: a conference's settings: when registration is open, the number of places, and the way to all the others.
//! Above them stands who sees the conference and, while it is in preparation, what is left to complete.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::remaining::Remaining;
use crate::{
    access::{Person, ResumedForm},
    domain::{Access, Action, AuditKind, Capacity, Conference, OfferHours, Places, SignedIn, Zone, date_and_time},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::{
        audit::{self, Actor, Entry},
        registrations::code_settings,
        settings::{self, CategorySettings, NewSettings, SettingsError},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Result, Site, Submitted, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "administration/settings.html")]
struct SettingsPage {
    desk: Desk,
    conference: Conference,
    form: Submitted,
    errors: Errors,
    /// From when on delegates can change nothing with their links.
    changes_until: Option<OffsetDateTime>,
    whole: Capacity,
    offer_hours: i32,
    categories: Vec<CategorySettings>,
    /// The address that gets the e-mails for operations.
    operations_address: String,
    is_over: bool,
    /// What is left to complete, as HTML, while the conference is in preparation.
    remaining: Option<String>,
    /// What was just done, from the address.
    done: String,
    /// The conflict that this person has to decide, if somebody else has saved since the form was opened.
    conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
}

/// The error messages of the settings and of a category.
#[derive(Template)]
#[template(path = "administration/settings_errors.txt")]
pub enum ErrorMessage {
    /// The text is not a date and time.
    NoMoment,
    /// The clocks skip this time or show it twice.
    NotOnce,
    /// Registration would close before it opens.
    ClosesFirst,
    /// The text is not a number of places.
    NoNumber,
    /// The text is not a number of hours.
    NoHours,
    /// More places are taken than there would be.
    BelowTaken {
        /// The number of places that are taken.
        taken: i32,
        /// How many of them are offered to people on the waiting list.
        offered: i64,
        /// How many of them are kept for codes.
        kept: i64,
    },
    /// The text is not a place in the order.
    NoPlace,
    /// Another category has the name.
    NameTaken,
    /// The choice of who can choose a category is missing.
    NoAccess,
    /// Only staff could choose the category, and delegates have codes for it.
    HasCodes,
    /// A category would close before it opens.
    CategoryClosesFirst,
    /// The text is not an amount.
    NoAmount,
    /// There is an early fee, but no date until which it holds.
    NoEarlyDate,
    /// There is a date, but no early fee.
    NoEarlyFee,
    /// The early fee is not below the fee.
    EarlyFeeNotBelow,
    /// There is no account to which delegates could pay the fee.
    NoAccount,
}

/// The fields, which have the names of their columns.
const FIELDS: [Field; 5] = [
    Field::value("registration_opens", "Opens"),
    Field::value("registration_closes", "Closes"),
    Field::value("changes_until", "Changes until"),
    Field::value("places", "Places in all"),
    Field::value("offer_hours", "Hours to answer an offer"),
];

/// `GET /administration/{c}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let mut again = SettingsPage::of(&app, &person, &site).await?;
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().clone_into(&mut again.done);
    page(&again)
}

/// `POST /administration/{c}`.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    // Somebody else may save between reading and saving. Then the loop reads the settings again.
    loop {
        let page = SettingsPage::of(&app, &person, &site).await?;
        let before = present(&page.conference, page.changes_until, page.whole, page.offer_hours);
        let merged = Merged::of(&FIELDS, &before, form.clone());
        let (form, conflict, is_fresh) = (merged.form, merged.conflict, merged.is_fresh);
        let mut again = SettingsPage { form, conflict, is_fresh, ..page };
        let Some(new) = validate(&again.form, &again.conference, &mut again.errors) else {
            return unprocessable(&again);
        };
        if is_fresh {
            return reply::conflict(&again);
        }
        let changes = shared_form::changes(&FIELDS, &before, &shown(&again.conference.zone, &new));
        let mut tx = app.store.begin().await?;
        let at = (app.clock.now(), &app.settings.operations_address);
        match settings::keep(&mut tx, site.conference.id, again.conference.revision, &new, at).await {
            Ok(()) => {}
            Err(SettingsError::Changed) => continue,
            Err(SettingsError::BelowTaken) => {
                drop(tx);
                let mut conn = app.store.read().await?;
                let offered = settings::count_offered(&mut conn, site.conference.id, None).await?;
                let kept = code_settings::count_kept(&mut conn, site.conference.id, None).await?;
                again.errors.add("places", &ErrorMessage::BelowTaken { taken: again.whole.taken, offered, kept });
                return unprocessable(&again);
            }
            Err(SettingsError::WindowOutOfOrder) => {
                again.errors.add("registration_closes", &ErrorMessage::ClosesFirst);
                return unprocessable(&again);
            }
            Err(SettingsError::Database(error)) => return Err(error.into()),
            Err(error @ (SettingsError::NameTaken | SettingsError::NoAccount)) => {
                return Err(AppError::internal(error));
            }
        }
        let entry = Entry::of(AuditKind::ConferenceSettingsChanged, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(site.conference.id), changes: &changes, ..entry }).await?;
        tx.commit().await?;
        app.outbox.notify_one();
        app.published().await;
        return Ok(see_other(&urls::administration::settings_saved(&site.conference.slug)));
    }
}

/// Returns the settings, or adds the errors of all fields.
fn validate(form: &Submitted, conference: &Conference, errors: &mut Errors) -> Option<NewSettings> {
    let opens = moment(form, "registration_opens", &conference.zone, errors);
    let closes = moment(form, "registration_closes", &conference.zone, errors);
    if let Some(opens) = opens
        && errors.of("registration_closes").is_none()
        && closes.unwrap_or_else(|| conference.ends()) <= opens
    {
        errors.add("registration_closes", &ErrorMessage::ClosesFirst);
    }
    let changes_until = moment(form, "changes_until", &conference.zone, errors);
    let places = places(form, errors);
    let offer_hours = OfferHours::parse(form.get("offer_hours"));
    if offer_hours.is_err() {
        errors.add("offer_hours", &ErrorMessage::NoHours);
    }
    if !errors.is_empty() {
        return None;
    }
    Some(NewSettings {
        registration_opens: opens,
        registration_closes: closes,
        changes_until,
        places,
        offer_hours: offer_hours.ok()?,
    })
}

/// Reads a field with a date and time as the clocks at the venue show it. An empty field gives `None`.
pub fn moment(form: &Submitted, field: &str, zone: &Zone, errors: &mut Errors) -> Option<OffsetDateTime> {
    let text = form.line(field);
    if text.is_empty() {
        return None;
    }
    let Some(local) = date_and_time(&text) else {
        errors.add(field, &ErrorMessage::NoMoment);
        return None;
    };
    let instant = zone.instant(local.date(), local.time());
    if instant.is_err() {
        errors.add(field, &ErrorMessage::NotOnce);
    }
    instant.ok()
}

/// Reads the field `places`. An empty field means no limit.
pub fn places(form: &Submitted, errors: &mut Errors) -> Option<Places> {
    let places = Places::parse(form.get("places"));
    if places.is_err() {
        errors.add("places", &ErrorMessage::NoNumber);
    }
    places.ok().flatten()
}

/// Returns settings in the fields of the form.
fn shown(zone: &Zone, settings: &NewSettings) -> Submitted {
    let moment = |at: Option<OffsetDateTime>| at.map(|at| zone.field(at)).unwrap_or_default();
    let places = settings.places.map(|places| places.number().to_string()).unwrap_or_default();
    Submitted::of([
        ("registration_opens", moment(settings.registration_opens)),
        ("registration_closes", moment(settings.registration_closes)),
        ("changes_until", moment(settings.changes_until)),
        ("places", places),
        ("offer_hours", settings.offer_hours.number().to_string()),
    ])
}

/// Returns a conference's current settings in the fields of the form.
fn present(
    conference: &Conference,
    changes_until: Option<OffsetDateTime>,
    whole: Capacity,
    offer_hours: i32,
) -> Submitted {
    let moment = |at: Option<OffsetDateTime>| at.map(|at| conference.zone.field(at)).unwrap_or_default();
    Submitted::of([
        ("registration_opens", moment(conference.registration_opens)),
        ("registration_closes", moment(conference.registration_closes)),
        ("changes_until", moment(changes_until)),
        ("places", whole.places.map(|places| places.to_string()).unwrap_or_default()),
        ("offer_hours", offer_hours.to_string()),
    ])
}

impl SettingsPage {
    /// Creates the page with the current settings from the database. Cached settings could be out of date.
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>) -> Result<Self> {
        let conference = app.store.find_site(&site.conference.slug).await?.ok_or(AppError::NotFound)?.conference;
        let mut conn = app.store.read().await?;
        let whole = settings::whole(&mut conn, conference.id).await?;
        let offer_hours = settings::offer_hours(&mut conn, conference.id).await?;
        let changes_until = settings::changes_until(&mut conn, conference.id).await?;
        Ok(Self {
            desk: Desk::new(DeskNav::Settings, Some(site), person),
            form: shared_form::opened(&FIELDS, &present(&conference, changes_until, whole, offer_hours)),
            errors: Errors::default(),
            changes_until,
            whole,
            offer_hours,
            categories: settings::list_categories(&mut conn, conference.id).await?,
            operations_address: app.settings.operations_address.to_string(),
            is_over: conference.is_over(app.clock.now()),
            remaining: remaining(&mut conn, &conference, (changes_until, app.clock.now())).await?,
            done: String::new(),
            conflict: None,
            is_fresh: false,
            conference,
        })
    }
}

/// Renders what is left to complete, while the conference is in preparation.
async fn remaining(
    conn: &mut PgConnection,
    conference: &Conference,
    (changes_until, now): (Option<OffsetDateTime>, OffsetDateTime),
) -> Result<Option<String>> {
    if !conference.in_preparation {
        return Ok(None);
    }
    Ok(Some(Remaining::of(conn, conference, changes_until, now).await?.render()?))
}

//! `/staff/{c}/export`: asks what a file of the list contains, and `/staff/{c}/attendees.csv` and `.xlsx`: the file. Its choices
//! are its address.

mod choices;
mod columns;
mod tables;

use std::{fs::File, sync::Arc};

use askama::Template;
use axum::{extract::State, http::Uri};
use tokio::task::spawn_blocking;

use self::{
    choices::{ANSWERS, Choices, RECIPE, Recipe, SEPARATOR},
    columns::AttendeeColumn,
    tables::Filling,
};
use super::{printed::PrintedList, query::ListQuery};
use crate::{
    access::Person,
    documents::{csv::Separator, format::TableFormat},
    domain::{AccountId, Action, AuditKind, ConferenceId, SignedIn},
    store::{
        audit::{self, Actor, Entry},
        payment_settings,
        registrations::attendees::{self, Count, Turn},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Result, Site, Submitted, behind, in_parts, page, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/export.html")]
struct ExportPage {
    desk: Desk,
    site: Arc<Site>,
    query: ListQuery,
    count: Count,
    form: Submitted,
    errors: Errors,
    /// Whether the latest changes are missing in the list, so that it cannot be saved yet.
    is_behind: bool,
}

/// `GET /staff/{c}/export`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    page(&export_page(&app, &person, site, &uri, Errors::default()).await?)
}

/// `GET /staff/{c}/attendees.csv`.
pub async fn csv(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    file(&app, &person, site, &uri, TableFormat::Csv).await
}

/// `GET /staff/{c}/attendees.xlsx`.
pub async fn xlsx(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    file(&app, &person, site, &uri, |_| TableFormat::Xlsx).await
}

/// Responds with a file. Somebody who asks for a second file while the first is still on its way has given that one up, or their
/// connection has: it is ended.
async fn file(
    app: &App,
    person: &SignedIn,
    site: Arc<Site>,
    uri: &Uri,
    format: fn(Separator) -> TableFormat,
) -> Result {
    let choices = match Choices::read(&submitted(uri)) {
        Ok(choices) => choices,
        Err(error) => {
            let mut errors = Errors::default();
            errors.add(error.field(), &error);
            return unprocessable(&export_page(app, person, site, uri, errors).await?);
        }
    };
    if choices.recipe.needs().is_some() && !person.may(Action::ReadNeeds, Some(site.conference.id)) {
        return Err(AppError::Forbidden);
    }
    let query = ListQuery::read(uri.query());
    if !attendees::bring_up_to_date(&app.store).await? && query.is_filtered() {
        // Nobody would see that people are missing in the file. A file of everybody has them all.
        return behind(&export_page(app, person, site, uri, Errors::default()).await?);
    }
    let superseded = app.downloads.begin(person.account);
    let format = format(choices.separator);
    let writing = write(app, &site, &query, &choices, (format, person.account));
    let file = superseded.run_until_cancelled(writing).await.ok_or(AppError::TooMany { retry_after: 1 })??;
    let what = if choices.recipe == Recipe::Everyone { "attendees" } else { choices.recipe.as_str() };
    in_parts::table(file, (&format!("{what}-{}", site.conference.slug), format), superseded)
}

/// Writes the file from one snapshot of the database and records who got what. If the person goes away, this ends, and the
/// file is gone.
async fn write(
    app: &App,
    site: &Site,
    query: &ListQuery,
    choices: &Choices,
    (format, by): (TableFormat, AccountId),
) -> Result<File> {
    let conference = site.conference.id;
    let (turn, mut snapshot) = app.store.export().await?;
    let currency = payment_settings::get(&mut snapshot, conference).await?.currency;
    let filling = Filling { choices, zone: &site.conference.zone, currency, by };
    let mut file = format.begin().map_err(AppError::internal)?;
    tables::fill(&mut *file, &mut snapshot, &query.wanted(conference), filling).await?;
    let view = ListQuery { turn: Turn::First, ..query.clone() }.fields();
    let entry = Entry {
        conference: Some(conference),
        changes: &choices.recorded(view),
        ..Entry::of(AuditKind::AttendeesExported, Actor::Account(by))
    };
    audit::note(&mut snapshot, entry).await?;
    snapshot.commit().await?;
    let finished = spawn_blocking(move || file.finish()).await.map_err(AppError::internal)?;
    drop(turn);
    finished.map_err(AppError::internal)
}

/// Returns the fields of the address.
fn submitted(uri: &Uri) -> Submitted {
    Submitted::decode(uri.query().unwrap_or_default().as_bytes())
}

async fn export_page(app: &App, person: &SignedIn, site: Arc<Site>, uri: &Uri, errors: Errors) -> Result<ExportPage> {
    let query = ListQuery { turn: Turn::First, ..ListQuery::read(uri.query()) };
    let mut search = attendees::search(&app.store).await?;
    let listed = attendees::list(&mut search, &query.wanted(site.conference.id), Turn::First).await?;
    let desk = Desk::new(DeskNav::Attendees, Some(&site), person);
    let is_behind = search.is_behind();
    Ok(ExportPage { desk, site, query, count: listed.count, form: submitted(uri), errors, is_behind })
}

impl ExportPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn conference(&self) -> ConferenceId {
        self.site.conference.id
    }

    fn list(&self) -> String {
        self.query.turned(self.slug(), Turn::First)
    }

    /// Returns the recipes that this person may use.
    fn recipes(&self) -> impl Iterator<Item = Recipe> {
        let may_read_needs = self.desk.person.may(Action::ReadNeeds, Some(self.conference()));
        Recipe::ALL.into_iter().filter(move |recipe| may_read_needs || recipe.needs().is_none())
    }

    fn printed(&self, list: PrintedList) -> String {
        urls::staff::printed(self.slug(), list.as_str(), &self.query.fields())
    }

    fn is_recipe(&self, recipe: Recipe) -> bool {
        let chosen = self.form.get(RECIPE);
        if chosen.is_empty() { recipe == Recipe::Everyone } else { chosen == recipe.as_str() }
    }

    fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
        let columns = AttendeeColumn::ALL.into_iter().map(|column| (column.as_str(), column.heading()));
        columns.chain([(ANSWERS, "Answers to questions")])
    }

    fn separators() -> [(Separator, &'static str); 3] {
        [
            (Separator::Comma, "Comma: for English spreadsheets and most programs"),
            (Separator::Semicolon, "Semicolon: for spreadsheets with a decimal comma, such as German ones"),
            (Separator::Tab, "Tab"),
        ]
    }

    /// Whether the columns are shown, because they are what was chosen or one of them is wrong.
    fn columns_open(&self) -> bool {
        self.form.is(RECIPE, Recipe::Columns)
    }

    fn is_separator(&self, separator: Separator) -> bool {
        let chosen = self.form.get(SEPARATOR);
        if chosen.is_empty() { separator == Separator::Comma } else { chosen == separator.as_str() }
    }
}

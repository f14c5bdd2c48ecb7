//! `/staff/{c}`: the desk's first page, with the figures of a conference.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{
    chart::{Chart, SIZE},
    query::ListQuery,
};
use crate::{
    access::Person,
    domain::{AttendeeState, CategoryId, Country, text::grouped},
    store::{
        outbox::{self, MessageFilter, MessageState, Open},
        registrations::{
            attendees::{self, Filter},
            figures::{self, Figures},
        },
    },
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/figures.html")]
struct FiguresPage {
    desk: Desk,
    site: Arc<Site>,
    figures: Figures,
    chart: Option<Chart>,
    /// The mails that may need attention.
    mails: Open,
    /// Whether the latest changes are missing.
    is_behind: bool,
}

/// `GET /staff/{c}`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current) -> Result {
    let mut search = attendees::search(&app.store).await?;
    let figures = figures::read(&mut search, site.conference.id).await?;
    let filter =
        MessageFilter { conference: site.conference.id, without_conference: false, state: None, mailing: None };
    let mails = outbox::count_open(&mut search, filter).await?;
    let chart = Chart::of(&figures.days, figures.places);
    let (desk, is_behind) = (Desk::new(DeskNav::Figures, Some(&site), &person), search.is_behind());
    page(&FiguresPage { desk, site, figures, chart, mails, is_behind })
}

impl FiguresPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn number(&self, state: AttendeeState) -> i64 {
        let counted = self.figures.states.iter().find(|(one, _)| one.is(state));
        counted.map_or(0, |(_, number)| *number)
    }

    /// Returns the number of people who wait, or have been offered a place.
    fn waiting(&self) -> i64 {
        self.number(AttendeeState::Waiting) + self.number(AttendeeState::Offered)
    }

    /// Returns the address of the list with this filter.
    fn list(&self, filter: Filter) -> String {
        ListQuery { filter, ..ListQuery::default() }.address(self.slug())
    }

    fn in_state(&self, state: AttendeeState) -> String {
        self.list(Filter { state: Some(state), ..Filter::default() })
    }

    /// Returns the address of those who come and meet this filter, who are those that are counted.
    fn coming(&self, filter: Filter) -> String {
        self.list(Filter { state: Some(AttendeeState::Confirmed), ..filter })
    }

    fn of_category(&self, category: &CategoryId) -> String {
        self.coming(Filter { category: Some(*category), ..Filter::default() })
    }

    fn from(&self, country: &Country) -> String {
        self.coming(Filter { country: Some(*country), ..Filter::default() })
    }

    fn of_organisation(&self, name: &str) -> String {
        let filter = Filter { state: Some(AttendeeState::Confirmed), ..Filter::default() };
        ListQuery { typed: name.to_owned(), filter, ..ListQuery::default() }.address(self.slug())
    }

    fn with_needs(&self) -> String {
        self.coming(Filter { has_needs: true, ..Filter::default() })
    }

    fn owing(&self) -> String {
        self.list(Filter { owes: true, ..Filter::default() })
    }

    fn mails_in(&self, state: MessageState) -> String {
        urls::staff::messages_where(self.slug(), &[("state", state.as_str().to_owned())])
    }

    /// Returns what the chart says, for people who cannot see it.
    fn chart_in_words(&self, chart: &Chart) -> String {
        let (Some(first), Some(last)) = (chart.steps.first(), chart.steps.last()) else { return String::new() };
        let places = self.figures.places.map(|places| format!(" of {} places", grouped(places))).unwrap_or_default();
        format!(
            "Registrations by {}: from {} on {} {} to {}{places} on {} {}",
            chart.step_name(),
            grouped(first.total),
            first.day.short(),
            first.day.0.year(),
            grouped(last.total),
            last.day.short(),
            last.day.0.year(),
        )
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn say(&self, number: impl std::fmt::Display) -> String {
        grouped(number)
    }

    /// Returns the width of a bar in per cent of the longest, for a number of the same table.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn share(&self, number: i64, most: i64) -> i64 {
        (number * 100).checked_div(most).unwrap_or_default()
    }

    fn most_of_countries(&self) -> i64 {
        self.figures.countries.first().map_or(0, |(_, number)| *number)
    }

    fn most_of_organisations(&self) -> i64 {
        self.figures.organisations.first().map_or(0, |(_, number)| *number)
    }
}

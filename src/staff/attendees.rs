//! `/staff/{c}/attendees`: the list of attendees and its search.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Uri},
    response::IntoResponse,
};

use super::{
    list_filters::{Offered, SetFilter},
    query::{ListColumn, ListQuery, state_in_words},
};
use crate::{
    access::Person,
    domain::{Action, AttendeeState, CategoryId, Country, Stored, text::grouped},
    store::registrations::attendees::{self, Count, Detail, ListPage, Matching, Order, SavedView, Turn, list_views},
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Result, Site, Submitted, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/attendees.html")]
struct AttendeesPage {
    desk: Desk,
    found: FoundPart,
    offered: Offered,
    views: Vec<SavedView>,
}

/// The part of the page that a search changes. When the page searches while somebody types, only this part is sent.
#[derive(Template)]
#[template(path = "staff/attendees_found.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition in the template")]
struct FoundPart {
    site: Arc<Site>,
    query: ListQuery,
    /// The query of this page of the list, to which the page of each attendee leads back.
    here: String,
    listed: ListPage,
    /// The filters that are set.
    set: Vec<SetFilter>,
    columns: Vec<ListColumn>,
    /// Whether this part is sent without the rest of the page.
    alone: bool,
    /// Whether the latest changes are missing.
    is_behind: bool,
    /// Whether this person may download the list as a file.
    may_export: bool,
    /// Whether this person may write to the people of the list.
    may_write: bool,
}

/// `GET /staff/{c}/attendees`. With `open=first`, redirects to the first attendee who is found.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    uri: Uri,
    headers: HeaderMap,
) -> Result {
    let query = ListQuery::read(uri.query());
    let slug = &site.conference.slug;
    let wanted = query.wanted(site.conference.id);
    let mut search = attendees::search(&app.store).await?;
    let opens_first = Submitted::decode(uri.query().unwrap_or_default().as_bytes()).get("open") == "first";
    if opens_first
        && !query.typed.is_empty()
        && let Some(first) = attendees::find_first(&mut search, &wanted).await?
    {
        return Ok(see_other(&urls::staff::attendee_of_list(slug, first, &query.text())));
    }
    let listed = attendees::list(&mut search, &wanted, query.turn).await?;
    let alone = headers.contains_key("hx-request");
    // While somebody types, what the filters offer is only needed to say which of them are set.
    let is_needed = !alone || query.has_filters();
    let offered = if is_needed { Offered::read(&mut search, site.conference.id).await? } else { Offered::default() };
    let found = FoundPart {
        set: offered.set(&query, slug),
        columns: query.shown_columns(),
        may_export: person.may(Action::ExportAttendees, Some(site.conference.id)),
        may_write: person.may(Action::SendMail, Some(site.conference.id)),
        site: site.clone(),
        here: query.page_text(),
        query,
        listed,
        alone,
        is_behind: search.is_behind(),
    };
    if alone {
        // The address without the fields that are empty.
        let address = HeaderValue::try_from(found.query.address(slug)).map_err(AppError::internal)?;
        return Ok(([("hx-replace-url", address)], page(&found)?).into_response());
    }
    let views = list_views(&mut search, site.conference.id).await?;
    let desk = Desk::new(DeskNav::Attendees, Some(&site), &person).without_find();
    page(&AttendeesPage { desk, found, offered, views })
}

impl FoundPart {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns how many were found: how many come, and how many do not.
    fn count(&self) -> String {
        let people =
            |number: i64| if number == 1 { "1 attendee".to_owned() } else { format!("{} attendees", grouped(number)) };
        let found = if self.query.is_filtered() { " found" } else { "" };
        match &self.listed.count {
            Count::MoreThan(number) => format!("More than {}{found}", people(*number)),
            Count::Exactly(states) => {
                let total = people(self.listed.count.total().unwrap_or_default());
                let each =
                    states.iter().map(|(state, number)| format!("{} {}", grouped(number), state_in_words(state)));
                let each = each.collect::<Vec<_>>().join(", ");
                if states.is_empty() { format!("{total}{found}") } else { format!("{total}{found}: {each}") }
            }
        }
    }

    /// Returns which of them the page shows, if there are several pages.
    fn range(&self) -> Option<String> {
        let (skipped, total) = (self.listed.skipped?, self.listed.count.total()?);
        let shown = i64::try_from(self.listed.attendees.len()).ok()?;
        let (first, last) = (grouped(skipped + 1), grouped(skipped + shown));
        (total > shown).then(|| format!("{first}–{last} of {}", grouped(total)))
    }

    fn is_similar(&self) -> bool {
        self.listed.matching == Matching::Similar && !self.listed.attendees.is_empty()
    }

    /// Whether a filter asks for something that no longer exists.
    fn asks_for_removed(&self) -> bool {
        self.set.iter().any(|filter| filter.is_gone)
    }

    /// Returns the value of `aria-sort` for a column.
    fn sorted(&self, order: Order) -> &'static str {
        match (self.query.order == order, order) {
            (false, _) => "none",
            (true, Order::Newest) => "descending",
            (true, _) => "ascending",
        }
    }

    /// Returns the order that the heading of a column leads to.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn order_of(&self, column: ListColumn) -> Option<Order> {
        match column {
            ListColumn::Organisation => Some(Order::Organisation),
            ListColumn::Registered => Some(Order::Newest),
            _ => None,
        }
    }

    fn ordered(&self, order: Order) -> String {
        self.query.ordered(self.slug(), order)
    }

    fn turned(&self, turn: &Turn) -> String {
        self.query.turned(self.slug(), *turn)
    }

    fn save_view(&self) -> String {
        urls::staff::views_for(self.slug(), &self.query.text())
    }

    fn write(&self) -> String {
        urls::staff::new_mailing_to(self.slug(), &self.query.fields())
    }

    fn attendee(&self, found: &Detail) -> String {
        urls::staff::attendee_of_list(self.slug(), found.attendee.id, &self.here)
    }

    /// Returns what a column says about an attendee; `None` for the status, which has a sign of its own.
    fn cell(&self, found: &Detail, column: ListColumn) -> Option<String> {
        let Detail { attendee, registration } = found;
        Some(match column {
            ListColumn::Organisation => registration.organisation.clone(),
            ListColumn::Category => attendee.category_name.clone(),
            ListColumn::Reference => registration.reference.to_string(),
            ListColumn::Status => return None,
            ListColumn::City => registration.city.clone(),
            ListColumn::Country => registration.country.name().to_owned(),
            ListColumn::JobTitle => attendee.job_title.clone(),
            ListColumn::Telephone => registration.contact_telephone.clone(),
            ListColumn::PurchaseOrder => registration.purchase_order.clone(),
            ListColumn::Code => attendee.code.clone().unwrap_or_default(),
            ListColumn::Registered => {
                let day = self.site.conference.zone.day(registration.created_at);
                format!("{} {}", day.short(), day.0.year())
            }
        })
    }

    /// Returns the class of a column's cells, which says what becomes of them on narrow screens.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn class_of(&self, column: ListColumn) -> &'static str {
        match column {
            ListColumn::Organisation => "whole",
            ListColumn::Status => "sign",
            ListColumn::Reference => "nowrap",
            ListColumn::Registered => "nowrap spare",
            _ => "",
        }
    }
}

impl AttendeesPage {
    fn query(&self) -> &ListQuery {
        &self.found.query
    }

    fn is_category(&self, id: &CategoryId) -> bool {
        self.query().filter.category == Some(*id)
    }

    fn is_state(&self, state: AttendeeState) -> bool {
        self.query().filter.state == Some(state)
    }

    fn is_country(&self, country: &Country) -> bool {
        self.query().filter.country.as_ref() == Some(country)
    }

    fn is_answer(&self, value: &str) -> bool {
        self.query().filter.answer.as_ref().is_some_and(|answer| super::query::answer_value(answer) == value)
    }

    fn is_order(&self, order: Order) -> bool {
        self.query().order == order
    }

    fn is_column(&self, column: ListColumn) -> bool {
        self.found.columns.contains(&column)
    }

    fn city(&self) -> &str {
        self.query().filter.city.as_deref().unwrap_or_default()
    }

    fn since(&self) -> String {
        self.query().filter.since.map(crate::domain::Day::iso).unwrap_or_default()
    }

    fn view(&self, view: &SavedView) -> String {
        format!("{}?{}", urls::staff::attendees(self.found.slug()), view.query)
    }

    /// Whether the list that is shown is this view.
    fn is_here(&self, view: &SavedView) -> bool {
        self.query().text() == view.query
    }
}

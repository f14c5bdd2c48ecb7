//! `/staff/{c}/owed`: what registrations owe and have paid, with totals.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use crate::{
    access::Person,
    domain::{Cents, Day, RegistrationId},
    store::registrations::{
        amounts::{self, Balance, BalanceFilter, Balances},
        attendees,
    },
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, Submitted, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/owed.html")]
struct OwedPage {
    desk: Desk,
    site: Arc<Site>,
    shown: BalanceFilter,
    balances: Balances,
    today: Day,
    /// Whether the latest changes are missing.
    is_behind: bool,
}

/// `GET /staff/{c}/owed`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let query = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let shown = BalanceFilter::parse(query.get("show")).unwrap_or(BalanceFilter::Open);
    let after: Option<RegistrationId> = query.get("after").parse().ok();
    let mut search = attendees::search(&app.store).await?;
    let balances = amounts::list(&mut search, site.conference.id, shown, after).await?;
    page(&OwedPage {
        desk: Desk::new(DeskNav::Owed, Some(&site), &person),
        today: site.conference.zone.day(app.clock.now()),
        site,
        shown,
        balances,
        is_behind: search.is_behind(),
    })
}

impl OwedPage {
    fn tab(&self, filter: BalanceFilter) -> String {
        urls::staff::owed_shown(&self.site.conference.slug, filter.as_str(), None)
    }

    fn is(&self, filter: BalanceFilter) -> bool {
        self.shown == filter
    }

    fn registration(&self, balance: &Balance) -> String {
        urls::staff::amounts(&self.site.conference.slug, balance.registration)
    }

    fn more(&self, after: &RegistrationId) -> String {
        urls::staff::owed_shown(&self.site.conference.slug, self.shown.as_str(), Some(*after))
    }

    fn open(&self) -> Cents {
        self.balances.owed - self.balances.paid
    }

    fn is_past(&self, day: Day) -> bool {
        day < self.today
    }

    /// Returns the last day on which to pay.
    fn due(&self, balance: &Balance) -> Option<Day> {
        balance.due.map(|due| self.site.conference.zone.day(due))
    }
}

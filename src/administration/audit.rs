//! `/administration/audit`: the audit log, by who did what and when.

use askama::Template;
use axum::{extract::State, http::Uri};

use crate::{
    access::Person,
    domain::{AuditId, AuditKind, Day, Zone},
    store::{
        audit::Author,
        audit_log::{self, LogEntry, LogFilter},
        editions::{self, Edition},
        people::memberships::{self, Account},
    },
    urls,
    web::{App, Desk, DeskNav, Result, Submitted, page},
};

/// How many entries a page lists.
const PAGE: usize = 100;

/// The fields of the filter in the address.
const FILTER: [&str; 5] = ["conference", "account", "kind", "from", "to"];

/// The page.
#[derive(Template)]
#[template(path = "administration/audit.html")]
struct AuditPage {
    desk: Desk,
    form: Submitted,
    entries: Vec<LogEntry>,
    /// The last entry of this page, if there are older ones.
    older: Option<AuditId>,
    accounts: Vec<Account>,
    editions: Vec<Edition>,
    zone: Zone,
}

/// `GET /administration/audit`.
pub async fn get(State(app): State<App>, Person(person): Person, uri: Uri) -> Result {
    let form = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let zone = app.sites.current_zone(&app.store).await;
    let mut search = app.store.search().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let before = form.get("before").parse().ok();
    let mut entries = audit_log::list(&mut search, &filter(&form, &zone), before, limit).await?;
    let has_older = entries.len() > PAGE;
    entries.truncate(PAGE);
    page(&AuditPage {
        desk: Desk::new(DeskNav::Administration, None, &person),
        older: entries.last().filter(|_| has_older).map(|entry| entry.id),
        form,
        entries,
        accounts: memberships::list(&mut search).await?,
        editions: editions::list(&mut search).await?,
        zone,
    })
}

/// Reads the filter from the address. Unknown values are ignored.
pub fn filter(form: &Submitted, zone: &Zone) -> LogFilter {
    let day = |name| Day::parse(&form.line(name));
    LogFilter {
        conference: form.get("conference").parse().ok(),
        account: form.get("account").parse().ok(),
        kind: AuditKind::parse(form.get("kind")),
        from: day("from").and_then(|day| day.0.previous_day()).map(|day| zone.end_of(Day(day))),
        to: day("to").map(|day| zone.end_of(day)),
    }
}

/// Returns what the filter of the address says, for other addresses.
pub fn filter_fields(form: &Submitted) -> Vec<(&'static str, String)> {
    let given = |name: &&'static str| !form.get(name).is_empty();
    FILTER.into_iter().filter(given).map(|name| (name, form.get(name).to_owned())).collect()
}

impl AuditPage {
    /// Returns the address of the older entries.
    fn older(&self, before: &AuditId) -> String {
        let mut fields = filter_fields(&self.form);
        fields.push(("before", before.to_string()));
        urls::administration::audit_where(&fields)
    }

    /// Returns the address of these entries as a file.
    fn file(&self, extension: &str) -> String {
        urls::administration::audit_file_where(extension, &filter_fields(&self.form))
    }

    /// Returns the kinds, sorted by their words.
    fn kinds() -> Vec<AuditKind> {
        let mut kinds = AuditKind::ALL.to_vec();
        kinds.sort_by_key(|kind| kind.words());
        kinds
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn attendee(&self, entry: &LogEntry) -> Option<String> {
        let (slug, (id, _)) = (entry.conference.as_ref()?, entry.attendee.as_ref()?);
        Some(urls::staff::attendee(slug, *id))
    }
}

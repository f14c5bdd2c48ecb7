//! `/administration/audit`: the audit log, by who did what and when; also as a file.

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use crate::{
    access::Person,
    domain::{AuditId, AuditKind, Day, Zone},
    store::{
        audit::Author,
        audit_log::{self, LogEntry, LogFilter},
        people::memberships::{self, Account},
        settings::{self, Edition},
    },
    urls,
    web::{App, Desk, DeskNav, Result, Submitted, page},
};

/// How many entries a page lists.
const PAGE: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "administration/audit.html")]
struct AuditPage {
    desk: Desk,
    filter: LogFilter,
    entries: Vec<LogEntry>,
    /// The last entry of this page, if there are older ones.
    older: Option<AuditId>,
    accounts: Vec<Account>,
    editions: Vec<Edition>,
}

/// `GET /administration/audit`.
pub async fn get(State(app): State<App>, Person(person): Person, uri: Uri) -> Result {
    let fields = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let filter = filter_of(&fields);
    let mut search = app.store.search().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut entries = audit_log::list(&mut search, &filter, fields.get("before").parse().ok(), limit).await?;
    let has_older = entries.len() > PAGE;
    entries.truncate(PAGE);
    page(&AuditPage {
        desk: Desk::new(DeskNav::Administration, None, &person),
        older: entries.last().filter(|_| has_older).map(|entry| entry.id),
        filter,
        entries,
        accounts: memberships::list(&mut search).await?,
        editions: settings::list_editions(&mut search).await?,
    })
}

/// Reads the filter from the address. Unknown values are ignored.
fn filter_of(fields: &Submitted) -> LogFilter {
    LogFilter {
        conference: fields.get("conference").parse().ok(),
        account: fields.get("account").parse().ok(),
        kind: AuditKind::parse(fields.get("kind")),
        from: Day::parse(&fields.line("from")).map(|day| day.0),
        to: Day::parse(&fields.line("to")).map(|day| day.0),
    }
}

impl AuditPage {
    /// Returns the address of the older entries.
    fn older(&self, before: &AuditId) -> String {
        let mut fields = self.fields();
        fields.push(("before", before.to_string()));
        urls::administration::audit_where(&fields)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let LogFilter { conference, account, kind, from, to } = &self.filter;
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        add("conference", conference.map(|id| id.to_string()));
        add("account", account.map(|id| id.to_string()));
        add("kind", kind.map(|kind| kind.as_str().to_owned()));
        add("from", from.map(|day| Day(day).iso()));
        add("to", to.map(|day| Day(day).iso()));
        fields
    }

    /// Returns the kinds with their words, sorted by words.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn kinds(&self) -> Vec<(AuditKind, String)> {
        let mut kinds: Vec<_> = AuditKind::ALL.iter().map(|kind| (*kind, kind.as_str().replace('_', " "))).collect();
        kinds.sort_by(|(_, one), (_, other)| one.cmp(other));
        kinds
    }

    fn day(&self, name: &str) -> String {
        let day = if name == "from" { self.filter.from } else { self.filter.to };
        day.map(|day| Day(day).iso()).unwrap_or_default()
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn attendee(&self, entry: &LogEntry) -> Option<String> {
        let (slug, (id, _)) = (entry.conference.as_ref()?, entry.attendee.as_ref()?);
        Some(urls::staff::attendee(slug, *id))
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn iso(&self, at: &OffsetDateTime) -> String {
        Zone::utc().iso(*at)
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn moment(&self, at: &OffsetDateTime) -> String {
        Zone::utc().zoned_moment(*at)
    }
}

//! What has changed in the programme, release by release: a page, and a feed with the same words.

use askama::Template;
use axum::{extract::State, http::HeaderMap};

use super::{description::Description, items::When};
use crate::{
    documents::feed::{self, Entry, Feed},
    domain::{Conference, Day, Effect, ReleaseNumber, Status},
    store::programme::{
        changes::{self, Changes, Part, Release, Step, Version},
        items::ItemKind,
    },
    urls,
    web::{App, ConferenceSlug, Frame, Named, Nav, Result, Site, page_cache},
};

const ATOM: &str = "application/atom+xml; charset=utf-8";

#[derive(Template)]
#[template(path = "delegates/changes.html")]
struct ChangesPage {
    frame: Frame,
    conference: Conference,
    days: Vec<DayView>,
    /// The number of releases on the page.
    count: usize,
    /// Whether they go back to the first release.
    is_complete: bool,
}

/// The releases of a day.
struct DayView {
    day: Day,
    releases: Vec<ReleaseView>,
}

/// A release as readers see it.
struct ReleaseView {
    number: ReleaseNumber,
    at: String,
    iso: String,
    note: String,
    what: What,
}

/// What a release was for readers.
enum What {
    /// The programme was published, with this number of sessions.
    First(usize),
    /// This changed.
    Changes(Vec<ChangeView>),
}

/// What became of an item.
struct ChangeView {
    effect: Effect,
    kind: ItemKind,
    title: String,
    /// The address of its page, if it has one now.
    href: Option<String>,
    details: Details,
}

/// What is said about a change besides its effect.
enum Details {
    /// When and where the session takes place.
    Place(Place),
    /// When and where it would have taken place.
    Lost(Place),
    /// What differs.
    Differences(Box<Differences>),
    /// Nothing.
    None,
}

struct Differences {
    time_and_room: TimeAndRoom,
    /// Whether the session is provisional now and was not before, or the other way round.
    provisional: Option<bool>,
    parts: Vec<Part>,
    /// The title or name before, if it was another one.
    old_title: Option<String>,
}

/// How the time and the room of a session changed.
enum TimeAndRoom {
    Same,
    /// The time is another one, and perhaps the room.
    Moved {
        from: Place,
        to: Place,
        /// Whether one of the rooms is known. Otherwise, rooms are not mentioned.
        has_room: bool,
    },
    /// Only the room is another one.
    OtherRoom {
        from: Option<String>,
        to: Place,
    },
}

/// When and where a session takes place.
struct Place {
    when: Option<When>,
    room: Option<String>,
}

/// The title of an entry in the feed.
#[derive(Template)]
#[template(path = "delegates/changes_title.txt")]
struct EntryTitle<'a> {
    release: &'a ReleaseView,
}

/// The content of an entry in the feed, as XHTML.
#[derive(Template)]
#[template(path = "delegates/changes_entry.html")]
struct EntryContent<'a> {
    release: &'a ReleaseView,
    public_url: &'a str,
}

/// `GET /{c}/changes`: shows what the latest releases changed.
pub async fn get(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    request: HeaderMap,
) -> Result {
    let path = urls::public::changes(&slug);
    app.cached(&path, page_cache::HTML, &request, async || {
        let site = app.sites.named(&app.store, &slug).await?;
        let next_turn = site.conference.next_turn(app.clock.now());
        let (changes, views) = read(&app, &site).await?;
        let description = Description::Changes(&site.conference).text()?;
        let frame = Frame::of(&app, &site, Nav::Programme).titled("What has changed").published_at(&path, description);
        let page = ChangesPage {
            frame,
            conference: site.conference.clone(),
            count: views.len(),
            days: by_day(&site.conference, &changes.releases, views),
            is_complete: changes.is_complete,
        };
        Ok(page_cache::Rendered::from(page.render()?).expiring_at(next_turn))
    })
    .await
}

/// `GET /{c}/changes.atom`: the same as a feed.
pub async fn feed(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    request: HeaderMap,
) -> Result {
    app.cached(&urls::public::changes_feed(&slug), ATOM, &request, async || {
        let site = app.sites.named(&app.store, &slug).await?;
        let (changes, views) = read(&app, &site).await?;
        let entries = changes.releases.iter().zip(&views).map(|(release, view)| {
            Ok(Entry {
                id: release.id.0,
                title: EntryTitle { release: view }.render()?.trim().to_owned(),
                updated: release.at,
                page: app.absolute(&urls::public::changes_of(&slug, view.number)),
                content: EntryContent { release: view, public_url: &app.public_url }.render()?,
            })
        });
        let feed = Feed {
            id: site.conference.id.0,
            title: format!("Changes to the programme, {} {}", site.conference.city, site.conference.year()),
            author: "Major Cities of Europe".to_owned(),
            updated: changes.updated,
            address: app.absolute(&urls::public::changes_feed(&slug)),
            page: app.absolute(&urls::public::changes(&slug)),
            entries: entries.collect::<Result<_>>()?,
        };
        Ok(feed::file(feed).into())
    })
    .await
}

/// Reads the latest releases, and how each is shown.
async fn read(app: &App, site: &Site) -> Result<(Changes, Vec<ReleaseView>)> {
    let changes = changes::list(&mut *app.store.read().await?, site.conference.id).await?;
    let views = changes.releases.iter().map(|release| ReleaseView::of(&site.conference, release)).collect();
    Ok((changes, views))
}

/// Returns the address of the item's page, if it has one now. Nothing links to the page of a break.
fn address(conference: &Conference, step: &Step) -> Option<String> {
    let (conference, slug) = (&conference.slug, step.slug.as_ref()?);
    match step.kind {
        ItemKind::Conference => Some(urls::public::home(conference)),
        ItemKind::Session => Some(urls::public::session(conference, slug)),
        ItemKind::Topic => Some(urls::public::programme_of(conference, None, Some(slug))),
        ItemKind::Person => Some(urls::public::speaker(conference, slug)),
        ItemKind::Page => Some(urls::public::page(conference, slug)),
        ItemKind::Room | ItemKind::SessionKind | ItemKind::Text => None,
    }
}

fn by_day(conference: &Conference, releases: &[Release], views: Vec<ReleaseView>) -> Vec<DayView> {
    let mut days: Vec<DayView> = Vec::new();
    for (release, view) in releases.iter().zip(views) {
        let day = conference.zone.day(release.at);
        match days.last_mut() {
            Some(last) if last.day == day => last.releases.push(view),
            _ => days.push(DayView { day, releases: vec![view] }),
        }
    }
    days
}

impl ReleaseView {
    fn of(conference: &Conference, release: &Release) -> Self {
        let is_session = |version: &Version| !version.is_break;
        let what = if release.is_first {
            What::First(release.steps.iter().filter(|step| step.after.as_ref().is_some_and(is_session)).count())
        } else {
            What::Changes(release.steps.iter().map(|step| ChangeView::of(conference, step)).collect())
        };
        Self {
            number: ReleaseNumber(release.number),
            at: conference.zone.clock(release.at),
            iso: conference.zone.iso(release.at),
            note: release.note.clone(),
            what,
        }
    }
}

impl ChangeView {
    fn of(conference: &Conference, step: &Step) -> Self {
        let place = |version| Place::of(conference, version);
        let is_session = step.kind == ItemKind::Session;
        let details = match (step.effect, &step.before, &step.after) {
            (Effect::New | Effect::Reinstated, _, Some(after)) if is_session => Details::Place(place(after)),
            (Effect::Cancelled, before, Some(after)) => Details::Lost(place(before.as_ref().unwrap_or(after))),
            (Effect::Moved | Effect::Changed, Some(before), Some(after)) => {
                Details::Differences(Box::new(Differences::of(conference, before, after, step)))
            }
            _ => Details::None,
        };
        let (title, href) = (step.title.clone(), address(conference, step));
        Self { effect: step.effect, kind: step.kind, title, href, details }
    }
}

impl Details {
    fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Differences {
    fn of(conference: &Conference, before: &Version, after: &Version, step: &Step) -> Self {
        let (from, to) = (Place::of(conference, before), Place::of(conference, after));
        let time_and_room = if before.slot != after.slot {
            TimeAndRoom::Moved { has_room: from.room.is_some() || to.room.is_some(), from, to }
        } else if before.rooms != after.rooms {
            TimeAndRoom::OtherRoom { from: from.room, to }
        } else {
            TimeAndRoom::Same
        };
        let is_provisional = after.status == Status::Tentative;
        Self {
            time_and_room,
            provisional: (before.status != after.status).then_some(is_provisional),
            old_title: step.old_title.clone(),
            parts: step.parts.clone(),
        }
    }
}

impl TimeAndRoom {
    fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

impl Place {
    fn of(conference: &Conference, version: &Version) -> Self {
        Self { when: version.slot.map(|slot| When::of(&conference.zone, slot)), room: version.rooms.said() }
    }
}

//! The revisions of an item: the list, and the page that shows and restores one of them.

use askama::Template;
use axum::extract::State;

use super::{
    About, Id, Kind, Links, Picture, STATUS, SavedBy, TEXT,
    compare::Field,
    conflict::{BASE, with},
    differences::Differences,
    find, has_text,
    restoring::{self, Restoring, keeping},
    save::{Task, save},
    slug::{form_of, has_slug, with_slug},
};
use crate::{
    access::Person,
    domain::{AuditKind, ConferenceId, RevisionId, Status},
    store::programme::items::{self, Content, Revision, Which},
    web::{App, AppError, Desk, Drafted, Named, Result, Submitted, reply},
};

/// The list of an item's revisions.
#[derive(Template)]
#[template(path = "editing/history.html")]
struct HistoryPage {
    desk: Desk,
    title: String,
    editor: String,
    public: Option<String>,
    rows: Vec<HistoryRow>,
}

struct HistoryRow {
    href: String,
    title: String,
    author: SavedBy,
    set_aside: bool,
    is_published: bool,
    is_head: bool,
}

/// The page of one revision.
#[derive(Template)]
#[template(path = "editing/revision.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct RevisionPage {
    desk: Desk,
    /// The title of the item.
    title: String,
    /// The address of the item's editor.
    editor: String,
    /// The address of the list of revisions.
    revisions: String,
    /// The address that restores this revision.
    action: String,
    /// How often the item has been saved.
    now: i32,
    /// Who saved this revision.
    author: SavedBy,
    /// Who saved the revision that is compared with it.
    head: SavedBy,
    /// Whether the public reads that revision.
    is_published: bool,
    /// Whether restoring it changes what the public reads.
    publishes: bool,
    /// Whether this revision was set aside.
    set_aside: bool,
    /// Whether it had another address, which it does not get back.
    keeps_address: bool,
    /// What restoring it would change.
    differences: Differences,
    /// The labels and values of this revision.
    values: Vec<(&'static str, String)>,
    /// The picture of this revision, if it has one.
    pictures: Vec<Picture>,
    /// The text of this revision as HTML; `None` for kinds without one.
    text: Option<String>,
}

/// `GET`: lists an item's revisions.
pub async fn list<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    About(id): About<K>,
) -> Result {
    let conference = &site.conference;
    let mut conn = app.store.read().await?;
    let item = find::<K>(&mut conn, &site, id).await?;
    let all = items::list_revisions::<K::Content>(&mut conn, (conference.id, id)).await?;
    let links = Links::<K>::new(&site);
    let title = item.head.content.title().to_owned();
    let rows = all.into_iter().map(|one| HistoryRow {
        href: links.revision(id, one.id),
        is_published: item.published == Some(one.id),
        is_head: one.id == item.head.id,
        set_aside: one.set_aside,
        author: SavedBy::new(&conference.zone, one.number, one.who, one.at),
        title: one.title,
    });
    reply::page(&HistoryPage {
        desk: Desk::new(K::NAV, Some(&site), &person),
        title,
        rows: rows.collect(),
        editor: links.item(id),
        public: item.published.and_then(|_| links.public(&item.slug)),
    })
}

/// `GET`: shows one revision and what restoring it would change.
pub async fn get<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    About(id): About<K>,
    Named(revision): Named<RevisionId>,
) -> Result {
    let conference = &site.conference;
    let mut conn = app.store.read().await?;
    let item = find::<K>(&mut conn, &site, id).await?;
    let revision = find_revision::<K>(&mut conn, conference.id, id, revision).await?;
    let kind = K::load(&mut conn, conference, Some(id)).await?;
    let [this, now] = [&revision, &item.head].map(|revision| form_of(&kind, revision));
    // Restoring it leaves the address as it is now.
    let restored = with_slug::<K>(this.clone(), &item.head.slug);
    let say = |field: &Field, value: &str| kind.say(field, value);
    let values = K::FIELDS.iter().filter(|field| field.name != TEXT);
    let links = Links::<K>::new(&site);
    let title = item.head.content.title().to_owned();
    reply::page(&RevisionPage {
        desk: Desk::new(K::NAV, Some(&site), &person),
        title,
        editor: links.item(id),
        revisions: links.revisions(id),
        action: links.revision(id, revision.id),
        keeps_address: has_slug::<K>() && revision.slug != item.head.slug,
        now: item.head.number,
        author: SavedBy::of(&conference.zone, &revision),
        head: SavedBy::of(&conference.zone, &item.head),
        is_published: item.is_published(),
        publishes: item.is_published(),
        set_aside: revision.set_aside,
        differences: Differences::of(K::FIELDS, &now, &restored, say),
        values: values.map(|field| (field.label, say(field, &field.value_in(&this)))).collect(),
        pictures: kind.pictures(&this),
        text: has_text::<K>().then(|| kind.preview(&this)).transpose()?,
    })
}

/// `POST`: restores one revision by saving its content again. If this is refused, the editor shows the content with the errors, and
/// offers to restore the rest.
pub async fn restore<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    About(id): About<K>,
    Named(revision): Named<RevisionId>,
    form: Submitted,
) -> Result {
    let mut conn = app.store.read().await?;
    let found = find_revision::<K>(&mut conn, site.conference.id, id, revision).await?;
    let item = find::<K>(&mut conn, &site, id).await?;
    let kind = K::load(&mut conn, &site.conference, Some(id)).await?;
    drop(conn);
    let restored = with_slug::<K>(kind.form_of(&found.content), &item.head.slug);
    let mut restored = with(&restored, BASE, form.get(BASE));
    if item.published.is_some() && found.content.status() == Status::Draft {
        restored = with(&restored, STATUS, item.head.content.status());
    }
    let kept = restoring::kept(K::FIELDS, &form);
    restored = keeping(&restored, &kept, &form_of(&kind, &item.head));
    let action = Links::<K>::new(&site).revision(id, revision);
    let restoring = Restoring { action, number: found.number, kept };
    let publishes = item.is_published();
    let task = Task { event: AuditKind::ItemRestored, publishes, restoring: Some(&restoring) };
    save::<K>(&app, &site, &person, id, restored, task).await
}

async fn find_revision<K: Kind>(
    conn: &mut sqlx::PgConnection,
    conference: ConferenceId,
    id: Id<K>,
    revision: RevisionId,
) -> Result<Revision<K::Content>> {
    let found = items::find_revision(conn, (conference, id), Which::Key(revision)).await?;
    found.ok_or(AppError::NotFound)
}

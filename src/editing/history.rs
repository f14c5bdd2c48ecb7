//! The revisions of an item: the list, and the page that shows and restores one of them.

use askama::Template;
use axum::extract::State;

use super::{
    Id, Kind, Links, SavedBy, TEXT,
    compare::{Field, Piece, marked, same},
    conflict::{BASE, with},
    find,
    save::save,
};
use crate::{
    access::Person,
    domain::{ConferenceId, RevisionId},
    store::programme::items::{self, Content, Revision, Which},
    web::{App, AppError, Current, Desk, Named, Result, Submitted, markdown, reply},
};

/// The list of an item's revisions.
#[derive(Template)]
#[template(path = "editing/history.html")]
struct HistoryPage {
    desk: Desk,
    title: String,
    editor: String,
    public: String,
    rows: Vec<HistoryRow>,
}

struct HistoryRow {
    href: String,
    title: String,
    author: SavedBy,
    set_aside: bool,
    published: bool,
}

/// The page of one revision.
#[derive(Template)]
#[template(path = "editing/revision.html")]
struct RevisionPage {
    desk: Desk,
    /// The published title of the item.
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
    /// Who saved the published revision.
    published: SavedBy,
    /// Whether this revision was set aside and never published.
    set_aside: bool,
    /// What restoring it would change.
    differences: Differences,
    /// The labels and values of this revision.
    values: Vec<(&'static str, String)>,
    /// The text of this revision as HTML.
    text: String,
}

/// The differences between a revision and the published one.
struct Differences {
    /// The values: label, value in this revision, published value.
    values: Vec<(&'static str, String, String)>,
    /// The texts: label, and the pieces that restoring would remove and add.
    texts: Vec<(&'static str, Vec<Piece>)>,
}

impl Differences {
    /// Compares a revision with the published one.
    fn of(fields: &[Field], published: &Submitted, revision: &Submitted, say: impl Fn(&Field, &str) -> String) -> Self {
        let differing = |text: bool| {
            fields.iter().filter(move |field| field.is_text() == text && !same(&[**field], published, revision))
        };
        let values = differing(false).map(|field| {
            let [this, now] = [revision, published].map(|form| say(field, form.get(field.name)));
            (field.label, this, now)
        });
        let texts =
            differing(true).map(|field| (field.label, marked(published.get(field.name), revision.get(field.name))));
        Self { values: values.collect(), texts: texts.collect() }
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.texts.is_empty()
    }
}

/// `GET`: lists an item's revisions.
pub async fn list<K: Kind>(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<Id<K>>,
) -> Result {
    let conference = &site.conference;
    let mut conn = app.store.read().await?;
    let item = find::<K>(&mut conn, &site, id).await?;
    let all = items::list_revisions::<K::Content>(&mut conn, (conference.id, id)).await?;
    let links = Links::<K>::new(&site);
    let title = item.head.content.title().to_string();
    let rows = all.into_iter().map(|one| HistoryRow {
        href: links.revision(id, one.id),
        published: one.id == item.head.id,
        set_aside: one.set_aside,
        author: SavedBy::new(&conference.zone, one.number, one.who, one.at),
        title: one.title,
    });
    reply::page(&HistoryPage {
        desk: Desk::new(K::NAV, Some(&site), &person),
        title,
        rows: rows.collect(),
        editor: links.item(id),
        public: links.public(&item.slug),
    })
}

/// `GET`: shows one revision and what restoring it would change.
pub async fn get<K: Kind>(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<Id<K>>,
    Named(revision): Named<RevisionId>,
) -> Result {
    let conference = &site.conference;
    let mut conn = app.store.read().await?;
    let item = find::<K>(&mut conn, &site, id).await?;
    let revision = find_revision::<K>(&mut conn, conference.id, id, revision).await?;
    let kind = K::load(&mut conn, conference).await?;
    let [this, now] = [&revision, &item.head].map(|revision| kind.form_of(&revision.content));
    let say = |field: &Field, value: &str| kind.say(field, value);
    let values = K::FIELDS.iter().filter(|field| field.name != TEXT);
    let links = Links::<K>::new(&site);
    let title = item.head.content.title().to_string();
    reply::page(&RevisionPage {
        desk: Desk::new(K::NAV, Some(&site), &person),
        title,
        editor: links.item(id),
        revisions: links.revisions(id),
        action: links.revision(id, revision.id),
        now: item.head.number,
        author: SavedBy::of(&conference.zone, &revision),
        published: SavedBy::of(&conference.zone, &item.head),
        set_aside: revision.set_aside,
        differences: Differences::of(K::FIELDS, &now, &this, say),
        values: values.map(|field| (field.label, say(field, this.get(field.name)))).collect(),
        text: markdown::html(this.get(TEXT)),
    })
}

/// `POST`: restores one revision by saving and publishing its content again.
pub async fn restore<K: Kind>(
    State(app): State<App>,
    Current(site): Current,
    Person(person): Person,
    Named(id): Named<Id<K>>,
    Named(revision): Named<RevisionId>,
    form: Submitted,
) -> Result {
    let mut conn = app.store.read().await?;
    let found = find_revision::<K>(&mut conn, site.conference.id, id, revision).await?;
    let restored = K::load(&mut conn, &site.conference).await?.form_of(&found.content);
    drop(conn);
    save::<K>(&app, &site, &person, id, with(&restored, BASE, form.get(BASE)), K::EVENTS.restored).await
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

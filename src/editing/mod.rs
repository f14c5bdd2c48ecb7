//! The editor for everything that several people edit: it adds, previews, saves and merges items, and shows and
//! restores revisions.
//!
//! The code is generic over [`Kind`]. A kind of item is one file that implements it, and a template with its fields.
//! The editor always works with a form as a browser would send it, whether the values come from a saved revision, from
//! a form with errors or from a form that was sent after the login had ended. So all of them are shown, compared and
//! merged in the same way. Forms without revisions, such as a conference's settings, are merged by the same code
//! ([`shared_form`]).

pub mod add;
pub mod addresses;
pub mod changes;
pub mod compare;
pub mod conflict;
pub mod differences;
pub mod editor;
pub mod history;
mod in_use;
pub mod links;
pub mod lists;
pub mod marking;
pub mod merging;
pub mod preview;
pub mod restoring;
pub mod save;
pub mod shared_form;
pub mod slug;
mod warning;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub use addresses::Addresses;
use compare::Field;
pub use warning::{Remedy, Warning};

use crate::{
    domain::{Conference, RevisionId, SignedIn, Zone},
    store::programme::{
        editing::Editing,
        items::{self, Content, Item, Revision},
        saving::SaveError,
    },
    urls,
    web::{App, AppError, DeskNav, Errors, Named, Result, Site, Submitted, address::Part, markdown},
};

/// A kind of item, with everything that differs between the editors. A value of the type contains the choices that the
/// conference offers.
pub trait Kind: Send + Sized + Sync {
    /// The content of a revision.
    type Content: Content<Id: Part>;

    /// The fields of the form, in order. The field [`TEXT`], if there is one, contains Markdown and has a preview. Kinds with
    /// public pages also have [`slug::FIELD`], which the editor shows, reads and saves.
    const FIELDS: &'static [Field];

    /// The kind's entry in the navigation.
    const NAV: DeskNav;

    /// The heading of the editor of a new item.
    const NEW: &'static str;

    /// The text of the button that adds another item with a form that has already added one.
    const ADD_ANOTHER: &'static str;

    /// The fields that say when and where it takes place. Only they can clash with other items.
    const MOVES: &[&str] = &[];

    /// The heading of the preview.
    const PREVIEW: &'static str = "As the public will see it";

    /// What is said after a save that publishes it, and after one that does not.
    const IN_USE: [&'static str; 2] = ["It is public now.", "The public cannot read it yet."];

    /// How browsers encode the form. A form with a file needs another encoding than one without.
    const ENCODING: &'static str = "application/x-www-form-urlencoded";

    /// The addresses of the pages.
    const ADDRESSES: Addresses<Id<Self>>;

    /// Returns the key of the item that a request is about.
    fn key(parts: &mut Parts, app: &App) -> impl Future<Output = Result<Id<Self>>> + Send {
        async { Named::<Id<Self>>::from_request_parts(parts, app).await.map(|Named(id)| id) }
    }

    /// Reads a form that was sent. If it has a file, it is stored here, and the form carries its key from then on.
    async fn read(app: &App, _: &Site, request: Request) -> Result<Submitted> {
        Submitted::from_request(request, app).await
    }

    /// Loads the choices that the conference offers now. The key is that of the item, unless it is new or there are several.
    async fn load(conn: &mut PgConnection, conference: &Conference, id: Option<Id<Self>>) -> Result<Self>;

    /// Returns the form of a new item. `query` is the query of the address.
    fn blank(&self, query: &Submitted) -> Submitted;

    /// Returns the query of the address of the next new item after this one was added.
    fn following(&self, _added: &Self::Content) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Returns the form of a new item that begins as a copy of this content.
    fn copy_of(&self, content: &Self::Content) -> Submitted {
        self.form_of(content)
    }

    /// Returns the form of a saved content, without its slug.
    fn form_of(&self, content: &Self::Content) -> Submitted;

    /// Returns the content of a form, or the errors of all fields.
    fn validate(&self, form: &Submitted) -> Result<Self::Content, Errors>;

    /// Returns what the organisers should look at, now that the item is as it is.
    async fn warn(&self, _: &mut PgConnection, _: &Conference, _: OffsetDateTime) -> Result<Vec<Warning>> {
        Ok(Vec::new())
    }

    /// Returns the value of a field in words.
    fn say(&self, field: &Field, value: &str) -> String {
        field.say(value)
    }

    /// Renders the preview of this form, as HTML, for kinds with a text.
    fn preview(&self, form: &Submitted) -> askama::Result<String> {
        Ok(markdown::html(form.get(TEXT)))
    }

    /// Returns the address that renders the preview while somebody types.
    fn live_preview(conference: &str, _id: Option<Id<Self>>) -> String {
        urls::organisers::preview(conference)
    }

    /// Returns the text of this form as Markdown whose links must lead somewhere.
    fn text_with_links(&self, form: &Submitted) -> String {
        form.get(TEXT).to_owned()
    }

    /// Returns the pictures that a form names, if items of this kind have any.
    fn pictures(&self, _: &Submitted) -> Vec<Picture> {
        Vec::new()
    }

    /// Returns the words and the address of one more page about an item, if there is one.
    fn more(_conference: &str, _id: Id<Self>) -> Option<(&'static str, String)> {
        None
    }

    /// Renders the fields of this form as HTML.
    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String>;

    /// Fails if something stands against this content that the database does not refuse, unless the form agrees to it. The
    /// content is saved already, perhaps in a transaction that is not committed yet.
    async fn check(
        &self,
        _: &mut Editing<'_>,
        _saved: (Id<Self>, &Self::Content),
        _: &Submitted,
    ) -> Result<(), SaveError> {
        Ok(())
    }

    /// Returns the reasons why the database refused this content, or the error if the person can do nothing about it.
    async fn refused(
        &self,
        _app: &App,
        _site: &Site,
        _attempt: (Id<Self>, &Self::Content),
        error: SaveError,
    ) -> Result<Refusal> {
        Err(failed(error))
    }
}

/// A picture of an item.
pub struct Picture {
    /// The address at which organisers see it, public or not.
    pub address: String,
    /// What it shows.
    pub text: String,
    /// The width at which pages of the editor show it, in pixels.
    pub width: u16,
    /// The height.
    pub height: u16,
}

/// The key of the item that the request is about.
pub struct About<K: Kind>(pub Id<K>);

impl<K: Kind> FromRequestParts<App> for About<K> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        K::key(parts, app).await.map(Self)
    }
}

/// Links to the items of one kind in one conference.
struct Links<'a, K: Kind> {
    conference: &'a str,
    to: Addresses<Id<K>>,
}

impl<'a, K: Kind> Links<'a, K> {
    fn new(site: &'a Site) -> Self {
        Self { conference: &site.conference.slug, to: K::ADDRESSES }
    }

    fn new_item(&self) -> String {
        (self.to.new_item)(self.conference)
    }

    fn item(&self, id: Id<K>) -> String {
        (self.to.item)(self.conference, id)
    }

    /// Returns the address of an item's editor, with a notice of what was done.
    fn item_after(&self, id: Id<K>, done: &str) -> String {
        format!("{}?{done}", self.item(id))
    }

    fn revisions(&self, id: Id<K>) -> String {
        (self.to.revisions)(self.conference, id)
    }

    fn revision(&self, id: Id<K>, revision: RevisionId) -> String {
        (self.to.revision)(self.conference, id, revision)
    }

    fn public(&self, slug: &str) -> Option<String> {
        Some((self.to.public)(self.conference, slug)).filter(|address| !address.is_empty())
    }
}

/// The key of an item of this kind.
pub type Id<K> = <<K as Kind>::Content as Content>::Id;

/// The parameter with the key of the item that a new one begins as a copy of.
const COPY: &str = "copy";

/// The field with the text in Markdown.
pub const TEXT: &str = "text";

/// The field with the item's status, in the forms of kinds that have one.
pub const STATUS: &str = "status";

/// Why something was not saved.
#[derive(Debug, Default)]
pub struct Refusal {
    /// The errors of the fields.
    pub errors: Errors,
    /// The items that this one clashes with.
    pub in_the_way: Vec<InTheWay>,
    /// What the person can do instead.
    pub ways_out: Vec<WayOut>,
    /// What can be restored nevertheless.
    pub offer: Option<restoring::Offer>,
}

/// The number of items in the way that a page names. With more, somebody has to think of something else anyway.
pub const MOST_IN_THE_WAY: usize = 50;

/// An item that another one clashes with.
#[derive(Debug)]
pub struct InTheWay {
    /// Its title.
    pub title: String,
    /// The address of its editor.
    pub editor: String,
    /// What it has, when, and who put it there.
    pub what: String,
}

/// A button that saves the form with other values in some fields.
#[derive(Debug)]
pub struct WayOut {
    /// The words on the button.
    pub label: String,
    /// The fields with their other values.
    pub fields: Vec<(&'static str, String)>,
}

impl WayOut {
    /// Returns the value of the button.
    pub fn value(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

/// The button that saves without publishing.
const WAIT: &str = "wait";

/// The field of the button of a [`WayOut`].
pub const INSTEAD: &str = "instead";

/// The field with the keys of other items that are published with this one.
pub const WITH: &str = "with";

/// Returns the keys of the items that this form publishes: this one, and those in [`WITH`].
fn published_by(form: &Submitted, id: Uuid) -> Vec<Uuid> {
    std::iter::once(id).chain(published_with(form)).collect()
}

/// Returns the keys of the items in [`WITH`].
pub fn published_with(form: &Submitted) -> impl Iterator<Item = Uuid> {
    form.all(WITH).flat_map(str::split_whitespace).filter_map(|key| key.parse().ok())
}

/// Returns the form with the values of the pressed button of a [`WayOut`], if one was pressed.
pub fn with_way_out(form: Submitted) -> Submitted {
    if !form.has(INSTEAD) {
        return form;
    }
    let instead = Submitted::decode(form.get(INSTEAD).as_bytes());
    let others = form.fields().iter().filter(|(name, _)| name != INSTEAD && !instead.has(name)).cloned();
    Submitted::new(others.chain(instead.fields().iter().cloned()).collect())
}

impl Refusal {
    /// Returns the refusal of this form. If the form was not to be published, neither are the ways out.
    #[must_use]
    fn of(mut self, form: &Submitted) -> Self {
        if form.has(WAIT) {
            self.ways_out.iter_mut().for_each(|way| way.fields.push((WAIT, "on".to_owned())));
        }
        self
    }
}

impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Self {
        Self { errors, ..Self::default() }
    }
}

/// Begins a transaction that only tries what somebody wants to save. It must not be committed.
pub async fn attempt(app: &App, site: &Site) -> Result<Editing<'static>, sqlx::Error> {
    Editing::begin(app.store.begin().await?, site.conference.id, None, app.clock.now()).await
}

/// Returns the error for a refusal that the person can do nothing about.
pub fn failed(error: SaveError) -> AppError {
    match error {
        SaveError::Database(error) => error.into(),
        other => AppError::internal(other),
    }
}

/// The number of a revision, who saved it and when.
#[derive(Clone, Debug)]
pub struct SavedBy {
    /// The revision's number.
    pub number: i32,
    /// The name of the person who saved it. `None` means that the revision was shipped with the program.
    pub name: Option<String>,
    /// The time in words.
    pub at: String,
    /// The time in ISO 8601.
    pub iso: String,
}

impl SavedBy {
    /// Describes this revision.
    pub fn of<C>(zone: &Zone, revision: &Revision<C>) -> Self {
        Self::new(zone, revision.number, revision.who.clone(), revision.at)
    }

    /// Describes the revision with this number, saved by this person at that time.
    pub fn new(zone: &Zone, number: i32, name: Option<String>, at: OffsetDateTime) -> Self {
        Self { number, name, at: zone.zoned_moment(at), iso: zone.iso(at) }
    }
}

/// Begins a transaction in which this person edits the conference.
pub async fn begin(app: &App, site: &Site, person: &SignedIn) -> Result<Editing<'static>, sqlx::Error> {
    Editing::begin(app.store.begin().await?, site.conference.id, Some(person.account), app.clock.now()).await
}

/// Returns whether items of this kind have a text with a preview.
fn has_text<K: Kind>() -> bool {
    K::FIELDS.iter().any(|field| field.name == TEXT)
}

/// Returns the item with this key if it belongs to the conference.
async fn find<K: Kind>(conn: &mut PgConnection, site: &Site, id: Id<K>) -> Result<Item<K::Content>> {
    items::find(conn, (site.conference.id, id)).await?.ok_or(AppError::NotFound)
}

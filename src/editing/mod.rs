//! One editor for everything that several people edit: open, add, preview, save, merge, decide, history, restore.
//!
//! It is written once over [`Kind`]; a kind of item is one file that implements it, its form and a template of its fields.
//! An editor always shows a form as a browser would send it, whether it comes from a saved revision, from somebody who
//! mistyped, or from somebody whose login had ended; so all of them are shown, compared and merged in the same way.
//! Forms without revisions, such as a conference's settings, are merged by the same code ([`shared_form`]).

pub mod add;
pub mod compare;
pub mod conflict;
pub mod editor;
pub mod history;
pub mod merging;
pub mod preview;
pub mod save;
pub mod shared_form;

use sqlx::PgConnection;
use time::OffsetDateTime;

use compare::Field;

use crate::{
    domain::{AuditKind, Conference, RevisionId, Zone},
    store::programme::revisions::{self, Content, Item, Revision, SaveError},
    web::{App, AppError, DeskNav, Errors, Result, Site, Submitted, address::Part},
};

/// A kind of item: what its editor has of its own. A value of it knows what the
/// conference offers to choose from.
pub trait Kind: Send + Sized + Sync {
    /// What its revisions say.
    type Content: Content<Id: Part>;

    /// The fields of its form, in their order. The one called [`TEXT`] is Markdown and has a preview.
    const FIELDS: &'static [Field];

    /// Its entry in the navigation.
    const NAV: DeskNav;

    /// The heading of its editor for a new item.
    const NEW: &'static str;

    /// The button that adds another item with a form that has already added one.
    const ADD_ANOTHER: &'static str;

    /// What the audit log calls its changes.
    const EVENTS: Events;

    /// Where its pages are.
    const ADDRESSES: Addresses<Id<Self>>;

    /// With what the conference offers now.
    async fn load(conn: &mut PgConnection, conference: &Conference) -> Result<Self>;

    /// The form of a new item; `query` is that of the address.
    fn blank(&self, query: &Submitted) -> Submitted;

    /// The form of a saved content.
    fn form_of(&self, content: &Self::Content) -> Submitted;

    /// What a form says, or every field's error at once.
    fn validate(&self, form: &Submitted) -> Result<Self::Content, Errors>;

    /// The value of a field as a person says it.
    fn say(&self, field: &Field, value: &str) -> String {
        field.say(value)
    }

    /// The fields with this form in them, as HTML.
    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String>;

    /// Why the database refused to keep this content, in words; or its failure, where that is nothing a person can act on.
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

/// The addresses of one kind of item; their first part is the conference's slug.
#[derive(Clone, Copy, Debug)]
pub struct Addresses<I> {
    /// The editor of a new item.
    pub new_item: fn(&str) -> String,
    /// The editor of an item.
    pub item: fn(&str, I) -> String,
    /// All its revisions.
    pub revisions: fn(&str, I) -> String,
    /// One of its revisions.
    pub revision: fn(&str, I, RevisionId) -> String,
    /// The public page of the item with this slug.
    pub public: fn(&str, &str) -> String,
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

    /// The editor of an item, which says what has just happened to it.
    fn item_after(&self, id: Id<K>, done: &str) -> String {
        format!("{}?{done}", self.item(id))
    }

    fn revisions(&self, id: Id<K>) -> String {
        (self.to.revisions)(self.conference, id)
    }

    fn revision(&self, id: Id<K>, revision: RevisionId) -> String {
        (self.to.revision)(self.conference, id, revision)
    }

    fn public(&self, slug: &str) -> String {
        (self.to.public)(self.conference, slug)
    }
}

/// The key of an item of this kind.
pub type Id<K> = <<K as Kind>::Content as Content>::Id;

/// The field with the text in Markdown.
pub const TEXT: &str = "text";

/// The kinds of audit entry about an item.
#[derive(Clone, Copy, Debug)]
pub struct Events {
    /// It was added.
    pub added: AuditKind,
    /// A revision was saved and published.
    pub saved: AuditKind,
    /// An earlier revision was published again.
    pub restored: AuditKind,
    /// A revision was kept that nobody published.
    pub set_aside: AuditKind,
}

/// Why something was not saved.
#[derive(Debug, Default)]
pub struct Refusal {
    /// What is wrong, field by field.
    pub errors: Errors,
    /// The item with which this one clashes: its title, and where it is edited.
    pub in_the_way: Option<(String, String)>,
}

impl From<Errors> for Refusal {
    fn from(errors: Errors) -> Self {
        Self { errors, in_the_way: None }
    }
}

/// A refusal by the database that nobody can act on.
pub fn failed(error: SaveError) -> AppError {
    match error {
        SaveError::Database(error) => error.into(),
        other => AppError::internal(other),
    }
}

/// Who saved a revision, and when, in words.
#[derive(Clone, Debug)]
pub struct Author {
    /// The revision's number.
    pub number: i32,
    /// Who; none is what the conference was shipped with.
    pub name: Option<String>,
    /// When, as a person says it.
    pub at: String,
    /// When, for machines.
    pub iso: String,
}

impl Author {
    /// Of this revision.
    pub fn of<C>(zone: &Zone, revision: &Revision<C>) -> Self {
        Self::new(zone, revision.number, revision.who.clone(), revision.at)
    }

    /// Of the revision with this number, saved by this person at that time.
    pub fn new(zone: &Zone, number: i32, name: Option<String>, at: OffsetDateTime) -> Self {
        Self { number, name, at: zone.zoned_moment(at), iso: zone.iso(at) }
    }
}

/// The item with this key, if it is one of the conference.
async fn find<K: Kind>(conn: &mut PgConnection, site: &Site, id: Id<K>) -> Result<Item<K::Content>> {
    revisions::find(conn, (site.conference.id, id)).await?.ok_or(AppError::NotFound)
}

//! The addresses of all kinds of items.

use uuid::Uuid;

use crate::{
    domain::{PageId, PersonId, RevisionId, RoomId, SessionId, SessionKindId, TextId, TopicId},
    store::programme::items::ItemKind,
    urls,
};

/// Returns the address of the editor of this item.
pub fn editor(kind: ItemKind, conference: &str, item: Uuid) -> String {
    match kind {
        ItemKind::Conference => urls::organisers::facts(conference),
        ItemKind::Session => urls::organisers::session(conference, SessionId(item)),
        ItemKind::SessionKind => urls::organisers::session_kind(conference, SessionKindId(item)),
        ItemKind::Room => urls::organisers::room(conference, RoomId(item)),
        ItemKind::Topic => urls::organisers::topic(conference, TopicId(item)),
        ItemKind::Person => urls::organisers::person(conference, PersonId(item)),
        ItemKind::Page => urls::organisers::page(conference, PageId(item)),
        ItemKind::Text => urls::organisers::text(conference, TextId(item)),
    }
}

/// The addresses of one kind of item. The first argument is the conference's slug.
#[derive(Clone, Copy, Debug)]
pub struct Addresses<I> {
    /// The editor of a new item.
    pub new_item: fn(&str) -> String,
    /// The editor of an item.
    pub item: fn(&str, I) -> String,
    /// The list of an item's revisions.
    pub revisions: fn(&str, I) -> String,
    /// One of an item's revisions.
    pub revision: fn(&str, I, RevisionId) -> String,
    /// The public page of the item with this slug; empty if no page shows it.
    pub public: fn(&str, &str) -> String,
}

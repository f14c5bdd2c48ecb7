//! The addresses of the editors of all kinds of items.

use uuid::Uuid;

use crate::{
    domain::{PageId, PersonId, RoomId, SessionId, SessionKindId, TextId, TopicId},
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

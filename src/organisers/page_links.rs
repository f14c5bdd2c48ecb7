//! The texts that link to a page, for the list above the form that removes it.

use askama::Template;

use crate::{
    domain::{PageId, PersonId, RoomId, SessionId, SessionKindId, TopicId},
    editing::InTheWay,
    store::programme::{items::ItemKind, linked::Linking},
    urls,
    web::{Result, Site},
};

/// What a text has to do with the page.
#[derive(Template)]
#[template(path = "organisers/page_linked.txt")]
struct LinksHere<'a> {
    linking: &'a Linking,
    /// Whether it belongs to another conference than the page.
    is_elsewhere: bool,
}

/// Describes the items whose texts link to a page of this conference.
pub fn listed(site: &Site, linking: Vec<Linking>) -> Result<Vec<InTheWay>> {
    let described = linking.into_iter().map(|linking| {
        let is_elsewhere = linking.conference != site.conference.slug;
        let what = LinksHere { linking: &linking, is_elsewhere }.render()?.trim().to_owned();
        Ok(InTheWay { editor: editor(&linking), title: linking.title, what })
    });
    described.collect()
}

/// Returns the address of the item's editor.
fn editor(linking: &Linking) -> String {
    let (conference, item) = (&linking.conference, linking.item);
    match linking.kind {
        ItemKind::Conference => urls::organisers::facts(conference),
        ItemKind::Session => urls::organisers::session(conference, SessionId(item)),
        ItemKind::SessionKind => urls::organisers::session_kind(conference, SessionKindId(item)),
        ItemKind::Room => urls::organisers::room(conference, RoomId(item)),
        ItemKind::Topic => urls::organisers::topic(conference, TopicId(item)),
        ItemKind::Person => urls::organisers::person(conference, PersonId(item)),
        ItemKind::Page => urls::organisers::page(conference, PageId(item)),
    }
}

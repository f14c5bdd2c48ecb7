//! The texts that link to a page, for the list above the form that removes it.

use askama::Template;

use crate::{
    editing::{InTheWay, addresses},
    store::programme::linked::Linking,
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
        let editor = addresses::editor(linking.kind, &linking.conference, linking.item);
        Ok(InTheWay { editor, title: linking.title, what })
    });
    described.collect()
}

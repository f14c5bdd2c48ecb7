//! The revisions of a session or a page: the list of them, and one of them to be read and restored.

use askama::Template;

use super::editing::{Differences, Signature};
use crate::{
    domain::{RevisionId, Zone},
    store::revisions::Saved,
    web::{Desk, markdown},
};

/// All revisions of one thing.
#[derive(Template)]
#[template(path = "organisers/history.html")]
pub struct HistoryPage {
    desk: Desk,
    title: String,
    editor: String,
    public: String,
    entries: Vec<Entry>,
}

struct Entry {
    href: String,
    title: String,
    saved: Signature,
    set_aside: bool,
    published: bool,
}

impl HistoryPage {
    /// The page; `href` gives the address of each revision.
    pub fn new(
        desk: Desk,
        title: String,
        (editor, public): (String, String),
        zone: &Zone,
        all: Vec<Saved>,
        published: RevisionId,
        href: impl Fn(RevisionId) -> String,
    ) -> Self {
        let entries = all.into_iter().map(|one| Entry {
            href: href(one.id),
            published: one.id == published,
            set_aside: one.set_aside,
            saved: Signature::new(zone, one.number, one.who, one.at),
            title: one.title,
        });
        Self { desk, title, editor, public, entries: entries.collect() }
    }
}

/// One revision.
#[derive(Template)]
#[template(path = "organisers/revision.html")]
pub struct RevisionPage {
    /// The frame.
    pub desk: Desk,
    /// The published title of the thing.
    pub title: String,
    /// Where the thing is edited.
    pub editor: String,
    /// Where its revisions are listed.
    pub revisions: String,
    /// Where this one is restored.
    pub action: String,
    /// How often the thing has been saved now.
    pub now: i32,
    /// Who saved this one.
    pub saved: Signature,
    /// Who saved the published one.
    pub published: Signature,
    /// Whether this one was never published.
    pub set_aside: bool,
    /// What restoring it would change.
    pub differences: Differences,
    /// Its values: label and words.
    pub values: Vec<(&'static str, String)>,
    /// Its text as HTML.
    pub text: String,
}

impl RevisionPage {
    /// A text in Markdown as this page shows it.
    pub fn rendered(text: &str) -> String {
        markdown::html(text)
    }
}

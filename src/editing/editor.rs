//! The editor of an item, and the notice above the form.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};

use super::{
    About, COPY, Id, InTheWay, Kind, Links, Refusal, SavedBy, Warning, WayOut,
    conflict::{BASE, with},
    find, has_text,
    restoring::Offer,
    slug::{form_of, has_slug},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{Key, RevisionId, SignedIn, Status},
    store::programme::{
        items::{self, Content, Item, Revision, RevisionSummary, Which},
        releases,
    },
    urls::query::with_query,
    web::{App, Desk, Drafted, Errors, Result, Site, Submitted, reply},
};

/// The editor of an item, existing or new.
#[derive(Template)]
#[template(path = "editing/editor.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub struct EditorPage {
    desk: Desk,
    heading: String,
    action: String,
    live_preview: String,
    preview_heading: &'static str,
    /// What is said after a save that publishes it, and after one that does not.
    in_use: [&'static str; 2],
    /// `None` for a new item.
    known: Option<Known>,
    notice: Option<Notice>,
    form: Submitted,
    errors: Errors,
    fields: String,
    add_another: &'static str,
    encoding: &'static str,
    /// Whether there is a text with a preview.
    has_text: bool,
    /// Whether it has a public page, whose address can be changed.
    has_slug: bool,
    is_new: bool,
    /// Whether the form contains unsaved changes.
    unsaved: bool,
    in_the_way: Vec<InTheWay>,
    ways_out: Vec<WayOut>,
    offer: Option<Offer>,
    /// What the organisers should look at, once it is saved.
    warnings: Vec<Warning>,
    preview: String,
}

/// The data of an existing item above its form.
struct Known {
    /// Whether the public reads a revision of it.
    is_public: bool,
    /// The address of its page, if it is public and has one.
    public: Option<String>,
    /// Whether the public reads what the editor shows.
    is_published: bool,
    revisions: String,
    /// The address of the editor of a new item that begins as a copy of this one, unless there is only one of its kind.
    copy: Option<String>,
    /// The words and the address of one more page.
    more: Option<(&'static str, String)>,
    last: SavedBy,
}

/// The notice above an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The item was saved. If there was a revision before, the save can be undone.
    Saved {
        /// Whether it is public.
        is_public: bool,
        /// Whether it is withdrawn.
        is_withdrawn: bool,
        /// The titles of what was published with it.
        with: Vec<String>,
        /// The address that restores the revision before.
        undo: Option<String>,
    },
    /// Nothing was saved, because the saved version is the same.
    Unchanged,
    /// The other person's version stays. This person's version was saved as a revision.
    SetAside {
        /// The address of that revision.
        kept: Option<String>,
    },
    /// An item was added, and this is the form of another one.
    Added {
        /// The title of the item.
        title: String,
        /// The address of its editor.
        editor: String,
        /// Whether it is public.
        is_public: bool,
    },
    /// The form of a new item was sent again with different content. The item that it had added has not changed.
    AddedAlready {
        /// The item's current title.
        title: String,
        /// The address of its editor.
        editor: String,
    },
}

impl Notice {
    /// Returns the notice after a save, unless others have saved since. `all` contains the revisions, the latest first, and
    /// `before` is the one that was the head before. `href` returns the address of a revision.
    fn of<C: Content>(
        done: Done,
        item: &Item<C>,
        (all, before, with): (&[RevisionSummary], Option<&Revision<C>>, Vec<String>),
        href: impl Fn(RevisionId) -> String,
    ) -> Option<Self> {
        match done {
            Done::Saved(number) if number == item.head.number => {
                // Restoring a revision leaves the slug as it is, so it cannot undo that only this was changed.
                let undone = before.filter(|before| before.content != item.head.content);
                Some(Self::Saved {
                    is_public: item.is_published(),
                    is_withdrawn: item.head.content.status() == Status::Withdrawn,
                    with,
                    undo: undone.map(|before| href(before.id)),
                })
            }
            Done::Saved(_) => None,
            Done::Unchanged => Some(Self::Unchanged),
            Done::SetAside(number) => {
                let kept = all.iter().find(|one| one.number == number && one.set_aside);
                Some(Self::SetAside { kept: kept.map(|one| href(one.id)) })
            }
        }
    }
}

/// What was done, as the query of the editor's address says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The revision with this number was saved.
    Saved(i32),
    /// There was nothing to save.
    Unchanged,
    /// The revision with this number was set aside.
    SetAside(i32),
}

impl Done {
    /// Returns the query.
    pub fn query(self) -> String {
        match self {
            Self::Saved(number) => format!("saved={number}"),
            Self::Unchanged => "unchanged".to_owned(),
            Self::SetAside(number) => format!("kept={number}"),
        }
    }

    /// Reads the query.
    fn read(query: Option<&str>) -> Option<Self> {
        let query = Submitted::decode(query?.as_bytes());
        if let Ok(number) = query.get("saved").parse() {
            Some(Self::Saved(number))
        } else if let Ok(number) = query.get("kept").parse() {
            Some(Self::SetAside(number))
        } else {
            query.has("unchanged").then_some(Self::Unchanged)
        }
    }
}

impl EditorPage {
    /// Creates the frame of an editor.
    pub fn frame<K: Kind>(site: &Arc<Site>, person: &SignedIn) -> Desk {
        Desk::new(K::NAV, Some(site), person)
    }

    /// Creates the editor of an item with this form.
    pub fn of_item<K: Kind>(
        (desk, site): (Desk, &Site),
        kind: &K,
        item: &Item<K::Content>,
        form: Submitted,
        refusal: impl Into<Refusal>,
    ) -> Result<Self> {
        let links = Links::<K>::new(site);
        let (new, editor) = (links.new_item(), links.item(item.id));
        let known = Known {
            is_public: item.published.is_some(),
            public: item.published.and_then(|_| links.public(&item.slug)),
            is_published: item.is_published(),
            revisions: links.revisions(item.id),
            copy: (!K::NEW.is_empty()).then(|| with_query(new, &[(COPY, item.id.to_string())])),
            more: K::more(&site.conference.slug, item.id),
            last: SavedBy::of(&site.conference.zone, &item.head),
        };
        let heading = item.head.content.title().to_owned();
        Self::new((desk, site), kind, (heading, editor), Some((item.id, known)), form, refusal.into())
    }

    /// Creates the editor of a new item.
    pub fn of_new<K: Kind>(
        (desk, site): (Desk, &Site),
        kind: &K,
        form: Submitted,
        refusal: impl Into<Refusal>,
    ) -> Result<Self> {
        let action = Links::<K>::new(site).new_item();
        Self::new((desk, site), kind, (K::NEW.to_owned(), action), None, form, refusal.into())
    }

    fn new<K: Kind>(
        (desk, site): (Desk, &Site),
        kind: &K,
        (heading, action): (String, String),
        known: Option<(Id<K>, Known)>,
        form: Submitted,
        refusal: Refusal,
    ) -> Result<Self> {
        let (id, known) = known.unzip();
        Ok(Self {
            desk,
            heading,
            action,
            live_preview: K::live_preview(&site.conference.slug, id),
            preview_heading: K::PREVIEW,
            in_use: K::IN_USE,
            is_new: known.is_none(),
            known,
            notice: None,
            fields: kind.fields(&form, &refusal.errors)?,
            add_another: K::ADD_ANOTHER,
            encoding: K::ENCODING,
            has_text: has_text::<K>(),
            has_slug: has_slug::<K>(),
            preview: kind.preview(&form)?,
            form,
            errors: refusal.errors,
            unsaved: true,
            in_the_way: refusal.in_the_way,
            ways_out: refusal.ways_out,
            offer: refusal.offer,
            warnings: Vec::new(),
        })
    }

    /// Adds a notice. The form then contains the saved version, unless the notice or the frame says otherwise.
    pub fn with_notice(self, notice: Option<Notice>) -> Self {
        let unsaved = self.desk.has_resumed_form() || matches!(notice, Some(Notice::AddedAlready { .. }));
        Self { notice, unsaved, ..self }
    }
}

/// `GET`: shows the editor of an item.
pub async fn get<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    About(id): About<K>,
    RawQuery(query): RawQuery,
    resumed: ResumedForm,
) -> Result {
    let conference = &site.conference;
    let mut conn = app.store.read().await?;
    let item = find::<K>(&mut conn, &site, id).await?;
    let kind = K::load(&mut conn, conference, Some(id)).await?;
    let mut desk = EditorPage::frame::<K>(&site, &person);
    let resumed = resumed.shown_in(&mut desk);
    let notice = match Done::read(query.as_deref()) {
        Some(done) if resumed.is_none() => {
            let all = items::list_revisions::<K::Content>(&mut conn, (conference.id, id)).await?;
            let before =
                items::find_revision(&mut conn, (conference.id, id), Which::HeadAt(item.head.number - 1)).await?;
            let with = releases::list_published_with(&mut conn, (id.uuid(), item.head.id)).await?;
            Notice::of(done, &item, (&all, before.as_ref(), with), |revision| {
                Links::<K>::new(&site).revision(id, revision)
            })
        }
        _ => None,
    };
    let form = resumed.unwrap_or_else(|| with(&form_of(&kind, &item.head), BASE, item.head.number));
    let warnings = kind.warn(&mut conn, conference, app.clock.now()).await?;
    let page = EditorPage::of_item((desk, &site), &kind, &item, form, Errors::default())?;
    reply::page(&EditorPage { warnings, ..page.with_notice(notice) })
}

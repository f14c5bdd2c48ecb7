//! The lists of pages and of what sessions name: rooms, topics, kinds of sessions and people. What is not used any more stands at the end.

use time::OffsetDateTime;

use crate::{
    domain::{PageId, PersonId, RoomId, SessionKindId, Status, TopicId},
    editing::SavedBy,
    store::programme::{
        pages::ListedPage, people::ListedPerson, rooms::ListedRoom, session_kinds::ListedSessionKind,
        topics::ListedTopic,
    },
    web::Site,
};

/// A row of a list.
pub struct Row<T> {
    /// The address of its editor.
    pub edit: String,
    /// What it is.
    pub item: T,
    /// Who saved it last, and when.
    pub last: SavedBy,
}

/// Something that was removed, in a list.
pub struct Removed {
    /// The address of its editor.
    pub edit: String,
    /// Its title.
    pub title: String,
    /// Whether the public reads something else.
    pub unpublished: bool,
}

/// What every list needs to know of an item.
pub trait Listed {
    /// The type of its key.
    type Id;

    /// Returns its key.
    fn id(&self) -> Self::Id;

    /// Returns its title.
    fn title(&self) -> &str;

    /// Returns its status.
    fn status(&self) -> Status;

    /// Whether the public reads something else.
    fn unpublished(&self) -> bool;

    /// Returns the number of its head, who saved it and when.
    fn saved(&self) -> (i32, Option<&str>, OffsetDateTime);
}

macro_rules! listed {
    ($($name:ident, $id:ident, $title:ident;)+) => {$(
        impl Listed for $name {
            type Id = $id;

            fn id(&self) -> $id {
                self.id
            }

            fn title(&self) -> &str {
                &self.$title
            }

            fn status(&self) -> Status {
                self.status
            }

            fn unpublished(&self) -> bool {
                self.unpublished
            }

            fn saved(&self) -> (i32, Option<&str>, OffsetDateTime) {
                (self.revision, self.who.as_deref(), self.changed)
            }
        }
    )+};
}

listed! {
    ListedRoom, RoomId, name;
    ListedTopic, TopicId, title;
    ListedSessionKind, SessionKindId, name;
    ListedPerson, PersonId, name;
    ListedPage, PageId, title;
}

/// Returns the rows of a list, and what is not used any more. `editor` returns the address of an editor.
pub fn rows<T: Listed>(site: &Site, all: Vec<T>, editor: fn(&str, T::Id) -> String) -> (Vec<Row<T>>, Vec<Removed>) {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let (removed, used): (Vec<_>, Vec<_>) = all.into_iter().partition(|item| item.status() == Status::Withdrawn);
    let row = |item: T| {
        let (number, who, at) = item.saved();
        let last = SavedBy::new(&conference.zone, number, who.map(str::to_owned), at);
        Row { edit: editor(slug, item.id()), last, item }
    };
    let removed = removed.iter().map(|item| Removed {
        edit: editor(slug, item.id()),
        title: item.title().to_owned(),
        unpublished: item.unpublished(),
    });
    let removed = removed.collect();
    (used.into_iter().map(row).collect(), removed)
}

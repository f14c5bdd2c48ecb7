//! The frame of the pages for people who are signed in: the desk, the editors, the administration.

use std::sync::Arc;

use super::Site;
use crate::{
    domain::{Role, SignedIn},
    urls,
};

/// Where in the desk's navigation a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskNav {
    /// Nowhere.
    None,
    /// The attendees.
    Attendees,
    /// The mail.
    Messages,
    /// The sessions' editor.
    Sessions,
    /// The rooms.
    Rooms,
    /// The pages' editor.
    Pages,
    /// Accounts and settings.
    Administration,
}

/// What such a page tells the frame around it (`templates/desk.html`).
#[derive(Clone, Debug)]
pub struct Desk {
    /// What stands in the window's title before the site's name.
    pub title: String,
    /// Where in the navigation it stands.
    pub nav: DeskNav,
    /// The conference that is worked on; none on pages about all of them.
    pub site: Option<Arc<Site>>,
    /// Who is signed in.
    pub person: SignedIn,
    resumed_form: bool,
}

/// One entry of the navigation.
pub struct DeskEntry {
    /// Its words.
    pub words: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether the page belongs to it.
    pub here: bool,
}

impl Desk {
    /// The frame of a page with this title, for this person, at this conference.
    pub fn new(title: impl Into<String>, nav: DeskNav, site: Option<&Arc<Site>>, person: &SignedIn) -> Self {
        Self { title: title.into(), nav, site: site.cloned(), person: person.clone(), resumed_form: false }
    }

    /// Notes that the page shows a form that was sent after its login had ended. The frame then says that it is not saved
    /// yet.
    pub fn shows_resumed_form(&mut self) {
        self.resumed_form = true;
    }

    /// Whether the page shows such a form.
    pub fn has_resumed_form(&self) -> bool {
        self.resumed_form
    }

    /// The navigation: what this person may do here.
    pub fn entries(&self) -> Vec<DeskEntry> {
        let mut entries = Vec::new();
        let mut add = |nav, words, href| entries.push(DeskEntry { words, href, here: nav == self.nav });
        if let Some(site) = &self.site {
            let (slug, id) = (site.conference.slug.as_str(), Some(site.conference.id));
            if self.person.may(Role::Staff, id) {
                add(DeskNav::Attendees, "Attendees", urls::attendees(slug));
                add(DeskNav::Messages, "Mail", urls::messages(slug));
            }
            if self.person.may(Role::Organiser, id) {
                add(DeskNav::Sessions, "Sessions", urls::edit_sessions(slug));
                add(DeskNav::Rooms, "Rooms", urls::edit_rooms(slug));
                add(DeskNav::Pages, "Pages", urls::edit_pages(slug));
            }
        } else {
            if self.person.may(Role::Staff, None) {
                add(DeskNav::Attendees, "Attendees", urls::staff());
            }
            if self.person.may(Role::Organiser, None) {
                add(DeskNav::Sessions, "Sessions", urls::organisers());
            }
        }
        if self.person.may(Role::Administrator, None) {
            add(DeskNav::Administration, "Administration", urls::administration());
        }
        entries
    }

    /// The public home of the conference, where the brand leads.
    pub fn home(&self) -> String {
        self.site.as_ref().map_or_else(urls::root, |site| urls::home(&site.conference.slug))
    }
}

//! The frame of the pages for people who are signed in: the desk, the editors, the administration.

use std::sync::Arc;

use super::Site;
use crate::{
    domain::{Action, SignedIn},
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
        let mut add = |action, nav, words, href| {
            if self.may(action) {
                entries.push(DeskEntry { words, href, here: nav == self.nav });
            }
        };
        if let Some(site) = &self.site {
            let slug = site.conference.slug.as_str();
            add(Action::ReadAttendees, DeskNav::Attendees, "Attendees", urls::staff::attendees(slug));
            add(Action::ReadMail, DeskNav::Messages, "Mail", urls::staff::messages(slug));
            add(Action::EditProgramme, DeskNav::Sessions, "Sessions", urls::organisers::sessions(slug));
            add(Action::EditProgramme, DeskNav::Rooms, "Rooms", urls::organisers::rooms(slug));
            add(Action::EditPages, DeskNav::Pages, "Pages", urls::organisers::pages(slug));
        } else {
            add(Action::ReadAttendees, DeskNav::Attendees, "Attendees", urls::staff::home());
            add(Action::EditProgramme, DeskNav::Sessions, "Sessions", urls::organisers::home());
        }
        add(Action::EditSettings, DeskNav::Administration, "Administration", urls::administration::home());
        entries
    }

    /// Whether this person may do this at the conference that is worked on, or, where that is none, at any.
    pub fn may(&self, action: Action) -> bool {
        self.person.may(action, self.site.as_ref().map(|site| site.conference.id))
    }

    /// The public home of the conference, where the brand leads.
    pub fn home(&self) -> String {
        self.site.as_ref().map_or_else(urls::public::root, |site| urls::public::home(&site.conference.slug))
    }
}

//! The frame of the pages for people who are signed in: the desk, the editors and the administration.

use std::sync::Arc;

use super::Site;
use crate::{
    domain::{Action, ConferenceId, SignedIn},
    store::editions::Edition,
    urls,
};

/// The entry of the navigation that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskNav {
    /// No entry.
    None,
    /// The figures.
    Figures,
    /// The attendees.
    Attendees,
    /// The waiting list.
    Waiting,
    /// What registrations owe and have paid.
    Owed,
    /// The mail.
    Messages,
    /// The sessions' editor.
    Sessions,
    /// The people's editor.
    People,
    /// What is not public yet, and the releases.
    Releases,
    /// The rooms.
    Rooms,
    /// The topics.
    Topics,
    /// The kinds of sessions.
    SessionKinds,
    /// The facts of the conference.
    Facts,
    /// The pages' editor.
    Pages,
    /// The texts' editor.
    Texts,
    /// The settings of the conference.
    Settings,
    /// Accounts and settings.
    Administration,
}

/// The values that a page gives its frame (`templates/desk.html`).
#[derive(Clone, Debug)]
pub struct Desk {
    /// The entry of the navigation that the page belongs to.
    pub nav: DeskNav,
    /// The conference that the page is about. `None` on pages about all conferences.
    pub site: Option<Arc<Site>>,
    /// Who is signed in.
    pub person: SignedIn,
    resumed_form: bool,
    has_find: bool,
}

/// An entry of the navigation.
pub struct DeskEntry {
    /// The text of the link.
    pub label: &'static str,
    /// The address of the link.
    pub href: String,
    /// Whether the page belongs to this entry.
    pub here: bool,
    /// How many things behind it need somebody.
    pub alarms: i64,
}

impl Desk {
    /// Creates the frame of a page for this person and this conference. The page's template gives the title.
    pub fn new(nav: DeskNav, site: Option<&Arc<Site>>, person: &SignedIn) -> Self {
        Self { nav, site: site.cloned(), person: person.clone(), resumed_form: false, has_find: true }
    }

    /// Records that the page shows a form that was sent after the login had ended. The frame then says that it is not
    /// saved yet.
    pub fn shows_resumed_form(&mut self) {
        self.resumed_form = true;
    }

    /// Whether the page shows such a form.
    pub fn has_resumed_form(&self) -> bool {
        self.resumed_form
    }

    /// Whether the page is about a demonstration.
    pub fn is_demonstration(&self) -> bool {
        self.site.as_ref().is_some_and(|site| site.conference.is_demonstration)
    }

    /// Leaves out the field that finds attendees, because the page has its own.
    pub fn without_find(self) -> Self {
        Self { has_find: false, ..self }
    }

    /// Returns the address of the list that the frame's field searches, if the frame has the field.
    pub fn find(&self) -> Option<String> {
        let site = self.site.as_ref().filter(|_| self.has_find && self.may(Action::ReadAttendees))?;
        Some(urls::staff::attendees(&site.conference.slug))
    }

    /// Returns the navigation with the entries that this person may use.
    pub fn entries(&self) -> Vec<DeskEntry> {
        self.entries_at(self.site.as_ref().map(|site| (site.conference.id, site.conference.slug.as_str())))
    }

    /// Returns the other conferences that this person can go to, each with the address of this page there, or of the first page of
    /// the same entry.
    pub fn others(&self) -> Vec<(&Edition, String)> {
        let Some(site) = &self.site else { return Vec::new() };
        let others = site.editions.iter().filter(|edition| edition.id != site.conference.id);
        others.filter_map(|edition| Some((edition, self.there(edition)?))).collect()
    }

    /// Returns where this page is for another conference; `None` if the person can do nothing there.
    fn there(&self, edition: &Edition) -> Option<String> {
        let entries = self.entries_at(Some((edition.id, &edition.slug)));
        let entry = entries.iter().find(|entry| entry.here);
        // Not all settings exist for demonstrations.
        let has_page = entry.is_some() && !(edition.is_demonstration && self.nav == DeskNav::Settings);
        let page = self.person.page.as_ref().filter(|_| has_page);
        let page = page.map(|pattern| pattern.replace("{c}", &edition.slug));
        page.or_else(|| entry.or(entries.first()).map(|entry| entry.href.clone()))
    }

    /// Returns the navigation for the conference with this key and slug; `None` for pages about all conferences.
    fn entries_at(&self, conference: Option<(ConferenceId, &str)>) -> Vec<DeskEntry> {
        let mut entries = Vec::new();
        let mut add = |action, nav, label, href| {
            if self.person.may(action, conference.map(|(id, _)| id)) {
                let alarms = if nav == DeskNav::Messages { self.person.failed_mails } else { 0 };
                entries.push(DeskEntry { label, href, here: nav == self.nav, alarms });
            }
        };
        if let Some((_, slug)) = conference {
            add(Action::ReadAttendees, DeskNav::Figures, "Overview", urls::staff::figures(slug));
            add(Action::ReadAttendees, DeskNav::Attendees, "Attendees", urls::staff::attendees(slug));
            add(Action::ReadAttendees, DeskNav::Waiting, "Waiting list", urls::staff::waiting(slug));
            if self.site.as_ref().is_some_and(|site| site.has_fees) {
                add(Action::ReadAttendees, DeskNav::Owed, "Payments", urls::staff::owed(slug));
            }
            add(Action::ReadMail, DeskNav::Messages, "E-mails", urls::staff::messages(slug));
            add(Action::EditProgramme, DeskNav::Sessions, "Sessions", urls::organisers::sessions(slug));
            add(Action::EditProgramme, DeskNav::People, "People", urls::organisers::people(slug));
            add(Action::EditProgramme, DeskNav::Releases, "Publish", urls::organisers::unpublished(slug));
            add(Action::EditProgramme, DeskNav::Rooms, "Rooms", urls::organisers::rooms(slug));
            add(Action::EditProgramme, DeskNav::Topics, "Topics", urls::organisers::topics(slug));
            let kinds = urls::organisers::session_kinds(slug);
            add(Action::EditProgramme, DeskNav::SessionKinds, "Session kinds", kinds);
            add(Action::EditProgramme, DeskNav::Facts, "Conference", urls::organisers::facts(slug));
            add(Action::EditPages, DeskNav::Pages, "Pages", urls::organisers::pages(slug));
            add(Action::EditPages, DeskNav::Texts, "Texts", urls::organisers::texts(slug));
            add(Action::EditSettings, DeskNav::Settings, "Settings", urls::administration::settings(slug));
        } else {
            add(Action::ReadAttendees, DeskNav::Attendees, "Attendees", urls::staff::home());
            add(Action::EditProgramme, DeskNav::Sessions, "Sessions", urls::organisers::home());
        }
        add(Action::EditSettings, DeskNav::Administration, "Administration", urls::administration::home());
        entries
    }

    /// Whether this person may do this at the page's conference, or at any conference if the page is about all of them.
    pub fn may(&self, action: Action) -> bool {
        self.person.may(action, self.site.as_ref().map(|site| site.conference.id))
    }

    /// Returns the address of the conference's public home page, which the logo links to.
    pub fn home(&self) -> String {
        self.site.as_ref().map_or_else(urls::public::root, |site| urls::public::home(&site.conference.slug))
    }
}

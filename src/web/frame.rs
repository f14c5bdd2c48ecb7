//! The frame of every page: title, navigation, footer.

use std::sync::Arc;

use super::{App, Site};
use crate::domain::RegistrationStatus;

/// Where in the navigation a page stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nav {
    /// Nowhere.
    #[default]
    None,
    /// The conference's home.
    Home,
    /// The programme and its sessions.
    Programme,
    /// Registering.
    Register,
}

/// What a page tells the frame around it. The public frame is the same for everybody: it knows no login.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What stands in the window's title before the site's name.
    pub title: String,
    /// One or two sentences for search engines and for links that people share.
    pub description: String,
    /// The page's one address, whole; empty for pages that have none.
    pub canonical: String,
    /// Where in the navigation it stands.
    pub nav: Nav,
    /// The conference it belongs to.
    pub site: Option<Arc<Site>>,
    /// Whether somebody can register for it now.
    pub registration: Option<RegistrationStatus>,
    /// The public address of the site.
    pub public_url: Arc<str>,
    /// Whether search engines are to leave it out.
    pub private: bool,
}

impl Frame {
    /// The frame of a page of a conference.
    pub fn of(app: &App, site: &Arc<Site>, nav: Nav) -> Self {
        Self {
            title: site.conference.title.clone(),
            description: String::new(),
            canonical: String::new(),
            nav,
            site: Some(site.clone()),
            registration: Some(site.registration(app.clock.now())),
            public_url: app.public_url.clone(),
            private: true,
        }
    }

    /// The frame of a page that belongs to no conference, or must appear whatever is broken.
    pub fn plain(app: &App) -> Self {
        let site = app.sites.last_known();
        Self {
            title: String::new(),
            description: String::new(),
            canonical: String::new(),
            nav: Nav::None,
            registration: site.as_ref().map(|site| site.registration(app.clock.now())),
            site,
            public_url: app.public_url.clone(),
            private: true,
        }
    }

    /// Whether pages offer to register: a link to the form must lead to a form.
    pub fn can_register(&self) -> bool {
        self.registration.is_some_and(RegistrationStatus::can_register)
    }

    /// What a link that people share says: the page and the conference.
    pub fn shared_title(&self) -> String {
        match &self.site {
            Some(site) if self.title != site.conference.title && !self.title.is_empty() => {
                format!("{} – {} {}", self.title, site.conference.city, site.conference.year())
            }
            _ => self.title.clone(),
        }
    }

    /// What the window's title says: the page, the conference, the house.
    pub fn window_title(&self) -> String {
        let house = "Major Cities of Europe";
        match &self.site {
            Some(site) if self.title == site.conference.title => self.title.clone(),
            Some(_) if !self.title.is_empty() => format!("{} – {house}", self.shared_title()),
            None if !self.title.is_empty() => format!("{} – {house}", self.title),
            _ => house.to_owned(),
        }
    }

    /// The same with this title.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The same, to be found by search engines, at this path and with this description.
    pub fn published_at(mut self, path: &str, description: impl Into<String>) -> Self {
        self.canonical = format!("{}{path}", self.public_url);
        self.description = description.into();
        self.private = false;
        self
    }
}

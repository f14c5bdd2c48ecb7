//! The frame of every public page: title, navigation, footer.

use std::sync::Arc;

use super::{App, Site, static_files::IMAGES_SHARE_PNG};
use crate::{
    domain::{PageId, PictureSize, RegistrationStatus},
    store::{editions::Edition, sites::LinkedPage},
    urls,
};

/// The entry of the navigation to which a page belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nav {
    /// No entry.
    #[default]
    None,
    /// The home page of the conference.
    Home,
    /// The programme and its sessions.
    Programme,
    /// The people who take part in sessions.
    Speakers,
    /// The registration form and its related pages.
    Register,
    /// A page that organisers wrote, which may stand in the menu.
    Page(PageId),
}

/// The values that a page passes to the frame around it. The frame is the same for everybody, signed in or not.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's title, which comes first in the window's title.
    pub title: String,
    /// A description in one or two sentences, for search engines and for previews of shared links.
    pub description: String,
    /// The page's canonical address with scheme and host; empty if it has none.
    pub canonical: String,
    /// The current entry of the navigation.
    pub nav: Nav,
    /// The conference to which the page belongs.
    pub site: Option<Arc<Site>>,
    /// The state of registration for that conference.
    pub registration: Option<RegistrationStatus>,
    /// Whether that conference is over.
    pub is_over: bool,
    /// The public address of the site, without a final slash.
    pub public_url: Arc<str>,
    /// Whether search engines must not index the page.
    pub private: bool,
    /// The address of the whole draft, if the page shows what is not public yet. The page says so.
    pub preview: Option<String>,
}

impl Frame {
    /// Returns the frame for a page of this conference. Search engines do not index it.
    pub fn of(app: &App, site: &Arc<Site>, nav: Nav) -> Self {
        Self {
            title: site.conference.title.clone(),
            description: String::new(),
            canonical: String::new(),
            nav,
            site: Some(site.clone()),
            registration: Some(site.registration(app.clock.now())),
            is_over: site.conference.is_over(app.clock.now()),
            public_url: app.public_url.clone(),
            private: true,
            preview: None,
        }
    }

    /// Returns the frame for a page without a conference, and for error pages. It does not read the database.
    pub fn plain(app: &App) -> Self {
        let site = app.sites.last_known();
        Self {
            title: String::new(),
            description: String::new(),
            canonical: String::new(),
            nav: Nav::None,
            registration: site.as_ref().map(|site| site.registration(app.clock.now())),
            is_over: site.as_ref().is_some_and(|site| site.conference.is_over(app.clock.now())),
            site,
            public_url: app.public_url.clone(),
            private: true,
            preview: None,
        }
    }

    /// Whether pages link to the registration form. They do only while the form is shown.
    pub fn can_register(&self) -> bool {
        self.registration.is_some_and(RegistrationStatus::can_register)
    }

    /// Whether the conference is in preparation. The page says so.
    pub fn in_preparation(&self) -> bool {
        self.registration == Some(RegistrationStatus::InPreparation)
    }

    /// Returns the current conference, if this one is over.
    pub fn instead(&self) -> Option<&Edition> {
        self.site.as_ref().filter(|_| self.is_over)?.current()
    }

    /// Whether this is the page of the frame.
    pub fn shows(&self, page: &LinkedPage) -> bool {
        self.nav == Nav::Page(page.id)
    }

    /// Returns the words of the links that invite people to the registration form.
    pub fn invitation(&self) -> &'static str {
        match self.registration {
            Some(RegistrationStatus::WaitingList) => "Join the waiting list",
            _ => "Register now!",
        }
    }

    /// Returns the address of the picture for previews of shared links, with scheme and host, and what it shows.
    pub fn share_image(&self) -> (String, &str) {
        let uploaded =
            self.site.as_ref().and_then(|site| Some((&site.conference.slug, site.conference.share.as_ref()?)));
        let (path, text) = match uploaded {
            Some((slug, picture)) => {
                (urls::public::picture(slug, picture.id, PictureSize::Share), picture.text.as_str())
            }
            None => (IMAGES_SHARE_PNG.to_owned(), "Coloured squares above the roofs of a city"),
        };
        (format!("{}{path}", self.public_url), text)
    }

    /// Returns the title for previews of shared links: the page, the city and the year.
    pub fn shared_title(&self) -> String {
        match &self.site {
            Some(site) if self.title != site.conference.title && !self.title.is_empty() => {
                format!("{} – {} {}", self.title, site.conference.city, site.conference.year())
            }
            _ => self.title.clone(),
        }
    }

    /// Returns the window's title: the page, the city and the year, and "Major Cities of Europe".
    pub fn window_title(&self) -> String {
        let site_name = "Major Cities of Europe";
        match &self.site {
            Some(site) if self.title == site.conference.title => self.title.clone(),
            Some(_) if !self.title.is_empty() => format!("{} – {site_name}", self.shared_title()),
            None if !self.title.is_empty() => format!("{} – {site_name}", self.title),
            _ => site_name.to_owned(),
        }
    }

    /// Sets the title.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Records that the page, which has this title, shows what is not public yet. `whole` is the address of the whole draft.
    pub fn previewing(mut self, title: &str, whole: String) -> Self {
        self.preview = Some(whole);
        self.titled(format!("Preview: {title}"))
    }

    /// Sets the canonical path and the description, and lets search engines index the page, unless everything on it is
    /// invented or the conference is in preparation.
    pub fn published_at(mut self, path: &str, description: impl Into<String>) -> Self {
        self.canonical = format!("{}{path}", self.public_url);
        self.description = description.into();
        self.private = self.in_preparation() || self.site.as_ref().is_some_and(|site| site.conference.is_demonstration);
        self
    }
}

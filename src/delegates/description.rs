//! The descriptions of public pages, for search engines and for previews of shared links.

use askama::Template;

use crate::{
    domain::Conference,
    store::programme::{Item, people::Taking},
    web::markdown,
};

/// The description of a page (`templates/delegates/description.txt`).
#[derive(Template)]
#[template(path = "delegates/description.txt")]
pub enum Description<'a> {
    /// The home page of a conference.
    Home(&'a Conference),
    /// Its programme.
    Programme(&'a Conference),
    /// What has changed in it.
    Changes(&'a Conference),
    /// Its registration form.
    Register(&'a Conference),
    /// One of its sessions.
    Session(&'a Conference, &'a Item),
    /// The people who take part in sessions.
    Speakers(&'a Conference),
    /// One of them.
    Speaker(&'a Conference, &'a Taking),
}

impl Description<'_> {
    /// Renders the description.
    pub fn text(&self) -> askama::Result<String> {
        Ok(self.render()?.trim().to_owned())
    }
}

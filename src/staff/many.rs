//! `/staff/{c}/many`: the page between choosing many attendees and doing something with them. It says how many and who.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::query::ListQuery;
use crate::{
    access::Person,
    domain::{Action, text::grouped},
    store::registrations::attendees::{self, Filter, Found},
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, Submitted, page},
};

pub use crate::store::registrations::attendees::MOST_AT_ONCE;

/// How many names are shown; the others are counted.
const SHOWN: usize = 20;

/// The page.
#[derive(Template)]
#[template(path = "staff/many.html")]
struct ManyPage {
    desk: Desk,
    site: Arc<Site>,
    chosen: Chosen,
}

/// Attendees who were chosen in the list: by hand, or all of a view.
pub struct Chosen {
    /// The list that contains exactly them.
    pub query: ListQuery,
    /// Who they are, by name; the first [`MOST_AT_ONCE`] if there are more.
    pub people: Vec<Found>,
    /// Whether there are more. They cannot be changed then.
    pub is_too_many: bool,
}

impl Chosen {
    /// Finds the attendees of this list.
    pub async fn find(app: &App, site: &Site, query: ListQuery) -> Result<Self> {
        let mut search = attendees::search_all(&app.store).await?;
        let mut people = attendees::list_found(&mut search, &query.wanted(site.conference.id)).await?;
        let is_too_many = people.len() > MOST_AT_ONCE;
        people.truncate(MOST_AT_ONCE);
        Ok(Self { query, people, is_too_many })
    }

    /// Returns the number of people in words.
    pub fn count(&self) -> String {
        match self.people.len() {
            1 => "1 attendee".to_owned(),
            number if self.is_too_many => format!("more than {} attendees", grouped(number)),
            number => format!("{} attendees", grouped(number)),
        }
    }

    /// Whether a form can be sent for exactly these people: it was opened for them, and they are not too many.
    pub fn are_meant_by(&self, form: &Submitted) -> bool {
        !self.is_too_many && form.get("people") == self.digest()
    }

    /// Returns the names that are shown.
    pub fn names(&self) -> Vec<&str> {
        self.people.iter().take(SHOWN).map(|one| &*one.name).collect()
    }

    /// Returns how many names are not shown.
    pub fn others(&self) -> usize {
        self.people.len().saturating_sub(SHOWN)
    }

    /// Returns what identifies exactly these people, so that a form does nothing to others who have joined the list in the meantime.
    pub fn digest(&self) -> String {
        let mut ids: Vec<_> = self.people.iter().map(|one| one.id.0).collect();
        ids.sort_unstable();
        let digest = ids.iter().fold(Sha256::new(), |digest, id| digest.chain_update(id.as_bytes())).finalize();
        HEXLOWER.encode(&digest)
    }
}

/// `GET /staff/{c}/many`: `view` is the query of a list; with `scope=chosen`, only those with an `id` are meant.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let asked = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let query = if asked.get("scope") == "chosen" {
        let chosen = ListQuery::read(uri.query()).filter.chosen;
        ListQuery { filter: Filter { chosen, ..Filter::default() }, ..ListQuery::default() }
    } else {
        ListQuery::read(Some(asked.get("view")))
    };
    // Nobody was ticked.
    let is_nobody = asked.get("scope") == "chosen" && query.filter.chosen.is_empty();
    let mut chosen = Chosen::find(&app, &site, query).await?;
    if is_nobody {
        chosen.people.clear();
    }
    page(&ManyPage { desk: Desk::new(DeskNav::Attendees, Some(&site), &person), site, chosen })
}

impl ManyPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn list(&self) -> String {
        self.chosen.query.address(self.slug())
    }

    fn category(&self) -> String {
        urls::staff::many_category_of(self.slug(), &self.chosen.query.text())
    }

    fn write(&self) -> String {
        urls::staff::new_mailing_to(self.slug(), &self.chosen.query.fields())
    }

    fn file(&self) -> String {
        urls::staff::export(self.slug(), &self.chosen.query.fields())
    }

    fn cancel(&self) -> String {
        urls::staff::many_cancel_of(self.slug(), &self.chosen.query.text())
    }
}

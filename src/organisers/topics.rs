//! `/organisers/{c}/topics`: the list of topics.

use askama::Template;
use axum::extract::State;

use super::listed::{self, Removed, Row};
use crate::{
    access::Person,
    store::programme::topics::{self, ListedTopic},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/topics.html")]
struct TopicsPage {
    desk: Desk,
    new: String,
    topics: Vec<Row<ListedTopic>>,
    /// The topics that are not used any more.
    removed: Vec<Removed>,
}

/// `GET /organisers/{c}/topics`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let slug = &site.conference.slug;
    let all = topics::list(&mut *app.store.read().await?, site.conference.id).await?;
    let (topics, removed) = listed::rows(&site, all, urls::organisers::topic);
    reply::page(&TopicsPage {
        desk: Desk::new(DeskNav::Topics, Some(&site), &person),
        new: urls::organisers::new_topic(slug),
        topics,
        removed,
    })
}

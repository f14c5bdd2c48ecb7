//! `/organisers/{c}/topics`: the list of topics.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::Status,
    editing::SavedBy,
    store::programme::topics::{self, ListedTopic},
    urls,
    web::{App, Current, Desk, DeskNav, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/topics.html")]
struct TopicsPage {
    desk: Desk,
    new: String,
    topics: Vec<TopicView>,
    /// The topics that are not used any more.
    removed: Vec<TopicView>,
}

struct TopicView {
    edit: String,
    topic: ListedTopic,
    last: SavedBy,
}

/// `GET /organisers/{c}/topics`.
pub async fn get(State(app): State<App>, Current(site): Current, Person(person): Person) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let all = topics::list(&mut *app.store.read().await?, conference.id).await?;
    let views = all.into_iter().map(|topic| TopicView {
        edit: urls::organisers::topic(slug, topic.id),
        last: SavedBy::new(&conference.zone, topic.revision, topic.who.clone(), topic.changed),
        topic,
    });
    let (removed, topics) = views.partition(|view| view.topic.status == Status::Withdrawn);
    reply::page(&TopicsPage {
        desk: Desk::new(DeskNav::Topics, Some(&site), &person),
        new: urls::organisers::new_topic(slug),
        topics,
        removed,
    })
}

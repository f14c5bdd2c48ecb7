//! `/organisers/{c}/topics`: the list of topics.

use askama::Template;
use axum::extract::State;

use super::fields::Removed;
use crate::{
    access::Person,
    domain::Status,
    editing::SavedBy,
    store::programme::topics::{self, ListedTopic},
    urls,
    web::{App, Desk, DeskNav, Drafted, Result, reply},
};

#[derive(Template)]
#[template(path = "organisers/topics.html")]
struct TopicsPage {
    desk: Desk,
    new: String,
    topics: Vec<TopicView>,
    /// The topics that are not used any more.
    removed: Vec<Removed>,
}

struct TopicView {
    edit: String,
    topic: ListedTopic,
    last: SavedBy,
}

/// `GET /organisers/{c}/topics`.
pub async fn get(State(app): State<App>, Drafted(site): Drafted, Person(person): Person) -> Result {
    let (conference, slug) = (&site.conference, &site.conference.slug);
    let all = topics::list(&mut *app.store.read().await?, conference.id).await?;
    let (removed, topics): (Vec<_>, Vec<_>) = all.into_iter().partition(|topic| topic.status == Status::Withdrawn);
    let topics = topics.into_iter().map(|topic| TopicView {
        edit: urls::organisers::topic(slug, topic.id),
        last: SavedBy::new(&conference.zone, topic.revision, topic.who.clone(), topic.changed),
        topic,
    });
    let removed = removed.into_iter().map(|topic| Removed {
        edit: urls::organisers::topic(slug, topic.id),
        title: topic.title,
        unpublished: topic.unpublished,
    });
    reply::page(&TopicsPage {
        desk: Desk::new(DeskNav::Topics, Some(&site), &person),
        new: urls::organisers::new_topic(slug),
        topics: topics.collect(),
        removed: removed.collect(),
    })
}

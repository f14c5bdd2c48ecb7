//! The organisers' pages.

use super::query::with_query;
use crate::domain::{
    Day, FileId, PageId, PersonId, PictureId, PictureSize, ReleaseNumber, RevisionId, RoomId, SessionId, SessionKindId,
    TextId, TopicId,
};

links! {
    /// Redirects to the sessions.
    pub fn home() => "/organisers";
    /// The list of sessions.
    pub fn sessions(c: &str) => "/organisers/{c}/sessions";
    /// The editor of a new session.
    pub fn new_session(c: &str) => "/organisers/{c}/sessions/new";
    /// The editor of a session.
    pub fn session(c: &str, session: SessionId) => "/organisers/{c}/sessions/{session}";
    /// The revisions of a session.
    pub fn session_revisions(c: &str, session: SessionId) => "/organisers/{c}/sessions/{session}/revisions";
    /// One revision of a session.
    pub fn session_revision(c: &str, session: SessionId, revision: RevisionId) =>
        "/organisers/{c}/sessions/{session}/revisions/{revision}";
    /// What organisers should look at before they publish.
    pub fn warnings(c: &str) => "/organisers/{c}/warnings";
    /// What is not public yet, with the form that publishes it.
    pub fn unpublished(c: &str) => "/organisers/{c}/unpublished";
    /// The list of releases.
    pub fn releases(c: &str) => "/organisers/{c}/releases";
    /// A release, with the form that takes it back.
    pub fn release(c: &str, release: ReleaseNumber) => "/organisers/{c}/releases/{release}";
    /// The preview of a Markdown text.
    pub fn preview(c: &str) => "/organisers/{c}/preview";
    /// The rooms of the venue.
    pub fn rooms(c: &str) => "/organisers/{c}/rooms";
    /// The editor of a new room.
    pub fn new_room(c: &str) => "/organisers/{c}/rooms/new";
    /// The editor of a room.
    pub fn room(c: &str, room: RoomId) => "/organisers/{c}/rooms/{room}";
    /// The revisions of a room.
    pub fn room_revisions(c: &str, room: RoomId) => "/organisers/{c}/rooms/{room}/revisions";
    /// One revision of a room.
    pub fn room_revision(c: &str, room: RoomId, revision: RevisionId) =>
        "/organisers/{c}/rooms/{room}/revisions/{revision}";
    /// The topics of the conference.
    pub fn topics(c: &str) => "/organisers/{c}/topics";
    /// The editor of a new topic.
    pub fn new_topic(c: &str) => "/organisers/{c}/topics/new";
    /// The editor of a topic.
    pub fn topic(c: &str, topic: TopicId) => "/organisers/{c}/topics/{topic}";
    /// The revisions of a topic.
    pub fn topic_revisions(c: &str, topic: TopicId) => "/organisers/{c}/topics/{topic}/revisions";
    /// One revision of a topic.
    pub fn topic_revision(c: &str, topic: TopicId, revision: RevisionId) =>
        "/organisers/{c}/topics/{topic}/revisions/{revision}";
    /// The people who take part in sessions.
    pub fn people(c: &str) => "/organisers/{c}/people";
    /// The editor of a new person.
    pub fn new_person(c: &str) => "/organisers/{c}/people/new";
    /// The editor of a person.
    pub fn person(c: &str, person: PersonId) => "/organisers/{c}/people/{person}";
    /// The form that says that two people are the same.
    pub fn same_person(c: &str, person: PersonId) => "/organisers/{c}/people/{person}/same";
    /// The revisions of a person.
    pub fn person_revisions(c: &str, person: PersonId) => "/organisers/{c}/people/{person}/revisions";
    /// One revision of a person.
    pub fn person_revision(c: &str, person: PersonId, revision: RevisionId) =>
        "/organisers/{c}/people/{person}/revisions/{revision}";
    /// A picture, public or not.
    pub fn picture(c: &str, picture: PictureId, size: PictureSize) => "/organisers/{c}/pictures/{picture}/{size}";
    /// A file, public or not.
    pub fn file(c: &str, file: FileId) => "/organisers/{c}/files/{file}";
    /// The kinds of sessions.
    pub fn session_kinds(c: &str) => "/organisers/{c}/session-kinds";
    /// The editor of a new kind of session.
    pub fn new_session_kind(c: &str) => "/organisers/{c}/session-kinds/new";
    /// The editor of a kind of session.
    pub fn session_kind(c: &str, session_kind: SessionKindId) => "/organisers/{c}/session-kinds/{session_kind}";
    /// The revisions of a kind of session.
    pub fn session_kind_revisions(c: &str, session_kind: SessionKindId) =>
        "/organisers/{c}/session-kinds/{session_kind}/revisions";
    /// One revision of a kind of session.
    pub fn session_kind_revision(c: &str, session_kind: SessionKindId, revision: RevisionId) =>
        "/organisers/{c}/session-kinds/{session_kind}/revisions/{revision}";
    /// The editor of the conference's facts.
    pub fn facts(c: &str) => "/organisers/{c}/facts";
    /// The revisions of the facts.
    pub fn facts_revisions(c: &str) => "/organisers/{c}/facts/revisions";
    /// One revision of the facts.
    pub fn facts_revision(c: &str, revision: RevisionId) => "/organisers/{c}/facts/revisions/{revision}";
    /// The form that moves all sessions by a number of days.
    pub fn move_sessions(c: &str) => "/organisers/{c}/facts/move";
    /// The list of pages.
    pub fn pages(c: &str) => "/organisers/{c}/pages";
    /// The editor of a new page.
    pub fn new_page(c: &str) => "/organisers/{c}/pages/new";
    /// The editor of a page.
    pub fn page(c: &str, page: PageId) => "/organisers/{c}/pages/{page}";
    /// The revisions of a page.
    pub fn page_revisions(c: &str, page: PageId) => "/organisers/{c}/pages/{page}/revisions";
    /// One revision of a page.
    pub fn page_revision(c: &str, page: PageId, revision: RevisionId) =>
        "/organisers/{c}/pages/{page}/revisions/{revision}";
    /// The list of texts.
    pub fn texts(c: &str) => "/organisers/{c}/texts";
    /// The editor of a text.
    pub fn text(c: &str, text: TextId) => "/organisers/{c}/texts/{text}";
    /// The preview of a text.
    pub fn text_preview(c: &str, text: TextId) => "/organisers/{c}/texts/{text}/preview";
    /// The revisions of a text.
    pub fn text_revisions(c: &str, text: TextId) => "/organisers/{c}/texts/{text}/revisions";
    /// One revision of a text.
    pub fn text_revision(c: &str, text: TextId, revision: RevisionId) =>
        "/organisers/{c}/texts/{text}/revisions/{revision}";
}

/// The list of sessions with these filters.
pub fn sessions_filtered(c: &str, filters: &[(&'static str, String)]) -> String {
    with_query(sessions(c), filters)
}

/// The form that moves all sessions, with a notice of how many were moved.
pub fn move_sessions_after(c: &str, count: usize) -> String {
    format!("{}?moved={count}", move_sessions(c))
}

/// What is not public yet, with a notice of what was done.
pub fn unpublished_after(c: &str, done: &str) -> String {
    format!("{}?done={done}", unpublished(c))
}

/// The list of releases, with a notice of the one that was just made.
pub fn releases_after(c: &str, made: ReleaseNumber) -> String {
    format!("{}?made={made}", releases(c))
}

/// The releases before this one.
pub fn releases_before(c: &str, release: ReleaseNumber) -> String {
    format!("{}?before={release}", releases(c))
}

/// The editor of a new session on this day.
pub fn new_session_on(c: &str, day: Day) -> String {
    format!("{}?day={}", new_session(c), day.iso())
}

//! The editors.

use crate::domain::{Day, PageId, RevisionId, SessionId};

links! {
    /// The way to the sessions.
    pub fn home() => "/organisers";
    /// All sessions, to edit.
    pub fn sessions(c: &str) => "/organisers/{c}/sessions";
    /// A new session.
    pub fn new_session(c: &str) => "/organisers/{c}/sessions/new";
    /// One session, to edit.
    pub fn session(c: &str, session: SessionId) => "/organisers/{c}/sessions/{session}";
    /// The saved states of a session.
    pub fn session_revisions(c: &str, session: SessionId) => "/organisers/{c}/sessions/{session}/revisions";
    /// One saved state of a session.
    pub fn session_revision(c: &str, session: SessionId, revision: RevisionId) =>
        "/organisers/{c}/sessions/{session}/revisions/{revision}";
    /// Markdown text shown as it will look.
    pub fn preview(c: &str) => "/organisers/{c}/preview";
    /// The rooms of the venue.
    pub fn rooms(c: &str) => "/organisers/{c}/rooms";
    /// All pages, to edit.
    pub fn pages(c: &str) => "/organisers/{c}/pages";
    /// A new page.
    pub fn new_page(c: &str) => "/organisers/{c}/pages/new";
    /// One page, to edit.
    pub fn page(c: &str, page: PageId) => "/organisers/{c}/pages/{page}";
    /// The saved states of a page.
    pub fn page_revisions(c: &str, page: PageId) => "/organisers/{c}/pages/{page}/revisions";
    /// One saved state of a page.
    pub fn page_revision(c: &str, page: PageId, revision: RevisionId) =>
        "/organisers/{c}/pages/{page}/revisions/{revision}";
}

/// A new session on this day.
pub fn new_session_on(c: &str, day: Day) -> String {
    format!("{}?day={}", new_session(c), day.iso())
}

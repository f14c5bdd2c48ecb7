//! The staff desk.

use super::query::with_query;
use crate::domain::{AttendeeId, MessageId};

links! {
    /// The way to the attendees.
    pub fn home() => "/staff";
    /// All attendees of a conference.
    pub fn attendees(c: &str) => "/staff/{c}/attendees";
    fn whole_list(c: &str) => "/staff/{c}/attendees.csv";
    /// One attendee.
    pub fn attendee(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}";
    /// An attendee's dietary and access needs.
    pub fn needs(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/needs";
    /// Correcting an attendee.
    pub fn correct(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/correct";
    /// Cancelling an attendee.
    pub fn cancel(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/cancel";
    /// Undoing that.
    pub fn reinstate(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/reinstate";
    /// Sends an attendee's confirmation again, or the contact's.
    pub fn resend(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/resend";
    /// The mails of a conference and their states.
    pub fn messages(c: &str) => "/staff/{c}/messages";
    /// Releases or discards held mails.
    pub fn messages_held(c: &str) => "/staff/{c}/messages/held";
    /// Sends one mail again.
    pub fn message_again(c: &str, message: MessageId) => "/staff/{c}/messages/{message}/again";
}

/// Those of the attendees whom these fields ask for.
pub fn attendees_where(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(attendees(c), fields)
}

/// The same as a file for spreadsheets.
pub fn attendees_csv(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(whole_list(c), fields)
}

/// One attendee, after something was done.
pub fn attendee_done(c: &str, attendee_id: AttendeeId, done: &str) -> String {
    format!("{}?done={done}", attendee(c, attendee_id))
}

/// The mails in one state, from one on into the past.
pub fn messages_shown(c: &str, state: Option<&str>, before: Option<MessageId>) -> String {
    let fields = [("state", state.map(str::to_owned)), ("before", before.map(|message| message.to_string()))];
    let given: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    with_query(messages(c), &given)
}

/// The mails in one state, after something was done with some of them.
pub fn messages_after(c: &str, state: Option<&str>, done: &str) -> String {
    let state = state.map_or_else(String::new, |state| format!("state={state}&"));
    format!("{}?{state}done={done}", messages(c))
}

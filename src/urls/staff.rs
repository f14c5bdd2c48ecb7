//! The staff desk.

use super::query::with_query;
use crate::domain::{AttendeeId, AttendeeNoteId, BatchId, MessageId, PaymentId, RegistrationId, SavedViewId};

links! {
    /// The desk's home page.
    pub fn home() => "/staff";
    /// The figures of a conference.
    pub fn figures(c: &str) => "/staff/{c}";
    /// The list of a conference's attendees.
    pub fn attendees(c: &str) => "/staff/{c}/attendees";
    fn whole_list(c: &str) => "/staff/{c}/attendees.csv";
    /// One attendee.
    pub fn attendee(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}";
    /// The lists of attendees that have a name.
    pub fn views(c: &str) => "/staff/{c}/views";
    /// Removes the name of a list.
    pub fn view_remove(c: &str, view: SavedViewId) => "/staff/{c}/views/{view}/remove";
    /// The page about many attendees who were chosen in the list.
    pub fn many(c: &str) => "/staff/{c}/many";
    fn many_cancel(c: &str) => "/staff/{c}/many/cancel";
    /// What was done to many attendees at once.
    pub fn batch(c: &str, batch: BatchId) => "/staff/{c}/batches/{batch}";
    /// Undoes what was done to many attendees.
    pub fn batch_undo(c: &str, batch: BatchId) => "/staff/{c}/batches/{batch}/undo";
    /// Puts those who could not return on the waiting list.
    pub fn batch_wait(c: &str, batch: BatchId) => "/staff/{c}/batches/{batch}/wait";
    /// An attendee's dietary and access needs.
    pub fn needs(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/needs";
    /// Adds a note about an attendee.
    pub fn notes(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/notes";
    /// Removes a note about an attendee.
    pub fn note_remove(c: &str, attendee: AttendeeId, note: AttendeeNoteId) => "/staff/{c}/attendees/{attendee}/notes/{note}/remove";
    /// The form that corrects an attendee.
    pub fn correct(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/correct";
    /// The page that cancels an attendee.
    pub fn cancel(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/cancel";
    /// The page that undoes a cancellation.
    pub fn reinstate(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/reinstate";
    /// The form that sets what remains owed for an attendee who is cancelled.
    pub fn remaining(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/remaining";
    /// What registrations owe and have paid.
    pub fn owed(c: &str) => "/staff/{c}/owed";
    /// What one registration owes and has paid.
    pub fn amounts(c: &str, registration: RegistrationId) => "/staff/{c}/registrations/{registration}/amounts";
    /// The page that reverses a payment.
    pub fn reverse_payment(c: &str, registration: RegistrationId, payment: PaymentId) =>
        "/staff/{c}/registrations/{registration}/payments/{payment}/reverse";
    /// Sends an attendee's confirmation again, or the contact's.
    pub fn resend(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/resend";
    /// The waiting list.
    pub fn waiting(c: &str) => "/staff/{c}/waiting";
    /// The mails of a conference and their status.
    pub fn messages(c: &str) => "/staff/{c}/messages";
    /// Releases or discards held mails.
    pub fn messages_held(c: &str) => "/staff/{c}/messages/held";
    /// One mail and its status.
    pub fn message(c: &str, message: MessageId) => "/staff/{c}/messages/{message}";
    /// Sends one mail again.
    pub fn message_again(c: &str, message: MessageId) => "/staff/{c}/messages/{message}/again";
}

/// The list of attendees with this query.
pub fn attendees_where(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(attendees(c), fields)
}

/// The page that gives the list with this query a name.
pub fn views_for(c: &str, query: &str) -> String {
    format!("{}?{query}", views(c))
}

/// The page that cancels the attendees of the list with this query.
pub fn many_cancel_of(c: &str, query: &str) -> String {
    format!("{}?{query}", many_cancel(c))
}

/// One attendee, with the query of the list that the page leads back to.
pub fn attendee_of_list(c: &str, id: AttendeeId, query: &str) -> String {
    if query.is_empty() { attendee(c, id) } else { with_query(attendee(c, id), &[("list", query.to_owned())]) }
}

/// The same list as a file for spreadsheets.
pub fn attendees_csv(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(whole_list(c), fields)
}

/// One attendee with a notice of what was done.
pub fn attendee_done(c: &str, attendee_id: AttendeeId, done: &str) -> String {
    format!("{}?done={done}", attendee(c, attendee_id))
}

/// The waiting list, with the form that moves this attendee to the front of the queue.
pub fn waiting_to_front(c: &str, attendee: AttendeeId) -> String {
    format!("{}?attendee={attendee}&position=1#attendee", waiting(c))
}

/// The waiting list with a notice of what was done.
pub fn waiting_done(c: &str) -> String {
    format!("{}?done=moved", waiting(c))
}

/// The mails with one status that are older than a given mail.
pub fn messages_shown(c: &str, state: Option<&str>, before: Option<MessageId>) -> String {
    let fields = [("state", state.map(str::to_owned)), ("before", before.map(|message| message.to_string()))];
    let given: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    with_query(messages(c), &given)
}

/// The mails with one status and a notice of what was done.
pub fn messages_after(c: &str, state: Option<&str>, done: &str) -> String {
    let state = state.map_or_else(String::new, |state| format!("state={state}&"));
    format!("{}?{state}done={done}", messages(c))
}

/// What one registration owes, with a notice of what was done.
pub fn amounts_done(c: &str, registration: RegistrationId, done: &str) -> String {
    format!("{}?done={done}", amounts(c, registration))
}

/// What registrations owe, with a filter, from the one after this.
pub fn owed_shown(c: &str, show: &str, after: Option<RegistrationId>) -> String {
    let after = after.map(|after| ("after", after.to_string()));
    let fields: Vec<_> = [("show", show.to_owned())].into_iter().chain(after).collect();
    with_query(owed(c), &fields)
}

//! The staff desk.

use super::query::with_query;
use crate::domain::{
    AttendeeId, AttendeeNoteId, BatchId, CategoryId, MailTemplateId, MailingId, MessageId, PaymentId, RegistrationId,
    SavedViewId,
};

links! {
    /// The desk's home page.
    pub fn home() => "/staff";
    /// The figures of a conference.
    pub fn figures(c: &str) => "/staff/{c}";
    /// The list of a conference's attendees.
    pub fn attendees(c: &str) => "/staff/{c}/attendees";
    /// A view as a file for spreadsheets, separated by commas or other characters.
    pub fn attendees_csv(c: &str) => "/staff/{c}/attendees.csv";
    /// A view as a workbook.
    pub fn attendees_xlsx(c: &str) => "/staff/{c}/attendees.xlsx";
    fn export_any(c: &str) => "/staff/{c}/export";
    fn printed_any(c: &str) => "/staff/{c}/printed";
    /// The form that registers somebody for a caller.
    pub fn register(c: &str) => "/staff/{c}/attendees/new";
    /// One attendee.
    pub fn attendee(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}";
    /// The lists of attendees that have a name.
    pub fn views(c: &str) => "/staff/{c}/views";
    /// Removes the name of a list.
    pub fn view_remove(c: &str, view: SavedViewId) => "/staff/{c}/views/{view}/remove";
    /// The page about many attendees who were chosen in the list.
    pub fn many(c: &str) => "/staff/{c}/many";
    fn many_cancel(c: &str) => "/staff/{c}/many/cancel";
    fn many_category(c: &str) => "/staff/{c}/many/category";
    /// What was done to many attendees at once.
    pub fn batch(c: &str, batch: BatchId) => "/staff/{c}/batches/{batch}";
    /// Undoes what was done to many attendees.
    pub fn batch_undo(c: &str, batch: BatchId) => "/staff/{c}/batches/{batch}/undo";
    /// Puts those who could not return on the waiting list.
    pub fn batch_wait(c: &str, batch: BatchId) => "/staff/{c}/batches/{batch}/wait";
    /// An attendee's dietary and access needs.
    pub fn needs(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/needs";
    /// Removes a note about an attendee.
    pub fn note_remove(c: &str, attendee: AttendeeId, note: AttendeeNoteId) => "/staff/{c}/attendees/{attendee}/notes/{note}/remove";
    /// The form that corrects an attendee.
    pub fn correct(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/correct";
    /// The form that changes an attendee's category and answers.
    pub fn choices(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/choices";
    /// The page that answers the offer of a place for an attendee.
    pub fn offer(c: &str, attendee: AttendeeId) => "/staff/{c}/attendees/{attendee}/offer";
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
    /// The form that adds a person to a registration.
    pub fn add(c: &str, registration: RegistrationId) => "/staff/{c}/registrations/{registration}/add";
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
    /// Makes the mails due that wait for another attempt.
    pub fn messages_now(c: &str) => "/staff/{c}/messages/now";
    /// Marks failed mails as dealt with.
    pub fn messages_dealt_with(c: &str) => "/staff/{c}/messages/dealt-with";
    /// The form for a mailing.
    pub fn new_mailing(c: &str) => "/staff/{c}/messages/new";
    /// The mailings.
    pub fn mailings(c: &str) => "/staff/{c}/mailings";
    /// One mailing.
    pub fn mailing(c: &str, mailing: MailingId) => "/staff/{c}/mailings/{mailing}";
    /// The texts for mailings.
    pub fn mail_templates(c: &str) => "/staff/{c}/mail-templates";
    /// The form for a new text.
    pub fn new_mail_template(c: &str) => "/staff/{c}/mail-templates/new";
    /// One text.
    pub fn mail_template(c: &str, mail_template: MailTemplateId) => "/staff/{c}/mail-templates/{mail_template}";
    /// The page that removes a text.
    pub fn remove_mail_template(c: &str, mail_template: MailTemplateId) =>
        "/staff/{c}/mail-templates/{mail_template}/remove";
    /// Corrects the address of a failed mail and sends it again.
    pub fn message_correct(c: &str, message: MessageId) => "/staff/{c}/messages/{message}/correct";
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

/// The page that changes the category of the attendees of the list with this query.
pub fn many_category_of(c: &str, query: &str) -> String {
    format!("{}?{query}", many_category(c))
}

/// The page that cancels the attendees of the list with this query.
pub fn many_cancel_of(c: &str, query: &str) -> String {
    format!("{}?{query}", many_cancel(c))
}

/// One attendee, with the query of the list that the page leads back to.
pub fn attendee_of_list(c: &str, id: AttendeeId, query: &str) -> String {
    if query.is_empty() { attendee(c, id) } else { with_query(attendee(c, id), &[("list", query.to_owned())]) }
}

/// The page that asks what a file of this view contains.
pub fn export(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(export_any(c), fields)
}

/// This view as a list for paper.
pub fn printed(c: &str, list: &'static str, fields: &[(&'static str, String)]) -> String {
    let list = ("list", list.to_owned());
    with_query(printed_any(c), &[&[list], fields].concat())
}

/// One attendee with a notice of what was done.
pub fn attendee_done(c: &str, attendee_id: AttendeeId, done: &str) -> String {
    format!("{}?done={done}", attendee(c, attendee_id))
}

/// The page that changes the answers about an attendee's registration.
pub fn registration_choices(c: &str, attendee: AttendeeId) -> String {
    format!("{}?about=registration", choices(c, attendee))
}

/// The waiting list, with the form that moves this attendee to the front of the queue.
pub fn waiting_to_front(c: &str, attendee: AttendeeId) -> String {
    format!("{}?attendee={attendee}&position=1#attendee", waiting(c))
}

/// The waiting list with a notice that this attendee was moved.
pub fn moved_in_waiting(c: &str, attendee: AttendeeId) -> String {
    format!("{}?moved={attendee}", waiting(c))
}

/// The queue of a category from this position on.
pub fn waiting_from(c: &str, category: CategoryId, from: i64) -> String {
    format!("{}?category={category}&from={from}", waiting(c))
}

/// The mails with this query.
pub fn messages_where(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(messages(c), fields)
}

/// The mails of one mailing.
pub fn messages_of(c: &str, mailing: MailingId, state: Option<&str>) -> String {
    let state = state.map(|state| ("state", state.to_owned()));
    with_query(messages(c), &state.into_iter().chain([("mailing", mailing.to_string())]).collect::<Vec<_>>())
}

/// One mail with a notice of what was done.
pub fn message_done(c: &str, message_id: MessageId, done: &str) -> String {
    format!("{}?done={done}", message(c, message_id))
}

/// The form for a mailing to the view with this query.
pub fn new_mailing_to(c: &str, fields: &[(&'static str, String)]) -> String {
    with_query(new_mailing(c), fields)
}

/// One mailing with a notice of what was done.
pub fn mailing_done(c: &str, mailing_id: MailingId, done: &str) -> String {
    format!("{}?done={done}", mailing(c, mailing_id))
}

/// The texts for mailings with a notice of what was done.
pub fn mail_templates_done(c: &str, done: &str) -> String {
    format!("{}?done={done}", mail_templates(c))
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

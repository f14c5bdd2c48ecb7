//! The staff desk: the attendees, their mails, what staff write to them, their needs, what they owe, and the waiting list.

pub mod add;
mod alike;
pub mod amounts;
pub mod attendee;
pub mod attendees;
pub mod batch;
pub mod cancel;
mod chart;
pub mod choices;
pub mod correct;
pub mod correct_address;
pub mod dealing;
pub mod export;
mod fields;
pub mod figures;
pub mod held;
pub mod home;
mod list_filters;
pub mod mail_template;
pub mod mail_templates;
pub mod mailing;
mod mailing_form;
mod mailing_preview;
pub mod mailings;
pub mod many;
pub mod many_cancel;
pub mod many_category;
pub mod message;
pub mod messages;
pub mod needs;
pub mod new_mailing;
pub mod notes;
pub mod offer;
pub mod owed;
pub mod printed;
mod query;
pub mod register;
pub mod reinstate;
pub mod remaining;
pub mod remove_mail_template;
pub mod resend;
pub mod reverse_payment;
mod rules;
pub mod view;
pub mod views;
pub mod waiting;

use crate::{
    domain::AttendeeId,
    store::registrations::attendees::{Detail, find},
    web::{App, AppError, Result, Site},
};

/// Returns the attendee in an address if they are registered for this conference.
async fn attendee_of(app: &App, site: &Site, id: AttendeeId) -> Result<Detail> {
    find(&mut *app.store.read().await?, site.conference.id, id).await?.ok_or(AppError::NotFound)
}

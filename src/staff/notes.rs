//! Adds and removes notes about an attendee, on the attendee's page.

use axum::extract::State;

use super::{attendee::AttendeePage, attendee_of};
use crate::{
    access::Person,
    domain::{AttendeeId, AttendeeNoteId, StaffNote},
    store::registrations::attendees::{add_note, remove_note},
    urls,
    web::{App, Current, Missing, Named, Result, Submitted, see_other, unprocessable},
};

/// `POST /staff/{c}/attendees/{attendee}`: adds a note. It has the address of the page, so that the note survives the end of a login.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    form: Submitted,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let mut again = AttendeePage::of(&app, &person, &site, detail.clone()).await?;
    again.form = form;
    let parsed = StaffNote::parse(again.form.get("note"));
    let Some(note) = again.errors.check_required("note", parsed, Missing::Note) else { return unprocessable(&again) };
    let mut tx = app.store.begin().await?;
    add_note(&mut tx, &detail, &note, person.account, app.clock.now()).await?;
    tx.commit().await?;
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, attendee, "noted")))
}

/// `POST /staff/{c}/attendees/{attendee}/notes/{note}/remove`. Nothing happens if somebody else has removed it.
pub async fn remove(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    Named(note): Named<AttendeeNoteId>,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let mut tx = app.store.begin().await?;
    remove_note(&mut tx, &detail, note, person.account).await?;
    tx.commit().await?;
    Ok(see_other(&urls::staff::attendee_done(&site.conference.slug, attendee, "note-removed")))
}

//! `/administration/{c}/mails`: which mails a conference sends.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, SignedIn},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    mail,
    store::{
        audit::{self, Actor, Entry},
        mail_settings,
    },
    urls,
    web::{App, Current, Desk, DeskNav, Errors, Result, Site, Submitted, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/mails.html")]
struct MailsPage {
    desk: Desk,
    site: Arc<Site>,
    form: Submitted,
    /// The form cannot have any: what it does not know is ignored.
    errors: Errors,
    saved: bool,
    /// The conflict that this person has to decide, if somebody else has saved since the form was opened.
    conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
}

/// The kinds that are sent.
const FIELDS: [Field; 1] = [Field::list("sent", "Mails that are sent", entered)];

/// Reads the ticked kinds, in their order on the page.
fn entered(values: &[&str]) -> Vec<String> {
    let ticked = |kind: &str| values.iter().any(|value| value.split_whitespace().any(|one| one == kind));
    mail::optional_kinds().filter(|(kind, _)| ticked(kind)).map(|(kind, _)| kind.to_owned()).collect()
}

/// `GET /administration/{c}/mails`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
    uri: Uri,
) -> Result {
    let off = mail_settings::list_off(&mut *app.store.read().await?, site.conference.id).await?;
    let form = shared_form::opened(&FIELDS, &without(&off));
    let mut again = MailsPage::of(&person, site, Merged::alone(form));
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    again.saved = uri.query() == Some("done=saved");
    page(&again)
}

/// `POST /administration/{c}/mails`.
pub async fn post(State(app): State<App>, Person(person): Person, Current(site): Current, form: Submitted) -> Result {
    let mut tx = app.store.begin().await?;
    let before = without(&mail_settings::list_off_to_change(&mut tx, site.conference.id).await?);
    let again = MailsPage::of(&person, site, Merged::said(&FIELDS, &before, form, say));
    if again.is_fresh {
        return reply::conflict(&again);
    }
    let conference = again.site.conference.id;
    let sent = entered(&again.form.all("sent").collect::<Vec<_>>());
    let optional: Vec<_> = mail::optional_kinds().map(|(kind, _)| kind).collect();
    let off: Vec<_> = optional.iter().copied().filter(|kind| !sent.iter().any(|one| one == kind)).collect();
    mail_settings::keep_off(&mut tx, conference, &optional, &off).await?;
    let changes = shared_form::changes_said(&FIELDS, &before, &shown(sent), say);
    let entry = Entry::of(AuditKind::MailSettingsChanged, Actor::Account(person.account));
    audit::note(&mut tx, Entry { conference: Some(conference), changes: &changes, ..entry }).await?;
    tx.commit().await?;
    Ok(see_other(&urls::administration::mails_saved(&again.site.conference.slug)))
}

/// Returns the kinds that are sent, in the field of the form.
fn without(off: &[String]) -> Submitted {
    let sent = mail::optional_kinds().filter(|(kind, _)| !off.iter().any(|one| one == kind));
    shown(sent.map(|(kind, _)| kind.to_owned()))
}

fn shown(sent: impl IntoIterator<Item = String>) -> Submitted {
    Submitted::of(sent.into_iter().map(|kind| ("sent", kind)))
}

/// Returns the kinds in words.
fn say(_: &Field, kinds: &str) -> String {
    kinds.lines().map(mail::kind_title).collect::<Vec<_>>().join(", ")
}

impl MailsPage {
    fn of(person: &SignedIn, site: Arc<Site>, Merged { form, conflict, is_fresh }: Merged) -> Self {
        let desk = Desk::new(DeskNav::Settings, Some(&site), person);
        Self { desk, site, form, errors: Errors::default(), saved: false, conflict, is_fresh }
    }

    fn here(&self) -> String {
        urls::administration::mails(&self.site.conference.slug)
    }
}

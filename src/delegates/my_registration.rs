//! `/{c}/my-registration`: sends somebody their manage links again. The response is the same whether or not somebody is
//! registered with the address.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::limits;
use crate::{
    domain::{AuditKind, ConferenceId, EmailAddress},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, Kind, LinkData, NewMessage},
        registrations::links,
    },
    web::{App, Current, Errors, Frame, Missing, Nav, Result, Site, Submitted, Visitor, page, unprocessable},
};

/// The page that asks for the address.
#[derive(Template)]
#[template(path = "delegates/my_registration.html")]
struct MyRegistrationPage {
    frame: Frame,
    site: Arc<Site>,
    form: Submitted,
    errors: Errors,
}

/// The page that says that the mail is on its way.
#[derive(Template)]
#[template(path = "delegates/my_registration_asked.html")]
struct AskedPage {
    frame: Frame,
    site: Arc<Site>,
    email: EmailAddress,
}

/// `GET /{c}/my-registration`.
pub async fn get(State(app): State<App>, Current(site): Current) -> Result {
    page(&MyRegistrationPage::of(&app, site, Submitted::default(), Errors::default()))
}

/// `POST /{c}/my-registration`.
pub async fn post(State(app): State<App>, Current(site): Current, visitor: Visitor, form: Submitted) -> Result {
    let mut errors = Errors::default();
    let email = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::YourEmail);
    let Some(email) = email else {
        return unprocessable(&MyRegistrationPage::of(&app, site, form, errors));
    };
    limits::ask_for_link(&mut *app.store.read().await?, visitor).await?;
    let conference = site.conference.id;
    let frame = Frame::of(&app, &site, Nav::Register).titled("Check your e-mail");
    let answer = AskedPage { frame, site, email: email.clone() };
    // The address is looked up after the response, so that the response time does not reveal whether somebody is registered.
    tokio::spawn(async move {
        if let Err(error) = send_links(&app, conference, &email).await {
            tracing::error!(%error, "the links that somebody asked for could not be queued");
        }
    });
    page(&answer)
}

/// Queues the mail if anybody is registered with the address. It is sent to the address as it is stored, even if the person
/// typed another spelling.
async fn send_links(app: &App, conference: ConferenceId, email: &EmailAddress) -> Result<(), sqlx::Error> {
    let mut tx = app.store.begin().await?;
    let readers = links::list_readers(&mut tx, conference, email.normalised()).await?;
    let Some(first) = readers.first() else { return Ok(()) };
    if !limits::send_link(&mut tx, &first.email).await? {
        return Ok(());
    }
    let about = (conference, first.subject.registration);
    let data =
        LinkData { readers: readers.iter().map(|one| (one.subject.registration, one.subject.attendee)).collect() };
    outbox::enqueue(&mut tx, NewMessage::about(about, first.subject.attendee, Kind("link"), &first.email, data))
        .await?;
    for reader in &readers {
        let entry = Entry {
            conference: Some(conference),
            registration: Some(reader.subject.registration),
            attendee: reader.subject.attendee,
            ..Entry::of(AuditKind::LinkAsked, Actor::Delegate)
        };
        audit::note(&mut tx, entry).await?;
    }
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(())
}

impl MyRegistrationPage {
    fn of(app: &App, site: Arc<Site>, form: Submitted, errors: Errors) -> Self {
        let frame = Frame::of(app, &site, Nav::Register).titled("Send me my link again");
        Self { frame, site, form, errors }
    }
}

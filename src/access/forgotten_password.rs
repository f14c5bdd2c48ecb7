//! `/forgotten-password`: asks for a link by mail. The response is the same whether or not the address has an account.

use askama::Template;
use axum::extract::State;

use super::limits;
use crate::{
    domain::{AuditKind, EmailAddress},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, Kind, NewMessage},
        people::accounts,
        rate_limits::Attempt,
    },
    web::{App, AppError, Errors, Frame, Missing, Result, Submitted, Visitor, page, unprocessable},
};

/// The page that asks for the address.
#[derive(Template)]
#[template(path = "access/forgotten_password.html")]
struct ForgottenPasswordPage {
    frame: Frame,
    form: Submitted,
    errors: Errors,
}

/// The page that says that the link is on its way.
#[derive(Template)]
#[template(path = "access/forgotten_password_asked.html")]
struct AskedPage {
    frame: Frame,
    email: EmailAddress,
}

/// `GET /forgotten-password`.
pub async fn get(State(app): State<App>) -> Result {
    page(&ForgottenPasswordPage {
        frame: Frame::plain(&app).titled("Forgotten password"),
        form: Submitted::default(),
        errors: Errors::default(),
    })
}

/// `POST /forgotten-password`.
pub async fn post(State(app): State<App>, visitor: Visitor, form: Submitted) -> Result {
    let mut errors = Errors::default();
    let email = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::YourEmail);
    let Some(email) = email else {
        let frame = Frame::plain(&app).titled("Forgotten password");
        return unprocessable(&ForgottenPasswordPage { frame, form, errors });
    };
    if let Attempt::TooMany { retry_after } = limits::ask_for_link(&mut *app.store.read().await?, visitor).await? {
        return Err(AppError::TooMany { retry_after });
    }
    let answer = AskedPage { frame: Frame::plain(&app).titled("Check your e-mail"), email: email.clone() };
    // The mail is queued after the response, so that the response time does not reveal whether there is an account.
    tokio::spawn(async move {
        if let Err(error) = send_link(&app, &email).await {
            tracing::error!(%error, "a link to set a password could not be queued");
        }
    });
    page(&answer)
}

/// Queues the mail if there is an account. It is sent to the address as it is stored in the account, even if the person
/// typed another spelling.
async fn send_link(app: &App, email: &EmailAddress) -> Result<(), sqlx::Error> {
    let mut tx = app.store.begin().await?;
    let Some(known) = accounts::find_by_email(&mut tx, email).await? else { return Ok(()) };
    if !limits::send_link(&mut tx, &known.email).await? {
        return Ok(());
    }
    outbox::enqueue(
        &mut tx,
        NewMessage {
            kind: Kind("set_password"),
            recipient: &known.email,
            conference: None,
            registration: None,
            attendee: None,
            account: Some(known.account),
            data: accounts::LinkPurpose::Forgotten.as_data(),
        },
    )
    .await?;
    let entry = Entry { subject: Some(known.account.0), ..Entry::of(AuditKind::PasswordLinkAsked, Actor::Program) };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(())
}

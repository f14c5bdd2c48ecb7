//! The main button: from a form in order to a kept registration, or to the page that says why not.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use sqlx::PgConnection;

use super::{
    NotNowPage, RegisterPage, Remark, WhyNot,
    judge::{self, Said},
    limits::{self, Wait},
    out_of_time, people, shown_notice,
};
use crate::{
    domain::{Reference, Registration, RevisionId, SubmissionId},
    store::{
        categories::{self, Offer},
        links::{self, Purpose, Subject},
        registrations::{self, KeepError, Submission},
    },
    urls,
    web::{App, Errors, Frame, Nav, Result, Site, Submitted, Visitor, page, see_other, unprocessable},
};

/// The same rendering of the form came back with other words: did they mean to register again?
#[derive(Template)]
#[template(path = "delegates/register/twice.html")]
struct TwicePage {
    frame: Frame,
    site: Arc<Site>,
    form: Submitted,
    reference: Reference,
    first: String,
    submission: SubmissionId,
}

/// Keeps what the form says.
pub async fn keep(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    visitor: Visitor,
    form: Submitted,
    offer: Offer,
) -> Result {
    let judged = judge::judge(&form, &offer);
    // An unreadable number is no rendering of ours; what comes with it is kept once all the same.
    let submission = form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new());
    if let Some(why) = out_of_time(app, &site) {
        // Sent in time and once more now: the first result still holds.
        if let Ok(registration) = &judged
            && let Some(receipt) = sent_before(conn, &site, submission, registration).await?
        {
            return Ok(see_other(&receipt));
        }
        return unprocessable(&NotNowPage::new(app, site, why));
    }
    if let Some(form) = people::with_oneself_first(&form) {
        return RegisterPage::new(app, conn, site, form, &offer).await?.remarking(Remark::Moved).again();
    }
    let registration = match judged {
        Ok(registration) => registration,
        Err(errors) => return RegisterPage::new(app, conn, site, form, &offer).await?.wrong(errors, &offer).again(),
    };
    if !form.get(TRAP).is_empty() {
        return RegisterPage::new(app, conn, site, form, &offer).await?.remarking(Remark::Trap).again();
    }
    let Some(privacy) = shown_notice(conn, &site, &form, &offer).await? else {
        return RegisterPage::new(app, conn, site, form, &offer).await?.remarking(Remark::Privacy).again();
    };
    let Err(wait) = limits::take(conn, visitor, &registration).await? else {
        return write(app, conn, site, form, &registration, submission, privacy).await;
    };
    if let Some(receipt) = sent_before(conn, &site, submission, &registration).await? {
        return Ok(see_other(&receipt));
    }
    let shown = RegisterPage::new(app, conn, site, form, &offer).await?;
    match wait {
        Wait::Network(seconds) => shown.remarking(Remark::Wait(seconds.div_ceil(60))).again(),
        Wait::Recipient(errors) => shown.wrong(errors, &offer).again(),
    }
}

/// The field that people do not see.
const TRAP: &str = "motto";

async fn write(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    form: Submitted,
    registration: &Registration,
    submission: SubmissionId,
    privacy: RevisionId,
) -> Result {
    let kept = Submission {
        conference: site.conference.id,
        registration,
        id: submission,
        privacy,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
    };
    match registrations::keep(conn, kept).await {
        Ok(kept) => {
            app.outbox.notify_one();
            Ok(see_other(&urls::registered(&site.conference.slug, &kept.receipt)))
        }
        Err(KeepError::SentBefore) => resent(app, conn, site, form, registration, submission).await,
        Err(KeepError::Full) => full(app, conn, site, form, registration).await,
        Err(KeepError::Database(error)) => Err(error.into()),
    }
}

/// A second click, or the form sent again from the browser's history: the same words give the first result, other
/// words are asked about.
async fn resent(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    form: Submitted,
    registration: &Registration,
    submission: SubmissionId,
) -> Result {
    if let Some(receipt) = sent_before(conn, &site, submission, registration).await? {
        return Ok(see_other(&receipt));
    }
    let Some(earlier) = registrations::find_submission(conn, submission).await? else {
        return again(app, conn, site, form, moving()).await;
    };
    let subject = Subject { conference: earlier.conference, registration: earlier.registration, attendee: None };
    let receipt = links::mint(conn, Purpose::Receipt, subject).await?;
    let twice = TwicePage {
        frame: Frame::of(app, &site, Nav::Register).titled("Registered before"),
        form: Submitted::new(
            form.fields().iter().filter(|(name, _)| name != "submission" && name != "do").cloned().collect(),
        ),
        reference: earlier.reference,
        first: urls::registered(&site.conference.slug, &receipt),
        submission: SubmissionId::new(),
        site,
    };
    let mut response = page(&twice)?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

/// Where the first result of this sending stands, if it was sent before with the same words.
async fn sent_before(
    conn: &mut PgConnection,
    site: &Site,
    submission: SubmissionId,
    registration: &Registration,
) -> Result<Option<String>, sqlx::Error> {
    let earlier = registrations::find_submission(conn, submission).await?;
    let same = |earlier: &registrations::Earlier| {
        earlier.conference == site.conference.id && earlier.fingerprint == registration.fingerprint()
    };
    let Some(earlier) = earlier.filter(same) else { return Ok(None) };
    let subject = Subject { conference: earlier.conference, registration: earlier.registration, attendee: None };
    let receipt = links::mint(conn, Purpose::Receipt, subject).await?;
    Ok(Some(urls::registered(&site.conference.slug, &receipt)))
}

/// No place for somebody: the conference is full, or it is said beside whom it concerns.
async fn full(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    form: Submitted,
    registration: &Registration,
) -> Result {
    let offer = categories::offer(conn, site.conference.id).await?;
    if offer.is_full() {
        return unprocessable(&NotNowPage::new(app, site, WhyNot::Full));
    }
    let errors = judge::full(registration, &offer);
    again(app, conn, site, form, if errors.is_empty() { moving() } else { errors }).await
}

/// Places were given back between the refusal and our look: the next click will do.
fn moving() -> Errors {
    let mut errors = Errors::default();
    errors.add("people", &Said::Moving);
    errors
}

async fn again(app: &App, conn: &mut PgConnection, site: Arc<Site>, form: Submitted, errors: Errors) -> Result {
    let offer = categories::offer(conn, site.conference.id).await?;
    RegisterPage::new(app, conn, site, form, &offer).await?.wrong(errors, &offer).again()
}

//! The main button: from a form in order to a kept registration, or to the page that says why not.

use std::sync::Arc;

use askama::Template;
use sqlx::PgConnection;

use super::{
    limits::{self, Wait},
    page::{NotNowPage, RegisterPage, Remark, WhyNot, out_of_time},
    people,
    validate::{self, Said},
};
use crate::{
    domain::{Reference, Registration, RevisionId, SubmissionId},
    store::{
        categories::{self, Offer},
        links::{self, Purpose, Subject},
        privacy,
        registrations::{self, Earlier, NewRegistration, RegisterError, Submission},
    },
    urls,
    web::{App, Errors, Frame, Nav, Result, Site, Submitted, Visitor, reply, see_other},
};

/// The same form came back with other content: did they mean to register again?
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
    let validated = validate::validate(&form, &offer);
    let network = visitor.network();
    // An unreadable number is none of ours; what comes with it is kept once all the same.
    let id = form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new());
    let submission = validated.as_ref().map(|registration| Submission {
        conference: site.conference.id,
        registration,
        id,
        network: &network,
        at: app.clock.now(),
    });
    if let Some(why) = out_of_time(app, &site) {
        // Sent in time and once more now: the first result still holds.
        if let Ok(submission) = submission
            && let Some(receipt) = sent_before(conn, &site, submission).await?
        {
            return Ok(see_other(&receipt));
        }
        return reply::not_now(&NotNowPage::new(app, site, why, Some(form)));
    }
    if let Some(form) = people::with_oneself_first(&form) {
        return RegisterPage::new(app, conn, site, form, &offer).await?.remarking(Remark::Moved).again();
    }
    let submission = match submission {
        Ok(submission) => submission,
        Err(errors) => {
            let errors = errors.clone();
            return RegisterPage::new(app, conn, site, form, &offer).await?.wrong(errors, &offer).again();
        }
    };
    if !form.get(TRAP).is_empty() {
        return RegisterPage::new(app, conn, site, form, &offer).await?.remarking(Remark::Trap).again();
    }
    let Some(privacy) = shown_notice(conn, &site, &form, &offer).await? else {
        return RegisterPage::new(app, conn, site, form, &offer).await?.remarking(Remark::Privacy).again();
    };
    write(app, conn, site, form, submission, privacy).await
}

/// The field that people do not see.
const TRAP: &str = "motto";

async fn write(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    form: Submitted,
    submission: Submission<'_>,
    privacy: RevisionId,
) -> Result {
    let registration = submission.registration;
    let new = NewRegistration {
        submission,
        privacy,
        operations: &app.settings.operations_address,
        limits: &limits::of(registration, submission.network),
    };
    match registrations::keep(conn, new).await {
        Ok(kept) => {
            app.outbox.notify_one();
            Ok(see_other(&urls::public::registered(&site.conference.slug, &kept.receipt)))
        }
        Err(RegisterError::SentBefore) => resent(app, conn, site, form, submission).await,
        Err(RegisterError::Limited { which, retry_after }) => {
            if let Some(receipt) = sent_before(conn, &site, submission).await? {
                return Ok(see_other(&receipt));
            }
            let offer = categories::offer(conn, site.conference.id).await?;
            let shown = RegisterPage::new(app, conn, site, form, &offer).await?;
            match limits::wait(registration, which, retry_after) {
                // Whole minutes, as the page says it.
                Wait::Network(seconds) => shown.remarking(Remark::Wait(seconds.next_multiple_of(60))).again(),
                Wait::Recipient(errors) => shown.wrong(errors, &offer).again(),
            }
        }
        Err(RegisterError::Full) => full(app, conn, site, form, registration).await,
        Err(RegisterError::Database(error)) => Err(error.into()),
    }
}

/// A second click, the form sent again from the browser's history, or the same content from a fresh form: the same
/// content leads to the first result, other content in the same form is asked about.
async fn resent(
    app: &App,
    conn: &mut PgConnection,
    site: Arc<Site>,
    form: Submitted,
    submission: Submission<'_>,
) -> Result {
    let Some(earlier) = registrations::find_earlier(conn, submission).await? else {
        return again(app, conn, site, form, moving()).await;
    };
    if earlier.fingerprint == submission.registration.fingerprint() {
        return Ok(see_other(&repeated(conn, &site, &earlier, submission).await?));
    }
    let first = receipt(conn, &site, &earlier).await?;
    let twice = TwicePage {
        frame: Frame::of(app, &site, Nav::Register).titled("Already registered"),
        form: Submitted::new(
            form.fields().iter().filter(|(name, _)| name != "submission" && name != "do").cloned().collect(),
        ),
        reference: earlier.reference,
        first,
        submission: SubmissionId::new(),
        site,
    };
    reply::conflict(&twice)
}

/// Where the first result of this sending stands, if it was sent before with the same content.
async fn sent_before(
    conn: &mut PgConnection,
    site: &Site,
    submission: Submission<'_>,
) -> Result<Option<String>, sqlx::Error> {
    let earlier = registrations::find_earlier(conn, submission).await?;
    match earlier.filter(|earlier| earlier.fingerprint == submission.registration.fingerprint()) {
        Some(earlier) => repeated(conn, site, &earlier, submission).await.map(Some),
        None => Ok(None),
    }
}

/// The address of the first result for the same content. A fresh form counts as the first one from then on, so that other
/// content in it is asked about.
async fn repeated(
    conn: &mut PgConnection,
    site: &Site,
    earlier: &Earlier,
    submission: Submission<'_>,
) -> Result<String, sqlx::Error> {
    registrations::take_over(conn, earlier.registration, submission).await?;
    receipt(conn, site, earlier).await
}

/// The address of the first result, with a link of its own.
async fn receipt(conn: &mut PgConnection, site: &Site, earlier: &Earlier) -> Result<String, sqlx::Error> {
    let subject = Subject { conference: site.conference.id, registration: earlier.registration, attendee: None };
    let receipt = links::mint(conn, Purpose::Receipt, subject).await?;
    Ok(urls::public::registered(&site.conference.slug, &receipt))
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
        return reply::not_now(&NotNowPage::new(app, site, WhyNot::Full, Some(form)));
    }
    let errors = validate::full(registration, &offer);
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

/// The privacy notice that came with the form, if it is one of this conference's.
async fn shown_notice(
    conn: &mut PgConnection,
    site: &Site,
    form: &Submitted,
    offer: &Offer,
) -> Result<Option<RevisionId>, sqlx::Error> {
    let Ok(shown) = form.get("privacy").parse() else { return Ok(None) };
    let known = offer.privacy == Some(shown) || privacy::is_notice(conn, site.conference.id, shown).await?;
    Ok(known.then_some(shown))
}

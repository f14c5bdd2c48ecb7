//! The action of the main button: stores the registration, or shows why it could not be stored.

use std::sync::Arc;

use askama::Template;
use sqlx::PgConnection;

use super::{
    known,
    limits::{self, Wait},
    page::{self, ClosedReason, FormNotice, NotNowPage, RegisterPage, outside_window},
};
use crate::{
    domain::{Reference, Registration, RevisionId, SubmissionId},
    registering::{
        fees, people, questions,
        validate::{self, ErrorMessage},
    },
    store::registrations::{
        self, Authority, Earlier, NewRegistration, RegisterError, Submission, Waiting,
        categories::Offer,
        links::{self, Purpose, Subject},
        privacy,
    },
    urls,
    web::{App, Errors, Frame, Nav, Result, Site, Submitted, Visitor, reply, see_other},
};

/// The page for a form that was sent before with other content. It asks whether this is another registration.
#[derive(Template)]
#[template(path = "delegates/register/twice.html")]
struct TwicePage {
    frame: Frame,
    site: Arc<Site>,
    form: Submitted,
    reference: Reference,
    /// The address of the first registration.
    first: String,
    submission: SubmissionId,
}

/// Stores the registration in the form.
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
    // An invalid submission number is not from our form. The registration is stored all the same, under a new number.
    let id = form.get("submission").parse().unwrap_or_else(|_| SubmissionId::new());
    let submission = validated.as_ref().map(|registration| Submission {
        conference: site.conference.id,
        registration,
        id,
        network: &network,
        at: app.clock.now(),
    });
    if let Some(reason) = outside_window(app, &site) {
        // If the form was sent in time and is now sent again, show the registration that it made.
        if let Ok(submission) = submission
            && let Some(receipt) = sent_before(conn, &site, submission).await?
        {
            return Ok(see_other(&receipt));
        }
        return reply::not_now(&NotNowPage::new(app, site, reason, Some(form)));
    }
    if let Some(form) = people::with_contact_first(&form) {
        let page = RegisterPage::new(app, conn, site, form, &offer).await?;
        return page.with_notice(FormNotice::PeopleMoved).refused();
    }
    if questions::have_changed(&form, &offer) {
        let errors = submission.err().cloned().unwrap_or_default();
        let page = RegisterPage::new(app, conn, site, form, &offer).await?.with_errors(errors, &offer);
        return page.with_notice(FormNotice::QuestionsChanged).refused();
    }
    let submission = match submission {
        Ok(submission) => submission,
        Err(errors) => {
            let errors = errors.clone();
            return RegisterPage::new(app, conn, site, form, &offer).await?.with_errors(errors, &offer).refused();
        }
    };
    if !form.get(HONEYPOT).is_empty() {
        return RegisterPage::new(app, conn, site, form, &offer).await?.with_notice(FormNotice::Honeypot).refused();
    }
    let Some(privacy) = shown_notice(conn, &site, &form, &offer).await? else {
        let page = RegisterPage::new(app, conn, site, form, &offer).await?;
        return page.with_notice(FormNotice::PrivacyMissing).refused();
    };
    let changes = fees::changed(&form, &offer);
    if !changes.is_empty() {
        if let Some(receipt) = sent_before(conn, &site, submission).await? {
            return Ok(see_other(&receipt));
        }
        let page = RegisterPage::new(app, conn, site, form, &offer).await?;
        return page.with_changed_fees(changes, &offer).refused();
    }
    write(app, conn, (site, visitor), form, (submission, &offer), privacy).await
}

/// The honeypot: a hidden field that people do not see and spam programs fill in.
const HONEYPOT: &str = "motto";

async fn write(
    app: &App,
    conn: &mut PgConnection,
    (site, visitor): (Arc<Site>, Visitor),
    form: Submitted,
    (submission, offer): (Submission<'_>, &Offer),
    privacy: RevisionId,
) -> Result {
    let registration = submission.registration;
    let another = known::another(app, conn, &form, submission).await?;
    let expected: Vec<_> = form.get(page::WAITING).split_whitespace().filter_map(|id| id.parse().ok()).collect();
    let mut known = Vec::new();
    let mut limits = limits::of(registration, submission.network);
    loop {
        let new = NewRegistration {
            submission,
            known: &known,
            another,
            offer,
            privacy,
            operations: &app.settings.operations_address,
            limits: &limits,
            waiting: Waiting { is_open: offer.waiting_list, categories: &expected },
            authority: Authority::DELEGATE,
        };
        return match registrations::keep(conn, new).await {
            // Rarely more than once: then somebody else was registered or cancelled in between.
            Err(RegisterError::Known(numbers)) => {
                limits = known::limits(registration, &numbers, submission.network);
                known = known::people(&form, &numbers);
                continue;
            }
            Ok(kept) => {
                app.outbox.notify_one();
                let slug = &site.conference.slug;
                let receipt = kept.map(|kept| urls::public::registered(slug, &kept.receipt));
                Ok(see_other(&receipt.unwrap_or_else(|| urls::public::check_mail(slug))))
            }
            Err(RegisterError::SentBefore) => resent(app, conn, (site, visitor), form, submission).await,
            Err(RegisterError::Limited { which, retry_after }) => {
                if let Some(receipt) = sent_before(conn, &site, submission).await? {
                    return Ok(see_other(&receipt));
                }
                let offer = page::offer(app, conn, &site, visitor, &form).await?;
                let page = RegisterPage::new(app, conn, site, form, &offer).await?;
                match limits::wait(registration, which, retry_after) {
                    // Rounded up to whole minutes, so that the page and `Retry-After` give the same time.
                    Wait::Network(seconds) => {
                        page.with_notice(FormNotice::Wait(seconds.next_multiple_of(60))).refused()
                    }
                    Wait::Recipient(errors) => page.with_errors(errors, &offer).refused(),
                }
            }
            Err(RegisterError::HaveToWait(people)) => {
                let offer = page::offer(app, conn, &site, visitor, &form).await?;
                RegisterPage::new(app, conn, site, form, &offer)
                    .await?
                    .for_waiting(registration, &people, &offer)
                    .refused()
            }
            Err(RegisterError::CodeOver) => code_over(app, conn, (site, visitor), form).await,
            Err(RegisterError::Full) => full(app, conn, (site, visitor), form, registration).await,
            Err(RegisterError::Database(error)) => Err(error.into()),
        };
    }
}

/// Handles a form that was sent before: a second click, a form from the browser's history, or the same content in a new
/// form. The same content leads to the first registration. Other content in the same form leads to a page that asks
/// what is meant.
async fn resent(
    app: &App,
    conn: &mut PgConnection,
    (site, visitor): (Arc<Site>, Visitor),
    form: Submitted,
    submission: Submission<'_>,
) -> Result {
    let Some(earlier) = registrations::find_earlier(conn, submission).await? else {
        return refused(app, conn, (site, visitor), form, places_changed()).await;
    };
    if earlier.fingerprint == submission.registration.fingerprint() {
        return Ok(see_other(&repeated_receipt(conn, &site, &earlier, submission).await?));
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

/// Returns the address of the first registration's page, if the same content was sent before.
async fn sent_before(
    conn: &mut PgConnection,
    site: &Site,
    submission: Submission<'_>,
) -> Result<Option<String>, sqlx::Error> {
    let earlier = registrations::find_earlier(conn, submission).await?;
    match earlier.filter(|earlier| earlier.fingerprint == submission.registration.fingerprint()) {
        Some(earlier) => repeated_receipt(conn, site, &earlier, submission).await.map(Some),
        None => Ok(None),
    }
}

/// Returns the address of the first registration's page after the same content was sent in a new form. From then on the
/// new form belongs to the first registration too, so that other content in it leads to the question.
async fn repeated_receipt(
    conn: &mut PgConnection,
    site: &Site,
    earlier: &Earlier,
    submission: Submission<'_>,
) -> Result<String, sqlx::Error> {
    registrations::take_over(conn, earlier.registration, submission).await?;
    receipt(conn, site, earlier).await
}

/// Returns the address of the registration's page, with a new receipt link.
async fn receipt(conn: &mut PgConnection, site: &Site, earlier: &Earlier) -> Result<String, sqlx::Error> {
    let subject = Subject { conference: site.conference.id, registration: earlier.registration, attendee: None };
    let receipt = links::mint(conn, Purpose::Receipt, subject).await?;
    Ok(urls::public::registered(&site.conference.slug, &receipt))
}

/// Shows that there are not enough places: the page for a full conference, or errors beside the people concerned.
async fn full(
    app: &App,
    conn: &mut PgConnection,
    (site, visitor): (Arc<Site>, Visitor),
    form: Submitted,
    registration: &Registration,
) -> Result {
    let offer = page::offer(app, conn, &site, visitor, &form).await?;
    if offer.is_full() {
        let page = NotNowPage::new(app, site, ClosedReason::Full, Some(form.clone()));
        return reply::not_now(&page.with_code(form, Errors::default(), &offer));
    }
    // A category may have been removed or closed in the meantime.
    if let Err(errors) = validate::validate(&form, &offer) {
        return refused(app, conn, (site, visitor), form, errors).await;
    }
    let errors = validate::full(registration, &offer);
    refused(app, conn, (site, visitor), form, if errors.is_empty() { places_changed() } else { errors }).await
}

/// Shows why the code could not be used, which somebody else used up or an organiser ended at the same moment.
async fn code_over(
    app: &App,
    conn: &mut PgConnection,
    (site, visitor): (Arc<Site>, Visitor),
    form: Submitted,
) -> Result {
    let offer = page::offer(app, conn, &site, visitor, &form).await?;
    let errors = validate::validate(&form, &offer).err().unwrap_or_else(places_changed);
    RegisterPage::new(app, conn, site, form, &offer).await?.with_errors(errors, &offer).refused()
}

/// Returns the error for places that became free between the refusal and this check, so that sending again will
/// succeed.
fn places_changed() -> Errors {
    let mut errors = Errors::default();
    errors.add("people", &ErrorMessage::PlacesChanged);
    errors
}

/// Shows the form again with these errors.
async fn refused(
    app: &App,
    conn: &mut PgConnection,
    (site, visitor): (Arc<Site>, Visitor),
    form: Submitted,
    errors: Errors,
) -> Result {
    let offer = page::offer(app, conn, &site, visitor, &form).await?;
    RegisterPage::new(app, conn, site, form, &offer).await?.with_errors(errors, &offer).refused()
}

/// Returns the privacy notice that was shown with the form, if it is one of this conference's.
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

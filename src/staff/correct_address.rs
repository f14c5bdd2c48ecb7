//! `/staff/{c}/messages/{message}/correct`: corrects the address that a mail failed to reach, and sends the mail again, in one
//! transaction.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use sqlx::PgTransaction;

use super::{attendee_of, fields, messages::desk_filter, resend::RESEND};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, MailReply, MessageId, SignedIn, email},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, Message, MessageState, Owner},
        rate_limits::{self, Attempt},
        registrations::attendees::{self, Correction, CorrectionError, Detail},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/correct_address.html")]
struct CorrectAddressPage {
    desk: Desk,
    site: Arc<Site>,
    mail: Message,
    /// Whose address it is, if a correction changes it.
    whose: Option<(Owner, Detail)>,
    form: Submitted,
    errors: Errors,
    /// The minutes until a mail can be sent again, if this address has reached its limit.
    wait: Option<u32>,
}

/// What is wrong with the new address alone.
#[derive(Template)]
#[template(path = "staff/correct_address_errors.txt")]
enum ErrorMessage {
    /// It is the address that failed.
    Same,
    /// Another attendee of the registration has this name and address.
    Twice,
    /// It was refused like in the form for corrections, which says why.
    Refused(String),
}

/// `GET /staff/{c}/messages/{message}/correct`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MessageId>,
    resumed: ResumedForm,
) -> Result {
    let mut again = CorrectAddressPage::of(&app, &person, &site, id).await?;
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    page(&again)
}

/// `POST /staff/{c}/messages/{message}/correct`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MessageId>,
    form: Submitted,
) -> Result {
    // Somebody may save between our reading and our saving; then we read again.
    loop {
        let page = CorrectAddressPage::of(&app, &person, &site, id).await?;
        let mut again = CorrectAddressPage { form: form.clone(), ..page };
        if !again.can_be_sent() {
            return reply::conflict(&again);
        }
        let Some(correction) = again.validate() else { return unprocessable(&again) };
        let mut tx = app.store.begin().await?;
        let by = Actor::Account(person.account);
        match attendees::correct(&mut tx, site.conference.id, &correction, by, app.clock.now()).await {
            Ok(_) => return send_again(&app, tx, again, &correction, by).await,
            Err(CorrectionError::Changed) => {}
            Err(CorrectionError::Twice) => {
                again.errors.add("email", &ErrorMessage::Twice);
                return unprocessable(&again);
            }
            Err(CorrectionError::Database(error)) => return Err(error.into()),
        }
    }
}

/// Sends the mail to the corrected address in the transaction of the correction.
async fn send_again(
    app: &App,
    mut tx: PgTransaction<'_>,
    mut again: CorrectAddressPage,
    correction: &Correction,
    by: Actor,
) -> Result {
    let (id, conference) = (again.mail.id, again.site.conference.id);
    let recipient = again.address(correction);
    if let Attempt::TooMany { retry_after } = rate_limits::take(&mut tx, RESEND, &email::mailbox(recipient)).await? {
        again.wait = Some(retry_after.div_ceil(60));
        return reply::too_many(&again, retry_after);
    }
    if outbox::send_instead(&mut tx, conference, id, recipient).await?.is_none() {
        drop(tx);
        return Ok(see_other(&again.back()));
    }
    let about = again
        .whose
        .as_ref()
        .map(|(owner, detail)| (detail.registration.id, (!owner.is_contact).then_some(detail.attendee.id)));
    let entry = Entry {
        conference: Some(conference),
        registration: about.map(|(registration, _)| registration),
        attendee: about.and_then(|(_, attendee)| attendee),
        subject: Some(id.0),
        ..Entry::of(AuditKind::MessageSentAgain, by)
    };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::message_done(&again.site.conference.slug, id, "corrected")))
}

impl CorrectAddressPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, id: MessageId) -> Result<Self> {
        let filter = desk_filter(person, site, None);
        let (found, owner) = {
            let mut conn = app.store.read().await?;
            let found = outbox::find(&mut conn, filter, id).await?;
            (found, outbox::find_owner(&mut conn, site.conference.id, id).await?)
        };
        let (mail, _) = found.ok_or(AppError::NotFound)?;
        let whose = match owner {
            Some(owner) => {
                let detail = attendee_of(app, site, owner.attendee).await?;
                Some((owner, detail))
            }
            None => None,
        };
        let email = whose.as_ref().map(|(owner, _)| owner.email.clone()).unwrap_or_default();
        Ok(Self {
            desk: Desk::new(DeskNav::Messages, Some(site), person),
            site: site.clone(),
            form: Submitted::of([("email", email)]),
            mail,
            whose,
            errors: Errors::default(),
            wait: None,
        })
    }

    /// Returns the correction: that of the form for corrections with this one field changed.
    fn validate(&mut self) -> Option<Correction> {
        let (owner, detail) = self.whose.as_ref()?;
        let field = if owner.is_contact { "contact_email" } else { "email" };
        let saved = fields::saved(detail);
        let changed = saved.fields().iter().map(|(name, value)| {
            let value = if name == field { self.form.get("email") } else { value };
            (name.clone(), value.to_owned())
        });
        let mut errors = Errors::default();
        let correction = fields::validate(&Submitted::new(changed.collect()), detail, &mut errors);
        for error in errors.iter() {
            self.errors.add("email", &ErrorMessage::Refused(error.message.clone()));
        }
        let correction = correction?;
        if email::is_same(self.address(&correction), &self.mail.recipient) {
            self.errors.add("email", &ErrorMessage::Same);
            return None;
        }
        Some(correction)
    }

    /// Returns the new address as it is saved.
    fn address<'a>(&self, correction: &'a Correction) -> &'a str {
        let is_contact = self.whose.as_ref().is_some_and(|(owner, _)| owner.is_contact);
        let of_contact = correction.shared.as_ref().map(|shared| shared.details.contact.email.as_str());
        let of_attendee = correction.attendee.as_ref().map(|attendee| attendee.details.email.as_str());
        (if is_contact { of_contact } else { of_attendee }).unwrap_or_default()
    }

    fn can_be_sent(&self) -> bool {
        self.mail.state.is(MessageState::Failed) && self.mail.instead.is_none() && self.whose.is_some()
    }

    fn meaning(&self) -> Option<&'static str> {
        self.mail.reply.as_deref().and_then(MailReply::read).map(MailReply::words)
    }

    /// Returns the name of the person with this address, or the address if nobody has it.
    fn name(&self) -> &str {
        match &self.whose {
            Some((owner, detail)) if owner.is_contact => &detail.registration.contact_name,
            Some((_, detail)) => &detail.attendee.name,
            None => &self.mail.recipient,
        }
    }

    fn back(&self) -> String {
        urls::staff::message(&self.site.conference.slug, self.mail.id)
    }
}

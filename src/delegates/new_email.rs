//! `/manage/{token}/email`: gives an attendee or the contact a new e-mail address, which counts once it was confirmed with the
//! link that is sent there, or cancels that change.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use super::{
    manage::{self, AttendeeQuery, ErrorMessage, Managed},
    register::limits,
};
use crate::{
    domain::{AttendeeId, EmailAddress, email},
    registering::validate,
    store::{
        rate_limits,
        registrations::email_changes::{self, Waiting},
    },
    urls,
    web::{
        App, Errors, Frame, Missing, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/new_email.html")]
struct NewEmailPage {
    frame: Frame,
    site: Arc<Site>,
    token: String,
    whose: Whose,
    /// The address that waits already.
    waiting: Option<Waiting>,
    form: Submitted,
    errors: Errors,
}

/// The person whose address is to change.
struct Whose {
    /// The attendee; `None` for a contact who does not attend.
    attendee: Option<AttendeeId>,
    name: String,
    email: String,
    is_own: bool,
}

impl Whose {
    /// Returns what browsers fill the field with: something only about the reader.
    fn autocomplete(&self) -> &'static str {
        if self.is_own { "email" } else { "off" }
    }

    /// Returns the person whom the page is about. A contact who attends is the attendee. `None` for an attendee who does not
    /// come any more.
    fn of(managed: &Managed, query: AttendeeQuery) -> Result<Option<Self>> {
        let registered = &managed.registered;
        let asked = query.attendee.or(managed.link.subject.attendee).or(registered.contact_attendee);
        let Some(id) = asked else {
            let (name, email) = (registered.contact_name.clone(), registered.contact_email.clone());
            return Ok(Some(Self { attendee: None, name, email, is_own: true }));
        };
        let attendee = managed.one(AttendeeQuery { attendee: Some(id) })?;
        Ok(attendee.is_active().then(|| Self {
            attendee: Some(id),
            name: attendee.name.clone(),
            email: attendee.email.clone(),
            is_own: managed.is_own(id),
        }))
    }
}

/// `GET /manage/{token}/email?attendee=…`.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
) -> Result {
    let now = app.clock.now();
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let whose = Whose::of(&managed, query)?.filter(|_| !managed.is_frozen(now));
    let Some(whose) = whose else { return Ok(see_other(&urls::public::manage(&token))) };
    let waiting = email_changes::list_waiting(&mut conn, managed.registered.id, now).await?;
    drop(conn);
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let mut page_of = NewEmailPage::of(&app, site, token, whose, Submitted::default());
    page_of.waiting = waiting.into_iter().find(|waiting| waiting.attendee == page_of.whose.attendee);
    page(&page_of)
}

/// `POST /manage/{token}/email?attendee=…`: keeps the address until it is confirmed, or cancels the one that waits.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
    visitor: Visitor,
    form: Submitted,
) -> Result {
    let now = app.clock.now();
    let (mut tx, managed) = manage::begin(&app, visitor, &token).await?;
    let Some(whose) = Whose::of(&managed, query)? else { return Ok(see_other(&urls::public::manage(&token))) };
    if managed.is_frozen(now) {
        return Ok(manage::frozen(&token));
    }
    let subject = managed.subject(whose.attendee);
    if form.get("do") == "cancel" {
        email_changes::cancel(&mut tx, subject, now).await?;
        tx.commit().await?;
        return Ok(see_other(&urls::public::manage_done(&token, "email-kept", whose.attendee)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let mut again = NewEmailPage::of(&app, site, token, whose, form);
    let (form, errors) = (&again.form, &mut again.errors);
    let Some(new) = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::Email) else {
        return unprocessable(&again);
    };
    if email::is_same(&again.whose.email, new.as_str()) {
        again.errors.add("email", &ErrorMessage::SameEmail);
        return unprocessable(&again);
    }
    // The mail goes to an address that anybody can type, so it counts like those of the registration form.
    if let Some(refused) = rate_limits::take_each(&mut tx, &[limits::mail_to(&new)]).await? {
        let hours = refused.retry_after.div_ceil(3600);
        again.errors.add("email", &validate::ErrorMessage::TooManyMails(hours));
        return reply::too_many(&again, refused.retry_after);
    }
    email_changes::ask(&mut tx, subject, &again.whose.email, &new, now).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::public::manage_done(&again.token, "email-asked", again.whose.attendee)))
}

impl NewEmailPage {
    fn of(app: &App, site: Arc<Site>, token: String, whose: Whose, form: Submitted) -> Self {
        let title = if whose.is_own {
            "Your new e-mail address".to_owned()
        } else {
            format!("New e-mail address of {}", whose.name)
        };
        let frame = Frame::of(app, &site, Nav::None).titled(title);
        Self { frame, site, token, whose, waiting: None, form, errors: Errors::default() }
    }
}

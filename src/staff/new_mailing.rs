//! `/staff/{c}/messages/new?…`: writes to the people of the view in the address. The first press shows what one of them gets and how
//! many there are; then the mailing can be tried, sent at once, or scheduled.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use uuid::Uuid;

use super::{
    mailing_form::{Draft, ErrorMessage, Gap},
    mailing_preview::{Preview, readers_of},
    view,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, MailTemplateId, MailingReaders, SignedIn, SubmissionId},
    mail::placeholders,
    store::{
        audit::{self, Actor, Entry},
        mail_templates::{self, MailTemplate},
        mailings::{self, Added, Counted, Needed, NewMailing, Readers},
        registrations::attendees,
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Result, Site, Submitted, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/new_mailing.html")]
struct NewMailingPage {
    desk: Desk,
    site: Arc<Site>,
    /// The fields of the view.
    view: Vec<(&'static str, String)>,
    /// The query of the view.
    query: String,
    /// The attendees of the view.
    attendees: Vec<Uuid>,
    /// How many mails there would be for each choice of readers, without people who are cancelled.
    counts: [(MailingReaders, Counted); 2],
    templates: Vec<MailTemplate>,
    form: Submitted,
    errors: Errors,
    gaps: Vec<Gap>,
    preview: Option<Preview>,
    notice: Option<Notice>,
}

/// What the page says above the form.
enum Notice {
    /// The test is on its way to this address.
    Tested(String),
    /// A test can be sent again after this many minutes.
    TooManyTests(u32),
    /// What is sent, to whom or when has changed since the preview was shown, so nothing was sent.
    Changed,
}

/// `GET /staff/{c}/messages/new`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    RawQuery(query): RawQuery,
    resumed: ResumedForm,
) -> Result {
    let mut again = NewMailingPage::of(&app, &person, &site, query.as_deref(), Submitted::default()).await?;
    let template = Submitted::decode(query.unwrap_or_default().as_bytes()).get("template").parse().ok();
    again.form = resumed.shown_in(&mut again.desk).unwrap_or_else(|| again.begun(template));
    page(&again)
}

/// `POST /staff/{c}/messages/new`: shows the preview, sends a test, or sends or schedules the mailing. The pressed button says which.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    RawQuery(query): RawQuery,
    form: Submitted,
) -> Result {
    let mut again = NewMailingPage::of(&app, &person, &site, query.as_deref(), form).await?;
    let Some(draft) = again.validate(&app).await? else { return unprocessable(&again) };
    let Some(preview) = again.preview.take() else { return unprocessable(&again) };
    if again.form.has("send") {
        if again.form.get("seen") != preview.seen {
            (again.notice, again.preview) = (Some(Notice::Changed), Some(preview));
            return reply::conflict(&again);
        }
        return again.send(&app, &person, draft).await;
    }
    if again.form.has("test") {
        let wait = preview.test(&app, &site, &person, &draft).await?;
        again.preview = Some(preview);
        if let Some(seconds) = wait {
            again.notice = Some(Notice::TooManyTests(seconds.div_ceil(60)));
            return reply::too_many(&again, seconds);
        }
        again.notice = Some(Notice::Tested(person.email));
        return page(&again);
    }
    again.preview = Some(preview);
    page(&again)
}

impl NewMailingPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, query: Option<&str>, form: Submitted) -> Result<Self> {
        let (conference, kept) = (site.conference.id, view::query(query));
        let wanted = view::read(&kept, conference).ok_or(AppError::NotFound)?;
        let attendees = attendees::list_all(&mut *attendees::search_all(&app.store).await?, &wanted).await?;
        // They are counted by their keys, for which statements of a search are planned badly.
        let mut conn = app.store.read().await?;
        let mut counts = MailingReaders::ALL.map(|readers| (readers, Counted::default()));
        for (readers, counted) in &mut counts {
            let (with_cancelled, needed) = (form.has("cancelled"), Needed::default());
            let of = Readers { conference, attendees: &attendees, who: *readers, with_cancelled, needed };
            *counted = mailings::count(&mut conn, of).await?;
        }
        Ok(Self {
            desk: Desk::new(DeskNav::Messages, Some(site), person),
            site: site.clone(),
            view: view::fields(query),
            query: kept,
            attendees,
            counts,
            templates: mail_templates::list(&mut conn, conference).await?,
            form,
            errors: Errors::default(),
            gaps: Vec::new(),
            preview: None,
            notice: None,
        })
    }

    /// Returns a new form, with the text of this template.
    fn begun(&self, template: Option<MailTemplateId>) -> Submitted {
        let template = self.templates.iter().find(|one| Some(one.id) == template);
        let (subject, text) = template.map(|one| (one.subject.clone(), one.text.clone())).unwrap_or_default();
        Submitted::of([
            ("readers", MailingReaders::default().as_str().to_owned()),
            ("when", "now".to_owned()),
            ("submission", SubmissionId::new().to_string()),
            ("subject", subject),
            ("text", text),
        ])
    }

    /// Returns the draft, and makes the preview; `None` after adding the errors of all fields.
    async fn validate(&mut self, app: &App) -> Result<Option<Draft>> {
        let of = (&self.form, self.attendees.as_slice());
        let (draft, gaps) = {
            let mut conn = app.store.read().await?;
            Draft::validate(&mut conn, of, &self.site.conference, app.clock.now(), &mut self.errors).await?
        };
        self.gaps = gaps;
        let Some(draft) = draft else { return Ok(None) };
        let readers = readers_of(&draft, &self.site, &self.attendees, self.form.has("cancelled"));
        self.preview = Preview::of(app, &self.site, &self.form, readers, &draft.mailing).await?;
        if self.preview.is_none() {
            self.errors.add("readers", &ErrorMessage::Nobody);
        }
        Ok(self.preview.is_some().then_some(draft))
    }

    /// Sends or schedules the mailing, once for each copy of the form.
    async fn send(self, app: &App, person: &SignedIn, draft: Draft) -> Result<Response> {
        let (conference, slug, now) = (self.site.conference.id, &self.site.conference.slug, app.clock.now());
        let with_cancelled = self.form.has("cancelled");
        let readers = readers_of(&draft, &self.site, &self.attendees, with_cancelled);
        let submission =
            self.form.get("submission").parse().map_err(|_| AppError::BadRequest("no submission".into()))?;
        let new = NewMailing {
            conference,
            submission,
            view: self.query,
            readers: draft.mailing.readers,
            with_cancelled,
            instead: draft.mailing.instead.clone(),
            subject: draft.subject,
            text: draft.text,
            due_at: draft.due_at.unwrap_or(now),
            account: person.account,
        };
        let mut tx = app.store.begin().await?;
        let id = match mailings::add(&mut tx, &new, now).await? {
            Added::Before(id) => return Ok(see_other(&urls::staff::mailing_done(slug, id, "before"))),
            Added::New(id) => id,
        };
        if draft.due_at.is_none() {
            mailings::queue(&mut tx, id, readers, now).await?;
        }
        let entry = Entry::of(AuditKind::MailingAdded, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(conference), subject: Some(id.0), ..entry }).await?;
        tx.commit().await?;
        app.outbox.notify_one();
        let done = if draft.due_at.is_some() { "scheduled" } else { "sent" };
        Ok(see_other(&urls::staff::mailing_done(slug, id, done)))
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn list(&self) -> String {
        urls::staff::attendees_where(self.slug(), &self.view)
    }

    /// Returns the choices of readers, each with how many mails that makes.
    fn readers(&self) -> Vec<(&'static str, String)> {
        let number = |count: i64, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
        let choice = |(readers, counted): &(MailingReaders, Counted)| {
            let words = match readers {
                MailingReaders::Attendees => "each attendee",
                MailingReaders::Contacts => "the contact of each registration",
            };
            let mails = number(counted.mails, "e-mail", "e-mails");
            let addresses = number(counted.addresses, "address", "addresses");
            (readers.as_str(), format!("One to {words}: {mails} to {addresses}"))
        };
        self.counts.iter().map(choice).collect()
    }

    /// Returns how many people of the view are cancelled.
    fn cancelled(&self) -> usize {
        let counted = usize::try_from(self.counts[0].1.people).unwrap_or_default();
        if self.form.has("cancelled") { 0 } else { self.attendees.len().saturating_sub(counted) }
    }

    fn placeholders(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        placeholders(MailingReaders::parse(self.form.get("readers")).unwrap_or_default())
    }

    fn cancelled_hint(&self) -> String {
        match self.cancelled() {
            0 => "They are counted above.".to_owned(),
            1 => "One person of this view is cancelled.".to_owned(),
            more => format!("{more} people of this view are cancelled."),
        }
    }

    fn is_later(&self) -> bool {
        self.form.is("when", "later")
    }
}

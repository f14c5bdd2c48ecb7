//! `/staff/{c}/mail-templates/{mail_template}`: adds a text for mailings or changes one. Of two people who change the same text at
//! once, the second sees both versions put together, and decides.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use sqlx::PgTransaction;

use super::mailing_form::subject_and_text;
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, MailTemplateId, MailTemplateName, MailingReaders, SignedIn},
    editing::{
        compare::Field,
        conflict::Conflict,
        merging::Layout,
        shared_form::{self, Merged},
    },
    mail::{Mailing, placeholders},
    store::{
        audit::{self, Actor, Entry},
        mail_templates::{self, Kept, MailTemplate, TemplateError},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, Missing, Named, Result, Site, Submitted, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/mail_template.html")]
struct MailTemplatePage {
    desk: Desk,
    site: Arc<Site>,
    /// The text as it is kept; `None` for a new one.
    template: Option<MailTemplate>,
    form: Submitted,
    errors: Errors,
    /// Somebody else has saved since the form was opened, and this person decides.
    conflict: Option<Conflict>,
    /// Whether the form is still as both versions were merged.
    is_fresh: bool,
}

/// What is wrong with a text.
#[derive(Template)]
#[template(path = "staff/mail_template_errors.txt")]
enum ErrorMessage {
    /// Another text has this name.
    Taken,
    /// It names placeholders that no reader has, or where they cannot stand.
    Placeholders(String),
}

const FIELDS: [Field; 3] =
    [Field::value("name", "Name"), Field::line("subject", "Subject"), Field::text("text", "Text", Layout::Paragraphs)];

/// `GET /staff/{c}/mail-templates/new`.
pub async fn get_new(Person(person): Person, Current(site): Current, resumed: ResumedForm) -> Result {
    let mut again = MailTemplatePage::of(&person, &site, None, Merged::alone(Submitted::default()));
    again.form = resumed.shown_in(&mut again.desk).unwrap_or_default();
    page(&again)
}

/// `POST /staff/{c}/mail-templates/new`.
pub async fn post_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    form: Submitted,
) -> Result {
    let tx = app.store.begin().await?;
    save(tx, MailTemplatePage::of(&person, &site, None, Merged::alone(form))).await
}

/// `GET /staff/{c}/mail-templates/{mail_template}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MailTemplateId>,
    resumed: ResumedForm,
) -> Result {
    let found = mail_templates::find(&mut *app.store.read().await?, site.conference.id, id).await?;
    let template = found.ok_or(AppError::NotFound)?;
    let form = shared_form::opened(&FIELDS, &saved(&template));
    let mut again = MailTemplatePage::of(&person, &site, Some(template), Merged::alone(form));
    again.form = resumed.shown_in(&mut again.desk).unwrap_or(again.form);
    page(&again)
}

/// `POST /staff/{c}/mail-templates/{mail_template}`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MailTemplateId>,
    form: Submitted,
) -> Result {
    let mut tx = app.store.begin().await?;
    let found = mail_templates::find_to_change(&mut tx, site.conference.id, id).await?;
    let template = found.ok_or(AppError::NotFound)?;
    let merged = Merged::of(&FIELDS, &saved(&template), form);
    save(tx, MailTemplatePage::of(&person, &site, Some(template), merged)).await
}

/// Saves the text or shows the form again.
async fn save(mut tx: PgTransaction<'_>, mut again: MailTemplatePage) -> Result<Response> {
    let Some(kept) = again.validate() else { return unprocessable(&again) };
    if again.is_fresh {
        return reply::conflict(&again);
    }
    let conference = again.site.conference.id;
    let (before, kind) = match &again.template {
        Some(template) => (saved(template), AuditKind::MailTemplateChanged),
        None => (Submitted::default(), AuditKind::MailTemplateAdded),
    };
    let written = match &again.template {
        Some(template) => mail_templates::change(&mut tx, template.id, &kept).await.map(|()| template.id),
        None => mail_templates::add(&mut tx, conference, &kept).await,
    };
    let id = match written {
        Ok(id) => id,
        Err(TemplateError::Taken) => {
            again.errors.add("name", &ErrorMessage::Taken);
            return unprocessable(&again);
        }
        Err(TemplateError::Database(error)) => return Err(error.into()),
    };
    let changes = shared_form::changes(&FIELDS, &before, &again.form);
    let entry = Entry::of(kind, Actor::Account(again.desk.person.account));
    audit::note(&mut tx, Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry })
        .await?;
    tx.commit().await?;
    Ok(see_other(&urls::staff::mail_templates_done(&again.site.conference.slug, "saved")))
}

/// Returns the kept values as the form has them.
fn saved(MailTemplate { id: _, name, subject, text }: &MailTemplate) -> Submitted {
    Submitted::of([("name", name.clone()), ("subject", subject.clone()), ("text", text.clone())])
}

impl MailTemplatePage {
    fn of(
        person: &SignedIn,
        site: &Arc<Site>,
        template: Option<MailTemplate>,
        Merged { form, conflict, is_fresh }: Merged,
    ) -> Self {
        let desk = Desk::new(DeskNav::Messages, Some(site), person);
        Self { desk, site: site.clone(), template, form, errors: Errors::default(), conflict, is_fresh }
    }

    /// Returns what is kept, or `None` after adding the errors of all fields.
    fn validate(&mut self) -> Option<Kept> {
        let (form, errors) = (&self.form, &mut self.errors);
        let name = errors.check_required("name", MailTemplateName::parse(form.get("name")), Missing::Name);
        let (subject, text) = subject_and_text(form, errors);
        let (subject, text) = (subject?, text?);
        // It may be for attendees or for contacts: that is chosen when it is used.
        let is_for = |readers| {
            let (subject, text) = (subject.as_str().to_owned(), text.as_str().to_owned());
            Mailing { readers, subject, text, instead: [].into() }.check(&self.site.conference).is_ok()
        };
        if !MailingReaders::ALL.into_iter().any(is_for) {
            let known: Vec<_> =
                placeholders(MailingReaders::Attendees).map(|(name, _)| format!("{{{name}}}")).collect();
            errors.add("text", &ErrorMessage::Placeholders(known.join(", ")));
            return None;
        }
        Some(Kept { name: name?, subject, text })
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the address of the form as it was saved last.
    fn here(&self) -> String {
        match &self.template {
            Some(one) => urls::staff::mail_template(self.slug(), one.id),
            None => urls::staff::new_mail_template(self.slug()),
        }
    }
}

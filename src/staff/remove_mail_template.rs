//! `/staff/{c}/mail-templates/{mail_template}/remove`: asks whether to remove a text for mailings, and removes it.

use askama::Template;
use axum::extract::State;

use crate::{
    access::Person,
    domain::{AuditKind, MailTemplateId},
    store::{
        audit::{self, Actor, Change, Entry},
        mail_templates::{self, MailTemplate},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, page, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/remove_mail_template.html")]
struct RemovePage {
    desk: Desk,
    slug: String,
    template: MailTemplate,
}

/// `GET /staff/{c}/mail-templates/{mail_template}/remove`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MailTemplateId>,
) -> Result {
    let found = mail_templates::find(&mut *app.store.read().await?, site.conference.id, id).await?;
    let desk = Desk::new(DeskNav::Messages, Some(&site), &person);
    page(&RemovePage { desk, slug: site.conference.slug.clone(), template: found.ok_or(AppError::NotFound)? })
}

/// `POST /staff/{c}/mail-templates/{mail_template}/remove`. If somebody else has removed it, nothing is left to do.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MailTemplateId>,
) -> Result {
    let conference = site.conference.id;
    let mut tx = app.store.begin().await?;
    if let Some(template) = mail_templates::find_to_change(&mut tx, conference, id).await? {
        mail_templates::remove(&mut tx, conference, id).await?;
        let changes = Change::list([("name", template.name.as_str(), "")]);
        let entry = Entry::of(AuditKind::MailTemplateRemoved, Actor::Account(person.account));
        let entry = Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry };
        audit::note(&mut tx, entry).await?;
        tx.commit().await?;
    }
    Ok(see_other(&urls::staff::mail_templates_done(&site.conference.slug, "removed")))
}

impl RemovePage {
    fn back(&self) -> String {
        urls::staff::mail_template(&self.slug, self.template.id)
    }
}

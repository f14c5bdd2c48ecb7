//! `/staff/{c}/mail-templates`: the texts that staff keep to write mailings from.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use crate::{
    access::Person,
    store::mail_templates::{self, MailTemplate},
    urls,
    web::{App, Current, Desk, DeskNav, Result, Site, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/mail_templates.html")]
struct MailTemplatesPage {
    desk: Desk,
    site: Arc<Site>,
    templates: Vec<MailTemplate>,
    /// What has just been done, as the address says it.
    done: String,
}

/// `GET /staff/{c}/mail-templates`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    page(&MailTemplatesPage {
        desk: Desk::new(DeskNav::Messages, Some(&site), &person),
        templates: mail_templates::list(&mut *app.store.read().await?, site.conference.id).await?,
        site,
        done: uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().to_owned(),
    })
}

impl MailTemplatesPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn template(&self, one: &MailTemplate) -> String {
        urls::staff::mail_template(self.slug(), one.id)
    }
}

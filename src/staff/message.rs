//! `/staff/{c}/messages/{message}`: shows one mail as it was sent.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use time::OffsetDateTime;

use super::messages::desk_filter;
use crate::{
    access::Person,
    domain::{MessageId, Stored},
    mail,
    store::outbox::{self, Message, MessageState, SentText},
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Site, page},
};

/// The page.
#[derive(Template)]
#[template(path = "staff/message.html")]
struct MessagePage {
    desk: Desk,
    site: Arc<Site>,
    mail: Message,
    kind: String,
    /// The text that was sent, if it was.
    sent: Option<SentText>,
}

/// `GET /staff/{c}/messages/{message}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MessageId>,
) -> Result {
    let filter = desk_filter(&person, &site, None);
    let found = outbox::find(&mut *app.store.read().await?, filter, id).await?;
    let (mail, sent) = found.ok_or(AppError::NotFound)?;
    let kind = mail::kind_title(&mail.kind);
    page(&MessagePage { desk: Desk::new(DeskNav::Messages, Some(&site), &person), site, mail, kind, sent })
}

impl MessagePage {
    fn all(&self) -> String {
        urls::staff::messages(&self.site.conference.slug)
    }

    fn attendee(&self) -> Option<String> {
        self.mail.attendee.map(|attendee| urls::staff::attendee(&self.site.conference.slug, attendee))
    }

    fn may_be_sent(&self) -> bool {
        self.mail.state.is(MessageState::Waiting) || self.mail.state.is(MessageState::Held)
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    fn moment(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.zoned_moment(*at)
    }
}

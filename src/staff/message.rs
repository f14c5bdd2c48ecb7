//! `/staff/{c}/messages/{message}`: shows one mail as it was sent.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use super::messages::desk_filter;
use crate::{
    access::Person,
    domain::{Action, MailReply, MessageId, Stored},
    mail,
    store::outbox::{self, Message, MessageState, Owner, SentText},
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
    /// Whose address it was sent to, if a correction changes it.
    owner: Option<Owner>,
    /// Whether its address was corrected just now.
    is_corrected: bool,
}

/// `GET /staff/{c}/messages/{message}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MessageId>,
    uri: Uri,
) -> Result {
    let filter = desk_filter(&person, &site, None);
    let mut conn = app.store.read().await?;
    let (mail, sent) = outbox::find(&mut conn, filter, id).await?.ok_or(AppError::NotFound)?;
    page(&MessagePage {
        desk: Desk::new(DeskNav::Messages, Some(&site), &person),
        kind: mail::kind_title(&mail.kind),
        owner: outbox::find_owner(&mut conn, site.conference.id, id).await?,
        is_corrected: uri.query() == Some("done=corrected"),
        site,
        mail,
        sent,
    })
}

impl MessagePage {
    fn all(&self) -> String {
        urls::staff::messages(self.slug())
    }

    fn attendee(&self) -> Option<String> {
        self.mail.attendee.map(|attendee| urls::staff::attendee(&self.site.conference.slug, attendee))
    }

    /// Returns what the reply of the mail server means, if the mail was refused.
    fn meaning(&self) -> Option<MailReply> {
        self.mail.reply.as_deref().and_then(MailReply::read)
    }

    /// Whether another address can help.
    fn is_about_address(&self) -> bool {
        self.meaning().is_some_and(MailReply::is_about_address)
    }

    /// Whether the address can be corrected, so that the mail is sent again to the new one.
    fn can_correct(&self) -> bool {
        let is_open = self.mail.state.is(MessageState::Failed) && self.mail.instead.is_none();
        is_open && self.owner.is_some() && self.desk.may(Action::EditAttendees)
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
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

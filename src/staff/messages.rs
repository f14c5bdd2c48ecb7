//! `/staff/{c}/messages`: lists and searches the mails with their states and the replies of the mail server. Each can be sent again.

use std::{path::PathBuf, sync::Arc};

use askama::Template;
use axum::{extract::State, http::Uri};
use time::OffsetDateTime;

use super::resend::RESEND;
use crate::{
    access::Person,
    domain::{Action, AuditKind, MailReply, MailingId, MessageId, SignedIn, Stored, email, text::clean_line},
    store::{
        audit::{self, Actor, Entry},
        outbox::{self, Message, MessageFilter, MessageState, Open},
        rate_limits::{self, Attempt},
    },
    urls,
    web::{App, AppError, Current, Desk, DeskNav, Named, Result, Site, Submitted, page, reply, see_other},
};

/// How many mails a page lists.
const PAGE: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "staff/messages.html")]
struct MessagesPage {
    desk: Desk,
    site: Arc<Site>,
    shown: Shown,
    open: Open,
    mails: Vec<Message>,
    /// The last mail of this page, if there are older ones.
    older: Option<MessageId>,
    /// The folder into which mails are written, if no mail server is set.
    folder: Option<PathBuf>,
    done: Option<Done>,
    /// The minutes until a mail can be sent again, if this address has reached its limit.
    wait: Option<u32>,
    now: OffsetDateTime,
}

/// The action that was just taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Again,
    Released,
    Discarded,
    Hurried,
    DealtWith,
}

impl Done {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "again" => Self::Again,
            "released" => Self::Released,
            "discarded" => Self::Discarded,
            "hurried" => Self::Hurried,
            "dealt-with" => Self::DealtWith,
            _ => return None,
        })
    }
}

/// Which mails are shown.
#[derive(Clone, Default)]
struct Shown {
    state: Option<MessageState>,
    /// What was typed into the search field.
    words: String,
    mailing: Option<MailingId>,
    before: Option<MessageId>,
}

/// The longest search. No address is longer.
const LONGEST_SEARCH: usize = 254;

impl Shown {
    fn read(fields: &Submitted) -> Self {
        let typed = clean_line(&fields.get("q").replace(char::is_control, " "));
        Self {
            state: MessageState::parse(fields.get("state")),
            words: email::without_scheme(&typed).chars().take(LONGEST_SEARCH).collect(),
            mailing: fields.get("mailing").parse().ok(),
            before: fields.get("before").parse().ok(),
        }
    }

    fn filter(&self, person: &SignedIn, site: &Site) -> MessageFilter {
        MessageFilter { mailing: self.mailing, ..desk_filter(person, site, self.state) }
    }

    /// Returns the fields of the address, without default values.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("state", self.state.map(|state| state.as_str().to_owned())),
            ("q", Some(self.words.clone()).filter(|words| !words.is_empty())),
            ("mailing", self.mailing.map(|mailing| mailing.to_string())),
            ("before", self.before.map(|before| before.to_string())),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// Returns a filter for the mails that this person may see.
pub(super) fn desk_filter(person: &SignedIn, site: &Site, state: Option<MessageState>) -> MessageFilter {
    MessageFilter {
        conference: site.conference.id,
        // Mails about accounts belong to no conference. Only people who manage accounts may see them.
        without_conference: person.may_everywhere(Action::ManageAccounts),
        state,
        mailing: None,
    }
}

/// `GET /staff/{c}/messages`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let query = Submitted::decode(uri.query().unwrap_or_default().as_bytes());
    let mut messages = MessagesPage::of(&app, &person, &site, Shown::read(&query)).await?;
    messages.done = Done::read(query.get("done"));
    page(&messages)
}

/// `POST /staff/{c}/messages/{message}/again`: sends the mail again.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<MessageId>,
    form: Submitted,
) -> Result {
    let shown = Shown::read(&form);
    let mut tx = app.store.begin().await?;
    let operations = app.settings.operations_address.as_str();
    let again = outbox::send_again(&mut tx, shown.filter(&person, &site), id, operations).await?;
    let again = again.ok_or(AppError::NotFound)?;
    // In the same transaction, so that no request holds one connection while it waits for another.
    let attempt = rate_limits::take(&mut tx, RESEND, &email::mailbox(&again.recipient)).await?;
    if let Attempt::TooMany { retry_after } = attempt {
        tx.rollback().await?;
        let mut messages = MessagesPage::of(&app, &person, &site, shown).await?;
        messages.wait = Some(retry_after.div_ceil(60));
        return reply::too_many(&messages, retry_after);
    }
    let entry = Entry {
        conference: again.registration.map(|_| site.conference.id),
        registration: again.registration,
        attendee: again.attendee,
        subject: Some(again.id.0),
        ..Entry::of(AuditKind::MessageSentAgain, Actor::Account(person.account))
    };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.outbox.notify_one();
    Ok(see_other(&urls::staff::messages_after(&site.conference.slug, shown.state.map(MessageState::as_str), "again")))
}

impl MessagesPage {
    async fn of(app: &App, person: &SignedIn, site: &Arc<Site>, shown: Shown) -> Result<Self> {
        let filter = shown.filter(person, site);
        let every = MessageFilter { mailing: None, ..filter };
        let mut search = app.store.search().await?;
        let open = outbox::count_open(&mut search, every).await?;
        // Lists one more than is shown, to know whether there is another page.
        let limit = i64::try_from(PAGE + 1).unwrap_or(1);
        let mut mails = outbox::list(&mut search, filter, &shown.words, shown.before, limit).await?;
        let more = mails.len() > PAGE;
        mails.truncate(PAGE);
        Ok(Self {
            desk: Desk::new(DeskNav::Messages, Some(site), person),
            site: site.clone(),
            shown,
            open,
            older: mails.last().filter(|_| more).map(|mail| mail.id),
            mails,
            folder: app.settings.smtp_url.is_none().then(|| app.settings.mail_folder()),
            done: None,
            wait: None,
            now: app.clock.now(),
        })
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn is(&self, state: Option<MessageState>) -> bool {
        self.shown.state == state
    }

    /// Returns the address of the mails in this state. A search stays.
    fn tab(&self, state: Option<MessageState>) -> String {
        self.with(&Shown { state, before: None, ..self.shown.clone() })
    }

    fn newest(&self) -> String {
        self.tab(self.shown.state)
    }

    fn page_before(&self, mail: &MessageId) -> String {
        self.with(&Shown { before: Some(*mail), ..self.shown.clone() })
    }

    /// Returns the address without the search and the mailing.
    fn without_search(&self) -> String {
        self.with(&Shown { state: self.shown.state, ..Shown::default() })
    }

    fn with(&self, shown: &Shown) -> String {
        urls::staff::messages_where(self.slug(), &shown.fields())
    }

    fn is_searched(&self) -> bool {
        !self.shown.words.is_empty() || self.shown.mailing.is_some()
    }

    /// Returns what the reply of the mail server means, if the mail was refused.
    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn meaning(&self, mail: &Message) -> Option<&'static str> {
        mail.reply.as_deref().and_then(MailReply::read).map(MailReply::words)
    }

    fn attendee(&self, mail: &Message) -> Option<String> {
        mail.attendee.map(|attendee| urls::staff::attendee(self.slug(), attendee))
    }

    fn held(&self) -> String {
        urls::staff::messages_held(self.slug())
    }

    fn mail(&self, mail: &Message) -> String {
        urls::staff::message(self.slug(), mail.id)
    }

    fn again(&self, mail: &Message) -> String {
        urls::staff::message_again(self.slug(), mail.id)
    }

    fn is_late(&self, mail: &Message) -> bool {
        mail.due_at > self.now
    }

    fn iso(&self, at: &OffsetDateTime) -> String {
        self.site.conference.zone.iso(*at)
    }

    /// Returns a moment in few words, with the year unless it is the current one.
    fn moment(&self, at: &OffsetDateTime) -> String {
        let zone = &self.site.conference.zone;
        let (day, today) = (zone.day(*at), zone.day(self.now));
        let year = if day.0.year() == today.0.year() { String::new() } else { format!(" {}", day.0.year()) };
        format!("{}{year}, {} {}", day.short(), zone.clock(*at), zone.abbreviation(*at))
    }
}

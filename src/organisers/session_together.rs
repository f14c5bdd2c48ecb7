//! Saves several sessions together, all or none of them, and perhaps publishes them. If that is refused, says why.

use askama::Template;
use uuid::Uuid;

use super::{in_the_way, session_form::Choices, session_refused};
use crate::{
    domain::{AuditKind, Conference, SessionId, SignedIn},
    editing::{Refusal, WITH, WayOut, attempt, published_with, save::note},
    store::programme::{
        Side,
        editing::Editing,
        items::Item,
        one_by_one,
        saving::SaveError,
        sessions::SessionContent,
        slots::{self, Clash},
    },
    web::{App, Result, Site, Submitted},
};

/// A session, and what it is to become.
pub type Changed = (Item<SessionContent>, SessionContent);

/// Who saves what.
#[derive(Clone, Copy)]
pub struct Together<'a> {
    pub app: &'a App,
    pub site: &'a Site,
    pub person: &'a SignedIn,
    pub choices: &'a Choices,
    /// The form, which may name other items that are published, too.
    pub form: &'a Submitted,
    /// Whether the public is to read it at once.
    pub publishes: bool,
}

/// What became of it.
pub enum Outcome {
    /// It is done: what was done, and with how many sessions.
    Done(&'static str, usize),
    /// Nothing was changed.
    Refused(Refusal),
}

/// The field of the errors.
pub const SESSIONS: &str = "sessions";

#[derive(Template)]
#[template(path = "organisers/session_together_errors.txt")]
enum ErrorMessage<'a> {
    Taken,
    TakenInPublic,
    /// Something other than the sessions takes rooms or people twice in public.
    TakenOtherwise,
    /// Something was in the way, but no longer is.
    JustNow,
    /// What the editor of this session would say.
    Because {
        title: &'a str,
        reason: &'a str,
    },
}

impl Together<'_> {
    /// Saves these sessions in this transaction and commits it, unless something is in the way.
    pub async fn save(self, mut editing: Editing<'_>, all: Vec<Changed>) -> Result<Outcome> {
        let conference = &self.site.conference;
        let published: Vec<Uuid> = if self.publishes {
            all.iter().map(|(item, _)| item.id.0).chain(published_with(self.form)).collect()
        } else {
            Vec::new()
        };
        let (changed, same): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(item, content)| item.head.content != *content);
        match keep(&mut editing, &changed, &published).await {
            Ok((_, clashes)) if clashes.is_empty() => {}
            Ok((which, clashes)) => {
                let mut refusal = with_clashes(conference, which, &clashes)?;
                if which == Side::Public {
                    let others = slots::list_published_with(&mut editing, &published).await;
                    refusal.ways_out.extend(self.way_out(others)?);
                }
                return Ok(Outcome::Refused(refusal));
            }
            Err(error) => {
                drop(editing);
                let all: Vec<_> = changed.into_iter().chain(same).collect();
                return Ok(Outcome::Refused(self.explain(&all, error).await?));
            }
        }
        for (item, _) in &changed {
            let subject = (conference.id, item.id.0);
            note(&mut editing, subject, self.person.account, AuditKind::ItemSaved, &[]).await?;
        }
        editing.commit().await?;
        if !self.publishes {
            return Ok(Outcome::Done("saved", changed.len()));
        }
        self.app.published().await;
        Ok(Outcome::Done("published", published.len()))
    }

    /// Returns the button that does the same and publishes these other sessions, too.
    fn way_out(self, others: Result<Vec<(SessionId, String)>, SaveError>) -> Result<Option<WayOut>> {
        let way = session_refused::together(others)?;
        Ok(way.map(|mut way| {
            way.fields.extend(published_with(self.form).map(|id| (WITH, id.to_string())));
            way
        }))
    }

    /// Says which sessions are the reason why nothing was changed, and why, as their editors would.
    async fn explain(self, all: &[Changed], error: SaveError) -> Result<Refusal> {
        if let SaveError::Database(error) = error {
            return Err(error.into());
        }
        let mut refusal = Refusal::default();
        let mut editing = attempt(self.app, self.site).await?;
        let refused = one_by_one::list_refused(&mut editing, all, self.publishes).await?;
        drop(editing);
        for (index, error) in refused {
            let (item, content) = &all[index];
            let title = item.head.content.title.as_str();
            let reasons =
                session_refused::explain(self.app, self.site, self.choices, (item.id, content), error).await?;
            for reason in reasons.errors.iter() {
                refusal.errors.add(SESSIONS, &ErrorMessage::Because { title, reason: &reason.message });
            }
        }
        if refusal.errors.is_empty() {
            let is_taken = matches!(error, SaveError::Taken);
            refusal.errors.add(SESSIONS, if is_taken { &ErrorMessage::TakenOtherwise } else { &ErrorMessage::JustNow });
        }
        Ok(refusal)
    }
}

/// Saves and perhaps publishes. Returns the clashes, if there are any, and where.
async fn keep(
    editing: &mut Editing<'_>,
    changed: &[Changed],
    published: &[Uuid],
) -> Result<(Side, Vec<Clash>), SaveError> {
    let clashes = slots::save_all(editing, changed).await?;
    if !clashes.is_empty() || published.is_empty() {
        return Ok((Side::Draft, clashes));
    }
    Ok((Side::Public, slots::publish_all(editing, published).await?))
}

fn with_clashes(conference: &Conference, side: Side, clashes: &[Clash]) -> Result<Refusal> {
    let mut refusal = Refusal::default();
    let is_public = side == Side::Public;
    refusal.errors.add(SESSIONS, if is_public { &ErrorMessage::TakenInPublic } else { &ErrorMessage::Taken });
    refusal.in_the_way = in_the_way::of_clashes(conference, side, clashes)?;
    Ok(refusal)
}

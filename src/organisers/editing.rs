//! What the editors of sessions and of pages share: which state a form began from, who saved meanwhile, what is said
//! after a save.

use std::fmt::Display;

use askama::Template;
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use super::compare::{Comparison, Field, Piece, marked, same, undecided};
use crate::{
    domain::{AccountId, AuditKind, ConferenceId, RevisionId, Zone},
    store::{
        audit::{self, Actor, Change, Entry},
        revisions::{Edited, Revision, SaveError, Saved},
    },
    web::{AppError, Errors, Submitted},
};
/// The field that names how often the thing had been saved when the writing began.
pub const BASE: &str = "base";

/// How often the thing had been saved when the writing of this form began; 0 where that cannot be read.
pub fn base(form: &Submitted) -> i32 {
    form.get(BASE).parse().unwrap_or(0)
}

/// The form with another beginning.
pub fn based(form: &Submitted, base: i32) -> Submitted {
    with(form, BASE, base)
}

/// The form with this in one of its fields.
pub fn with(form: &Submitted, field: &str, value: impl Display) -> Submitted {
    let others = form.fields().iter().filter(|(name, _)| name != field).cloned();
    Submitted::new(others.chain([(field.to_owned(), value.to_string())]).collect())
}

/// The field of a decision that names the revision from which the second of two people began to write.
pub const BEGAN: &str = "began";

/// Before the names of the fields in which a decision brings along what the second had written before.
const MINE: &str = "mine-";

/// The revision from which the second of two began to write, if the form is the one with which they decide.
pub fn began(form: &Submitted) -> Option<i32> {
    form.get(BEGAN).parse().ok()
}

/// What the second of two had written before they began to decide. A short way out of the decision is just that.
pub fn mine(form: &Submitted) -> Submitted {
    let brought = form.fields().iter().filter_map(|(name, value)| Some((name.strip_prefix(MINE)?, value)));
    let brought: Vec<_> = brought.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    if brought.is_empty() { form.clone() } else { Submitted::new(brought) }
}

/// Whether a button of this name was pressed; for [`DECISION`] also which.
pub const PREVIEW: &str = "preview";

/// The button that gives way to the other's version.
pub const DECISION: &str = "decision";

/// The value of [`DECISION`] with which a person takes what is published and lets theirs be set aside.
pub const TAKE_THEIRS: &str = "theirs";

/// Why a version was not kept, where that is nothing a person can act on.
pub fn failed(error: SaveError) -> AppError {
    match error {
        SaveError::Database(error) => error.into(),
        other => AppError::internal(other),
    }
}

/// What is said where two versions still stand beside each other.
#[derive(Template)]
#[template(path = "organisers/undecided.txt")]
struct Undecided;

/// What a form says, unless lines still stand in a text that mark another's words: those are to be decided about first.
pub fn decided<S>(fields: &[Field], form: &Submitted, validated: Result<S, Errors>) -> Result<S, Errors> {
    let mut errors = Errors::default();
    undecided(fields, form).for_each(|field| errors.add(field.name, &Undecided));
    match validated {
        Ok(state) if errors.is_empty() => Ok(state),
        Ok(_) => Err(errors),
        Err(others) => Err(others.and(errors)),
    }
}

/// Who saved, and when, in words.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The revision's number.
    pub number: i32,
    /// Who; none is what the conference was shipped with.
    pub who: Option<String>,
    /// When, as a person says it.
    pub at: String,
    /// When, for machines.
    pub iso: String,
}

impl Signature {
    /// Of this revision.
    pub fn of<S>(zone: &Zone, revision: &Revision<S>) -> Self {
        Self::new(zone, revision.number, revision.who.clone(), revision.at)
    }

    /// Of a revision with this number, saved by this person at that time.
    pub fn new(zone: &Zone, number: i32, who: Option<String>, at: OffsetDateTime) -> Self {
        Self { number, who, at: zone.zoned_moment(at), iso: zone.iso(at) }
    }
}

/// What is said above an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It was saved; there is a way back to the revision before, if there was one.
    Saved {
        /// Where the revision before is restored.
        undo: Option<String>,
    },
    /// Nothing differed from what is published, so nothing was saved.
    Unchanged,
    /// The other's version stays published; the own one is kept as this revision.
    SetAside {
        /// Where it is read.
        kept: Option<String>,
    },
    /// The login had ended while somebody wrote; this is what they wrote, and it is not saved.
    Resumed,
    /// The form of a new thing came again with other words, and what it made first stays as it is.
    AddedAlready {
        /// What it is called now.
        title: String,
        /// Where it is edited.
        editor: String,
    },
}

impl Notice {
    /// Whether what stands in the form below is not saved.
    pub fn is_about_unsaved(&self) -> bool {
        matches!(self, Self::Resumed | Self::AddedAlready { .. })
    }

    /// What is to be said after this, unless others have saved since. `all` are the revisions, the latest first; `href`
    /// gives each one's address.
    pub fn of<I, S>(
        done: Done,
        edited: &Edited<I, S>,
        all: &[Saved],
        href: impl Fn(RevisionId) -> String,
    ) -> Option<Self> {
        match done {
            Done::Saved(number) if number == edited.published.number => {
                let before = all.iter().find(|one| one.number < number && !one.set_aside);
                Some(Self::Saved { undo: before.map(|one| href(one.id)) })
            }
            Done::Saved(_) => None,
            Done::Unchanged => Some(Self::Unchanged),
            Done::SetAside(number) => {
                let kept = all.iter().find(|one| one.number == number && one.set_aside);
                Some(Self::SetAside { kept: kept.map(|one| href(one.id)) })
            }
        }
    }
}

/// What happened, as the address of the editor says it after a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A revision of this number was published.
    Saved(i32),
    /// Nothing was to be saved.
    Unchanged,
    /// A revision of this number was set aside.
    SetAside(i32),
}

impl Done {
    /// The query of the address.
    pub fn query(self) -> String {
        match self {
            Self::Saved(number) => format!("saved={number}"),
            Self::Unchanged => "unchanged".to_owned(),
            Self::SetAside(number) => format!("kept={number}"),
        }
    }

    /// What the query says.
    pub fn read(query: Option<&str>) -> Option<Self> {
        let query = Submitted::decode(query?.as_bytes());
        if let Ok(number) = query.get("saved").parse() {
            Some(Self::Saved(number))
        } else if let Ok(number) = query.get("kept").parse() {
            Some(Self::SetAside(number))
        } else {
            query.has("unchanged").then_some(Self::Unchanged)
        }
    }
}

/// Two people's versions of one thing, for the page on which the second decides.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// Who saved meanwhile.
    pub them: Signature,
    /// The number of the revision that the second began from; none if it cannot be told.
    pub began: Option<i32>,
    /// What differs.
    pub compared: Comparison,
    /// The second's version as it was first sent, for saving it as it is.
    pub mine: Submitted,
    /// How often the thing has been saved now.
    pub now: i32,
}

impl Conflict {
    /// The conflict of a form with what is published, if they say different things and others have changed something
    /// since the form's beginning.
    pub fn of<I, S>(
        fields: &[Field],
        zone: &Zone,
        edited: &Edited<I, S>,
        base: Option<(i32, Submitted)>,
        theirs: &Submitted,
        mine: &Submitted,
        say: impl Fn(&str, &str) -> String,
    ) -> Option<Self> {
        let (began, base) = match base {
            Some((number, base)) => (Some(number), base),
            None => (None, Submitted::default()),
        };
        let them = edited.published.who.as_deref().unwrap_or("Somebody");
        let compared = Comparison::of(fields, &base, (theirs, them), mine, say);
        if compared.is_empty() || same(fields, &base, theirs) {
            return None;
        }
        let mine = fields.iter().map(|field| (field.name.to_owned(), mine.get(field.name).to_owned()));
        Some(Self {
            them: Signature::of(zone, &edited.published),
            began,
            compared,
            mine: Submitted::new(mine.filter(|(_, value)| !value.is_empty()).collect()),
            now: edited.revision,
        })
    }
}

/// What a revision says otherwise than what is published, for the page on which it is read.
#[derive(Clone, Debug)]
pub struct Differences {
    /// The values: label, this revision's, the published one's.
    pub values: Vec<(&'static str, String, String)>,
    /// The texts: label, and what restoring would remove and add.
    pub texts: Vec<(&'static str, Vec<Piece>)>,
}

impl Differences {
    /// Between what is published and a revision.
    pub fn of(
        fields: &[Field],
        published: &Submitted,
        revision: &Submitted,
        say: impl Fn(&str, &str) -> String,
    ) -> Self {
        let differing = |text: bool| {
            fields.iter().filter(move |field| field.is_text() == text && !same(&[**field], published, revision))
        };
        Self {
            values: differing(false)
                .map(|field| {
                    let [this, now] = [revision, published].map(|form| say(field.name, form.get(field.name)));
                    (field.label, this, now)
                })
                .collect(),
            texts: differing(true)
                .map(|field| (field.label, marked(published.get(field.name), revision.get(field.name))))
                .collect(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.texts.is_empty()
    }
}

/// The fields that changed, for the audit log. Texts stand in the revisions; the log names those.
pub fn changes(fields: &[Field], before: &Submitted, after: &Submitted, from: i32, to: i32) -> Vec<Change> {
    let changed = fields.iter().filter(|field| !same(&[**field], before, after));
    changed
        .map(|field| {
            let [before, after] = if field.is_text() {
                [format!("revision {from}"), format!("revision {to}")]
            } else {
                [before, after].map(|form| form.line(field.name))
            };
            Change { field: field.name, before, after }
        })
        .collect()
}

/// Writes the audit log's entry about what was edited.
pub async fn note(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    subject: Uuid,
    account: AccountId,
    kind: AuditKind,
    changes: &[Change],
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        conference: Some(conference),
        subject: Some(subject),
        changes,
        ..Entry::of(kind, Actor::Account(account))
    };
    audit::note(tx, entry).await
}

//! Who registers, adds or changes somebody, and which rules staff override for it.

use std::collections::HashMap;

use sqlx::PgTransaction;

use crate::{
    domain::{AttendeeId, AuditKind, CategoryId, ConferenceId, NewAttendee, OverrideReason, RegistrationId},
    store::audit::{self, Actor, Change, Entry},
};

/// Who does something, and what they decide besides.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// Who does it.
    pub actor: Actor,
    /// Whether the contact and the attendees get mails. Operations always get theirs.
    pub tells: bool,
    /// The rules that are overridden, if any.
    pub overriding: Option<Overriding<'a>>,
}

impl Authority<'static> {
    /// A delegate, who overrides nothing.
    pub const DELEGATE: Self = Self { actor: Actor::Delegate, tells: true, overriding: None };
}

impl Authority<'_> {
    /// Whether somebody at the desk does it.
    pub fn is_staff(&self) -> bool {
        matches!(self.actor, Actor::Account(_))
    }

    /// Whether the number of places is raised where none is free.
    pub(super) fn raises(&self) -> bool {
        self.overriding.is_some_and(|overriding| overriding.raises)
    }
}

/// Rules that staff override.
#[derive(Clone, Copy, Debug)]
pub struct Overriding<'a> {
    /// The rules, in words for the history.
    pub rules: &'a str,
    /// Why.
    pub reason: &'a OverrideReason,
    /// Whether there are to be more places where none is free, so that nobody has to wait.
    pub raises: bool,
}

/// Raises the number of places, of the conference and of each category, to what these people need. The counters must be
/// locked. Returns what was raised.
pub(super) async fn raise(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    people: &[NewAttendee],
) -> Result<Vec<Change>, sqlx::Error> {
    let mut wanted: HashMap<Option<CategoryId>, i32> = HashMap::new();
    for one in people {
        *wanted.entry(None).or_default() += 1;
        *wanted.entry(Some(one.category)).or_default() += 1;
    }
    raise_by(tx, conference, &wanted).await
}

/// Raises the number of places of a category by one if none is free, and that of the conference too if `whole`. The counters must
/// be locked. Returns what was raised.
pub(super) async fn raise_for_one(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    category: CategoryId,
    whole: bool,
) -> Result<Vec<Change>, sqlx::Error> {
    let wanted = whole.then_some(None).into_iter().chain([Some(category)]).map(|key| (key, 1));
    raise_by(tx, conference, &wanted.collect()).await
}

async fn raise_by(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    wanted: &HashMap<Option<CategoryId>, i32>,
) -> Result<Vec<Change>, sqlx::Error> {
    let (categories, numbers): (Vec<_>, Vec<_>) =
        wanted.iter().map(|(category, number)| (category.map(|id| id.0), *number)).unzip();
    let raised = sqlx::query!(
        r#"with wanted as (
               select capacity.id, places as before, taken + number as places
               from unnest($2::uuid[], $3::int[]) as wanted (category, number)
               join capacity on conference_id = $1 and category_id is not distinct from wanted.category
               where taken + number > places
           )
           update capacity set places = wanted.places from wanted where capacity.id = wanted.id
           returning category_id is null as "is_whole!", before as "before!", wanted.places as "after!""#,
        conference.0,
        &categories as &[Option<uuid::Uuid>],
        &numbers,
    )
    .fetch_all(&mut **tx)
    .await?;
    let change = |is_whole, before: i32, after: i32| Change {
        field: if is_whole { "places_of_conference" } else { "places_of_category" },
        before: before.to_string(),
        after: after.to_string(),
    };
    Ok(raised.into_iter().map(|row| change(row.is_whole, row.before, row.after)).collect())
}

/// Records which rules were overridden and why, and how many places there are now. Does nothing if none was.
pub(super) async fn note(
    tx: &mut PgTransaction<'_>,
    authority: Authority<'_>,
    (conference, registration, attendee): (ConferenceId, RegistrationId, Option<AttendeeId>),
    raised: Vec<Change>,
) -> Result<(), sqlx::Error> {
    let Some(Overriding { rules, reason, raises: _ }) = authority.overriding else { return Ok(()) };
    let said = |field, after: &str| Change { field, before: String::new(), after: after.to_owned() };
    let mut changes = vec![said("override_rules", rules), said("override_reason", reason.as_str())];
    changes.extend(raised);
    let entry = Entry {
        conference: Some(conference),
        registration: Some(registration),
        attendee,
        changes: &changes,
        ..Entry::of(AuditKind::RuleOverridden, authority.actor)
    };
    audit::note(tx, entry).await
}

//! Saves an item: validates the form, compares it with what others have saved since, and publishes it in the same
//! transaction, unless it is to wait.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use sqlx::{PgConnection, PgTransaction};
use uuid::Uuid;

use super::{
    About, Id, InTheWay, Kind, Links, Refusal, STATUS, SavedBy, WAIT, WayOut, begin,
    compare::{Field, same},
    conflict::{BASE, BEGAN, Conflict, decided, with},
    editor::{Done, EditorPage},
    find, has_text, in_use, links, published_by,
    restoring::{Obstacle, Offer, Restoring},
    slug::{self, SLUG, form_of, has_slug, with_slug},
    with_way_out,
};
use crate::{
    access::Person,
    domain::{AccountId, AuditKind, ConferenceId, Key, SignedIn, Slug, Status, text::clean_line},
    store::{
        audit::{self, Actor, Change, Entry},
        programme::{
            items::{self, Content, Item, Which},
            releases,
            saving::{self, Fate, SaveError},
        },
    },
    web::{App, AppError, Desk, Drafted, Errors, Result, Site, Submitted, reply, see_other},
};

/// The button that shows the preview.
pub const PREVIEW: &str = "preview";

/// The button that keeps the other person's version.
const DECISION: &str = "decision";

/// The value of [`DECISION`] that keeps the saved version and sets this person's version aside.
const TAKE_THEIRS: &str = "theirs";

/// The page on which the second person decides a conflict.
#[derive(Template)]
#[template(path = "editing/conflict.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct ConflictPage {
    desk: Desk,
    title: String,
    action: String,
    encoding: &'static str,
    revisions: String,
    live_preview: String,
    preview_heading: &'static str,
    /// Who saved in the meantime, and when.
    them: SavedBy,
    /// The number of the revision that the second person started from, if it is known.
    began: Option<i32>,
    /// The number of the version to compare with.
    now: i32,
    /// Whether the public reads that version.
    is_public: bool,
    has_text: bool,
    has_slug: bool,
    is_new: bool,
    conflict: Conflict,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
    form: Submitted,
    errors: Errors,
    fields: String,
    in_the_way: Vec<InTheWay>,
    ways_out: Vec<WayOut>,
    preview: String,
    /// Whether the second person's version is valid and can be saved as it is.
    mine_is_sound: bool,
}

/// The error messages of a status.
#[derive(Template)]
#[template(path = "editing/status_errors.txt")]
enum StatusError {
    /// A draft is to be published.
    Draft,
    /// What is public is to become a draft.
    PublicAlready,
}

/// What a form is to do.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The entry in the audit log.
    pub event: AuditKind,
    /// Whether the public is to read it at once.
    pub publishes: bool,
    /// The revision that it restores, if it does.
    pub restoring: Option<&'a Restoring>,
}

/// A save in progress.
struct Saving<'a, K: Kind> {
    site: &'a Arc<Site>,
    person: &'a SignedIn,
    kind: K,
    item: Item<K::Content>,
    /// The form of the saved version.
    theirs: Submitted,
}

/// A conflict, and the number of the revision that the second person started from, if it is known.
type Decision = (Conflict, Option<i32>);

/// `POST`: saves an item and publishes it unless it is to wait, or shows the preview.
pub async fn post<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    About(id): About<K>,
    request: Request,
) -> Result {
    let form = with_way_out(K::read(&app, &site, request).await?);
    let task = Task { event: AuditKind::ItemSaved, publishes: publishes(&form), restoring: None };
    save::<K>(&app, &site, &person, id, form, task).await
}

/// Returns whether the public is to read at once what this form saves.
pub fn publishes(form: &Submitted) -> bool {
    !form.has(WAIT)
}

/// Saves the form as the next revision of the item and redirects to its editor, or shows the form again with its errors
/// or the conflict.
pub async fn save<K: Kind>(
    app: &App,
    site: &Arc<Site>,
    person: &SignedIn,
    id: Id<K>,
    form: Submitted,
    task: Task<'_>,
) -> Result {
    if !matches!(form.get(DECISION), "" | TAKE_THEIRS) {
        return Err(AppError::BadRequest("not a decision".into()));
    }
    // Somebody else may save between reading and saving. Then the loop reads the item again, and finds a conflict unless
    // they saved the same.
    loop {
        let mut conn = app.store.read().await?;
        let saving = Saving::<K>::begin(&mut conn, site, person, id).await?;
        let form = if form.has(SLUG) { form.clone() } else { with_slug::<K>(form.clone(), &saving.item.head.slug) };
        let open = match form.get(BEGAN).parse() {
            Ok(began) => saving.decision(&mut conn, began, &Conflict::first_sent(&form)).await?,
            Err(_) => None,
        };
        if form.has(PREVIEW) {
            return saving.show(open, form, Refusal::default(), StatusCode::OK);
        }
        let base = form.get(BASE).parse().unwrap_or(0);
        if base != saving.item.head.number
            && let Some(decision) = saving.decision(&mut conn, base, &form).await?
        {
            let form = saving.form_of(&decision);
            let errors = slug::validate(&saving.kind, &form).err().unwrap_or_default();
            return saving.show(Some(decision), form, errors.into(), StatusCode::CONFLICT);
        }
        let gives_way = form.get(DECISION) == TAKE_THEIRS;
        // What is set aside is kept as it is.
        let links =
            if gives_way { Errors::default() } else { links::check(&mut conn, site, &saving.kind, &form).await? };
        drop(conn);
        let is_public = saving.item.published.is_some();
        let validated = decided(K::FIELDS, &form, links.or(slug::validate(&saving.kind, &form)));
        let (content, slug) = match validated
            .and_then(|(content, slug)| Ok((with_status(content, is_public, task.publishes && !gives_way)?, slug)))
        {
            Ok(version) => version,
            Err(errors) => {
                let offer = saving.offer(task, &form, (&errors, Obstacle::Errors));
                let refusal = Refusal { offer, ..errors.into() };
                return saving.show(open, form, refusal, StatusCode::UNPROCESSABLE_ENTITY);
            }
        };
        let is_same = same(K::FIELDS, &saving.theirs, &form);
        if is_same && (gives_way || saving.item.is_published() || !task.publishes) {
            return Ok(back::<K>(site, id, Done::Unchanged));
        }
        let kept = if is_same {
            saving.publish(app, &form).await
        } else {
            let fate = if gives_way { Fate::SetAside } else { Fate::Head };
            saving.keep(app, (&content, slug.as_ref(), fate), &form, task).await
        };
        match kept {
            Ok(number) if gives_way => return Ok(back::<K>(site, id, Done::SetAside(number))),
            Ok(number) => return Ok(back::<K>(site, id, Done::Saved(number))),
            // Somebody was faster, and with the item as it is now, there is something to say.
            Err(SaveError::Stale | SaveError::Draft) => {}
            Err(error) => {
                let used_on = in_use::side(&error);
                let mut refusal = match error {
                    SaveError::SlugTaken => slug::taken::<K>(app, site, slug.as_ref()).await?,
                    error => saving.kind.refused(app, site, (id, &content), error).await?.of(&form),
                };
                if let Some(side) = used_on {
                    refusal.in_the_way = in_use::by(app, site, id.uuid(), side).await?;
                }
                refusal.offer = saving.offer(task, &form, (&refusal.errors, Obstacle::Clash));
                return saving.show(open, form, refusal, StatusCode::UNPROCESSABLE_ENTITY);
            }
        }
    }
}

/// Returns the content, unless its status does not go with what the public reads or is to read.
pub fn with_status<C: Content>(content: C, is_public: bool, publishes: bool) -> Result<C, Errors> {
    let mut errors = Errors::default();
    match content.status() {
        Status::Draft if is_public => errors.add(STATUS, &StatusError::PublicAlready),
        Status::Draft if publishes => errors.add(STATUS, &StatusError::Draft),
        _ => return Ok(content),
    }
    Err(errors)
}

fn back<K: Kind>(site: &Site, id: Id<K>, done: Done) -> Response {
    see_other(&Links::<K>::new(site).item_after(id, &done.query()))
}

impl<'a, K: Kind> Saving<'a, K> {
    async fn begin(conn: &mut PgConnection, site: &'a Arc<Site>, person: &'a SignedIn, id: Id<K>) -> Result<Self> {
        let item = find::<K>(conn, site, id).await?;
        let kind = K::load(conn, &site.conference, Some(id)).await?;
        let theirs = form_of(&kind, &item.head);
        Ok(Self { site, person, kind, item, theirs })
    }

    /// Compares the saved version with what somebody wrote, if others have changed something since that revision.
    async fn decision(&self, conn: &mut PgConnection, since: i32, mine: &Submitted) -> Result<Option<Decision>> {
        let key = (self.site.conference.id, self.item.id);
        let began = items::find_revision::<K::Content>(conn, key, Which::HeadAt(since)).await?;
        let base = began.as_ref().map(|began| form_of(&self.kind, began)).unwrap_or_default();
        // An empty slug says nothing.
        let is_complete = !mine.get(SLUG).is_empty();
        let began_at = began.as_ref().map_or(&self.item.head.slug, |began| &began.slug);
        let mine = if is_complete { mine.clone() } else { with_slug::<K>(mine.clone(), began_at) };
        let them = self.item.head.who.as_deref().unwrap_or("Somebody");
        let say = |field: &Field, value: &str| self.kind.say(field, value);
        let conflict = Conflict::of(K::FIELDS, &base, (&self.theirs, them), &mine, say);
        Ok(conflict.map(|conflict| (conflict, began.map(|began| began.number))))
    }

    /// Returns the form of the decision.
    fn form_of(&self, (conflict, began): &Decision) -> Submitted {
        let form = with(&conflict.form(K::FIELDS), BASE, self.item.head.number);
        began.iter().fold(form, |form, began| with(&form, BEGAN, began))
    }

    /// Returns what can be restored nevertheless, if the task restores a revision.
    fn offer(&self, task: Task<'_>, form: &Submitted, refused: (&Errors, Obstacle)) -> Option<Offer> {
        Offer::of((K::FIELDS, K::MOVES), task.restoring?, (form, &self.theirs), refused, task.publishes)
    }

    /// Shows the form again, in the editor or on the page of an open decision.
    fn show(self, open: Option<Decision>, form: Submitted, refusal: Refusal, status: StatusCode) -> Result {
        let Self { site, person, kind, item, .. } = self;
        let Some((conflict, began)) = open else {
            let desk = EditorPage::frame::<K>(site, person);
            return reply::with_status(status, &EditorPage::of_item((desk, site), &kind, &item, form, refusal)?);
        };
        let links = Links::<K>::new(site);
        let title = item.head.content.title().to_owned();
        let page = ConflictPage {
            desk: Desk::new(K::NAV, Some(site), person),
            title,
            action: links.item(item.id),
            encoding: K::ENCODING,
            revisions: links.revisions(item.id),
            live_preview: K::live_preview(&site.conference.slug, Some(item.id)),
            preview_heading: K::PREVIEW,
            them: SavedBy::of(&site.conference.zone, &item.head),
            began,
            now: item.head.number,
            is_public: item.is_published(),
            has_text: has_text::<K>(),
            has_slug: has_slug::<K>(),
            is_new: false,
            is_fresh: status == StatusCode::CONFLICT,
            fields: kind.fields(&form, &refusal.errors)?,
            errors: refusal.errors,
            in_the_way: refusal.in_the_way,
            ways_out: refusal.ways_out,
            preview: kind.preview(&form)?,
            mine_is_sound: decided(K::FIELDS, &conflict.mine, slug::validate(&kind, &conflict.mine)).is_ok(),
            form,
            conflict,
        };
        reply::with_status(status, &page)
    }

    /// Saves the version with an entry in the audit log. Then this instance shows the published version at once.
    async fn keep(
        &self,
        app: &App,
        (content, slug, fate): (&K::Content, Option<&Slug>, Fate),
        form: &Submitted,
        task: Task<'_>,
    ) -> Result<i32, SaveError> {
        let (conference, id, account) = (self.site.conference.id, self.item.id, self.person.account);
        let mut editing = begin(app, self.site, self.person).await?;
        let number = saving::save(&mut editing, id, self.item.head.number, (content, slug), fate).await?;
        if fate == Fate::Head {
            self.kind.check(&mut editing, (id, content), form).await?;
        }
        let publishes = fate == Fate::Head && task.publishes;
        if publishes {
            releases::publish(&mut editing, &published_by(form, id.uuid()), "").await?;
        }
        let event = if fate == Fate::SetAside { AuditKind::ItemSetAside } else { task.event };
        let changes = changes(K::FIELDS, &self.theirs, form, [self.item.head.number, number]);
        note(&mut editing, (conference, id.uuid()), account, event, &changes).await?;
        editing.commit().await?;
        if publishes {
            app.published().await;
        }
        Ok(number)
    }

    /// Publishes the head as it is, and returns its number.
    async fn publish(&self, app: &App, form: &Submitted) -> Result<i32, SaveError> {
        let (conference, id, account) = (self.site.conference.id, self.item.id, self.person.account);
        let mut editing = begin(app, self.site, self.person).await?;
        let item = items::find::<K::Content>(&mut editing, (conference, id)).await?.ok_or(SaveError::Stale)?;
        if item.head.id != self.item.head.id {
            return Err(SaveError::Stale);
        }
        self.kind.check(&mut editing, (id, &item.head.content), form).await?;
        releases::publish(&mut editing, &published_by(form, id.uuid()), "").await?;
        note(&mut editing, (conference, id.uuid()), account, AuditKind::ItemSaved, &[]).await?;
        editing.commit().await?;
        app.published().await;
        Ok(item.head.number)
    }
}

/// Returns the changed fields for the audit log. For texts, the log contains only the numbers of the revisions.
fn changes(fields: &[Field], before: &Submitted, after: &Submitted, revisions: [i32; 2]) -> Vec<Change> {
    let changed = fields.iter().filter(|field| !same(&[**field], before, after));
    changed
        .map(|field| {
            let [before, after] = if field.is_text() {
                revisions.map(|number| format!("revision {number}"))
            } else {
                [before, after].map(|form| clean_line(&field.value_in(form)))
            };
            Change { field: field.name, before, after }
        })
        .collect()
}

/// Writes an entry about an item in the audit log.
pub async fn note(
    tx: &mut PgTransaction<'_>,
    (conference, subject): (ConferenceId, Uuid),
    account: AccountId,
    event: AuditKind,
    changes: &[Change],
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        conference: Some(conference),
        subject: Some(subject),
        changes,
        ..Entry::of(event, Actor::Account(account))
    };
    audit::note(tx, entry).await
}

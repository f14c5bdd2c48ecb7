//! Adds a new item.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use sqlx::PgConnection;

use super::{
    COPY, Id, Kind, Links, begin,
    conflict::{KEY, with},
    editor::{Done, EditorPage, Notice},
    links, published_by,
    save::{PREVIEW, note, publishes, with_status},
    slug, with_way_out,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, ConferenceId, Key, SignedIn, Slug},
    store::programme::{
        items::{self, Content, Item, Revision, Which},
        releases,
        saving::{self, SaveError},
    },
    urls::query::with_query,
    web::{App, AppError, Drafted, Errors, Result, Site, Submitted, reply, see_other},
};

/// The button that adds an item and opens the editor of another new one.
pub const ANOTHER: &str = "another";

/// The parameter with the key of the item that was added just before.
const ADDED: &str = "added";

/// `GET`: shows the editor of a new item.
pub async fn get<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    RawQuery(query): RawQuery,
    resumed: ResumedForm,
) -> Result {
    let mut conn = app.store.read().await?;
    let kind = K::load(&mut conn, &site.conference, None).await?;
    let query = Submitted::decode(query.unwrap_or_default().as_bytes());
    let copied = match query.get(COPY).parse() {
        Ok(id) => items::find::<K::Content>(&mut conn, (site.conference.id, id)).await?,
        Err(_) => None,
    };
    let added = match query.get(ADDED).parse() {
        Ok(id) => items::find::<K::Content>(&mut conn, (site.conference.id, id)).await?,
        Err(_) => None,
    };
    let mut desk = EditorPage::frame::<K>(&site, &person);
    let notice = added.map(|item| Notice::Added {
        title: item.head.content.title().to_owned(),
        editor: Links::<K>::new(&site).item(item.id),
        is_public: item.is_published(),
    });
    let form = resumed.shown_in(&mut desk).unwrap_or_else(|| {
        let form = copied.map_or_else(|| kind.blank(&query), |item| kind.copy_of(&item.head.content));
        with(&form, KEY, Id::<K>::new())
    });
    reply::page(&EditorPage::of_new((desk, &site), &kind, form, Errors::default())?.with_notice(notice))
}

/// `POST`: adds a new item and publishes it unless it is to wait, or shows the preview.
pub async fn post<K: Kind>(
    State(app): State<App>,
    Drafted(site): Drafted,
    Person(person): Person,
    request: Request,
) -> Result {
    let form = with_way_out(K::read(&app, &site, request).await?);
    let id: Id<K> = form.get(KEY).parse().unwrap_or_else(|_| Id::<K>::new());
    let form = with(&form, KEY, id);
    let mut conn = app.store.read().await?;
    let kind = K::load(&mut conn, &site.conference, None).await?;
    let frame = (EditorPage::frame::<K>(&site, &person), &*site);
    if form.has(PREVIEW) {
        return reply::page(&EditorPage::of_new(frame, &kind, form, Errors::default())?);
    }
    if let Some(added) = Added::find(&mut conn, site.conference.id, id).await? {
        return added.sent_again(&site, &person, &kind, &form);
    }
    let links = links::check(&mut conn, &site, &kind, &form).await?;
    drop(conn);
    let publishes = publishes(&form);
    let validated = links.or(slug::validate(&kind, &form));
    let (content, slug) =
        match validated.and_then(|(content, slug)| Ok((with_status(content, false, publishes)?, slug))) {
            Ok(version) => version,
            Err(errors) => return reply::unprocessable(&EditorPage::of_new(frame, &kind, form, errors)?),
        };
    match add::<K>(&app, &site, &person, id, (&content, slug.as_ref(), &form)).await {
        Ok(()) if form.has(ANOTHER) => {
            let mut query = kind.following(&content);
            query.push((ADDED, id.to_string()));
            Ok(see_other(&with_query(Links::<K>::new(&site).new_item(), &query)))
        }
        Ok(()) => Ok(see_other(&Links::<K>::new(&site).item_after(id, &Done::Saved(1).query()))),
        // The same form was sent twice at the same moment, and the other request was first.
        Err(SaveError::Stale) => {
            let added = Added::find(&mut *app.store.read().await?, site.conference.id, id).await?;
            added.ok_or(AppError::NotFound)?.sent_again(&site, &person, &kind, &form)
        }
        Err(SaveError::SlugTaken) => {
            let refusal = slug::taken::<K>(&app, &site, slug.as_ref()).await?;
            reply::unprocessable(&EditorPage::of_new(frame, &kind, form, refusal)?)
        }
        Err(error) => {
            let refusal = kind.refused(&app, &site, (id, &content), error).await?.of(&form);
            reply::unprocessable(&EditorPage::of_new(frame, &kind, form, refusal)?)
        }
    }
}

/// The item that a form has already added.
struct Added<C: Content> {
    item: Item<C>,
    first: Revision<C>,
}

impl<C: Content> Added<C> {
    async fn find(conn: &mut PgConnection, conference: ConferenceId, id: C::Id) -> Result<Option<Self>> {
        let key = (conference, id);
        let Some(item) = items::find(conn, key).await? else { return Ok(None) };
        let first = items::find_revision(conn, key, Which::HeadAt(1)).await?;
        Ok(first.map(|first| Self { item, first }))
    }

    /// Responds to a form that is sent again. If the content is the same, as after a second click, the response leads
    /// to the item that was added. If the content differs, as when somebody went back in their browser, the item does
    /// not change. The person decides what to do, and the form gets a new key.
    fn sent_again<K: Kind<Content = C>>(
        &self,
        site: &Arc<Site>,
        person: &SignedIn,
        kind: &K,
        form: &Submitted,
    ) -> Result {
        let (links, id) = (Links::<K>::new(site), self.item.id);
        let validated = slug::validate(kind, form);
        let is_first = |(content, slug): &(C, Option<Slug>)| {
            *content == self.first.content && slug.as_ref().is_none_or(|slug| slug.as_str() == self.first.slug)
        };
        if validated.as_ref().is_ok_and(is_first) {
            let is_unchanged = self.item.head.id == self.first.id;
            let after = || links.item_after(id, &Done::Unchanged.query());
            return Ok(see_other(&if is_unchanged { after() } else { links.item(id) }));
        }
        let title = self.item.head.content.title().to_owned();
        let notice = Notice::AddedAlready { title, editor: links.item(id) };
        let form = with(form, KEY, Id::<K>::new());
        let frame = (EditorPage::frame::<K>(site, person), &**site);
        let page = EditorPage::of_new(frame, kind, form, validated.err().unwrap_or_default())?;
        reply::conflict(&page.with_notice(Some(notice)))
    }
}

async fn add<K: Kind>(
    app: &App,
    site: &Site,
    person: &SignedIn,
    id: Id<K>,
    (content, slug, form): (&K::Content, Option<&Slug>, &Submitted),
) -> Result<(), SaveError> {
    let (conference, publishes) = (site.conference.id, publishes(form));
    let mut editing = begin(app, site, person).await?;
    saving::add(&mut editing, id, slug, content).await?;
    if publishes {
        releases::publish(&mut editing, &published_by(form, id.uuid()), "").await?;
    }
    note(&mut editing, (conference, id.uuid()), person.account, AuditKind::ItemAdded, &[]).await?;
    editing.commit().await?;
    if publishes {
        app.published().await;
    }
    Ok(())
}

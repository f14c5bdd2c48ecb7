//! Copies what one edition has into another one: its settings without dates, and its items as the public and as organisers see them.
//! Attendees and codes are never copied, nor are earlier revisions and what was removed.

use std::collections::HashMap;

use sqlx::PgTransaction;
use uuid::Uuid;

use crate::domain::{
    CapacityId, Conference, ConferenceId, Key as _, PersonId, RevisionId, SessionId, SessionKindId, SessionNote,
    SessionText, Slug, Status, TopicId,
};
use crate::store::programme::{
    editing::Editing,
    items::{self, Content, ItemKind},
    pages::PageContent,
    people::PersonContent,
    pictures, releases,
    rooms::RoomContent,
    saving::{self, Fate, SaveError},
    session_kinds::SessionKindContent,
    sessions::{Place, Schedule, SessionContent},
    texts::{self, TextContent},
    topics::TopicContent,
};
use crate::store::shipped_pages;

/// What is copied besides the frame of the programme.
#[derive(Clone, Copy, Debug, Default)]
pub struct Copied {
    /// The people who take part in sessions.
    pub people: bool,
    /// The sessions, as drafts without times and rooms.
    pub sessions: bool,
}

/// Copies the settings: places, fees, the account for fees, categories, questions, texts for mailings, and which mails are sent.
pub async fn settings(
    tx: &mut PgTransaction<'_>,
    (source, target): (ConferenceId, ConferenceId),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update registration_settings target
         set offer_hours = source.offer_hours, currency = source.currency, vat_rate = source.vat_rate,
             vat_wording = source.vat_wording, account_holder = source.account_holder, iban = source.iban, bic = source.bic,
             bank = source.bank, days_to_pay = source.days_to_pay
         from registration_settings source
         where source.conference_id = $1 and target.conference_id = $2",
        source.0,
        target.0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into capacity (id, conference_id, places)
         select $3, $2, places from capacity where conference_id = $1 and category_id is null",
        source.0,
        target.0,
        CapacityId::new().0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "with added as (
             insert into category (id, conference_id, slug, name, description, audience, fee_cents, access, place)
             select gen_random_uuid(), $2, slug, name, description, audience, fee_cents, access, place
             from category where conference_id = $1 returning id, slug
         )
         insert into capacity (id, conference_id, category_id, places)
         select gen_random_uuid(), $2, added.id, capacity.places
         from added
         join category source on source.conference_id = $1 and source.slug = added.slug
         left join capacity on capacity.category_id = source.id",
        source.0,
        target.0,
    )
    .execute(&mut **tx)
    .await?;
    questions(tx, (source, target)).await?;
    sqlx::query!(
        "with mails as (insert into mail_off (conference_id, kind) select $2, kind from mail_off where conference_id = $1)
         insert into mail_template (id, conference_id, name, subject, text)
         select gen_random_uuid(), $2, name, subject, text from mail_template where conference_id = $1",
        source.0,
        target.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Copies the questions that the registration form asks, as they are asked now.
async fn questions(
    tx: &mut PgTransaction<'_>,
    (source, target): (ConferenceId, ConferenceId),
) -> Result<(), sqlx::Error> {
    // One statement, so that both sides of each pair have the same new keys; a foreign key is checked at its end.
    sqlx::query!(
        "with pair as materialized (
             select id as source, version_id, gen_random_uuid() as target, gen_random_uuid() as version
             from question where conference_id = $1 and is_asked
         ), versions as (
             insert into question_version (id, conference_id, question_id, number, kind, text, help, purpose, required, readers, choices)
             select pair.version, $2, pair.target, 1, kind, text, help, purpose, required, readers, choices
             from pair join question_version on question_version.id = pair.version_id
         ), added as (
             insert into question (id, conference_id, place, asked_of, version_id)
             select pair.target, $2, place, asked_of, pair.version from pair join question on question.id = pair.source
         )
         insert into question_category (conference_id, question_id, category_id)
         select $2, pair.target, category.id
         from pair
         join question_category on question_category.question_id = pair.source
         join category before on before.id = question_category.category_id
         join category on category.conference_id = $2 and category.slug = before.slug",
        source.0,
        target.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An item that is copied.
struct Source {
    id: Uuid,
    kind: ItemKind,
    head: RevisionId,
    slug: String,
    /// What the public reads of it.
    public: Option<RevisionId>,
    public_slug: Option<String>,
}

/// The state of a copy.
struct Copying<'a, 'c> {
    editing: &'a mut Editing<'c>,
    other: &'a Conference,
    this: &'a Conference,
    /// The new key of each item.
    keys: HashMap<Uuid, Uuid>,
    /// What the public reads of it.
    public: Vec<Uuid>,
}

/// Copies the items of a conference: rooms, topics, kinds of sessions, pages and texts and, if wanted, people and sessions. What the
/// public reads of them is published, except people and sessions; what organisers saved without publishing stays unpublished.
pub async fn items<'a>(
    editing: &'a mut Editing<'_>,
    (other, this): (&'a Conference, &'a Conference),
    copied: Copied,
) -> Result<(), SaveError> {
    let sources = list(editing, other.id).await?;
    let mut copying = Copying { editing, other, this, keys: HashMap::new(), public: Vec::new() };
    // The conference has each text from the beginning.
    for own in texts::list(copying.editing, this.id).await? {
        let source = sources.iter().find(|item| item.kind == ItemKind::Text && item.slug == own.content.name);
        copying.keys.extend(source.map(|source| (source.id, own.id.0)));
    }
    for item in &sources {
        copying.what(item, item.public).await?;
    }
    copying.former_addresses().await?;
    // Nobody can register without a privacy notice.
    let missing = shipped_pages::add(copying.editing, this).await?;
    copying.public.extend(missing);
    releases::publish(copying.editing, &copying.public, "").await?;
    for item in sources.iter().filter(|item| item.public != Some(item.head)) {
        copying.what(item, Some(item.head)).await?;
    }
    // What sessions name comes before them.
    if copied.people {
        for item in sources.iter().filter(|item| item.kind == ItemKind::Person) {
            copying.person(item).await?;
        }
    }
    if copied.sessions {
        copying.sessions(sources.iter().filter(|item| item.kind == ItemKind::Session)).await?;
    }
    Ok(())
}

/// Lists what organisers see, in the order in which it was added.
async fn list(editing: &mut Editing<'_>, source: ConferenceId) -> Result<Vec<Source>, sqlx::Error> {
    sqlx::query_as!(
        Source,
        r#"select item.id, item.kind as "kind: ItemKind", head_id as "head: RevisionId", head.slug,
               public.id as "public?: RevisionId", public.slug as "public_slug?"
           from item
           join revision head on head.id = item.head_id and head.status not in ('withdrawn', 'cancelled')
           left join revision public on public.id = item.published_id and public.status not in ('withdrawn', 'cancelled')
           where item.conference_id = $1 order by item.created_at, item.id"#,
        source.0,
    )
    .fetch_all(&mut ***editing)
    .await
}

impl Copying<'_, '_> {
    /// Copies this revision of an item, if there is one. People and sessions are copied otherwise.
    async fn what(&mut self, item: &Source, revision: Option<RevisionId>) -> Result<(), SaveError> {
        let Some(revision) = revision else { return Ok(()) };
        match item.kind {
            ItemKind::Room => self.item::<RoomContent>(item, revision).await,
            ItemKind::Topic => self.item::<TopicContent>(item, revision).await,
            ItemKind::SessionKind => self.item::<SessionKindContent>(item, revision).await,
            ItemKind::Page => self.page(item, revision).await,
            ItemKind::Text => self.text(item, revision).await,
            ItemKind::Person | ItemKind::Session | ItemKind::Conference => Ok(()),
        }
    }

    async fn item<C: Content>(&mut self, item: &Source, revision: RevisionId) -> Result<(), SaveError> {
        let content = C::get(self.editing, revision).await?;
        self.save(item, revision, &content).await
    }

    async fn page(&mut self, item: &Source, revision: RevisionId) -> Result<(), SaveError> {
        let content = PageContent::get(self.editing, revision).await?;
        let text = shipped_pages::for_another(&content.text, self.other, self.this);
        let content = PageContent { text: text.unwrap_or_else(|| self.with_own_links(content.text)), ..content };
        self.save(item, revision, &content).await
    }

    /// Adds the copy of an item or, if it has been added, saves this content as its next revision, unless it has it already.
    async fn save<C: Content>(&mut self, item: &Source, revision: RevisionId, content: &C) -> Result<(), SaveError> {
        let is_public = item.public == Some(revision);
        let slug = item.public_slug.as_ref().filter(|_| is_public).unwrap_or(&item.slug);
        let slug = Slug::parse(slug).ok();
        if let Some(id) = self.keys.get(&item.id) {
            let own = items::find::<C>(self.editing, (self.this.id, C::Id::from_uuid(*id))).await?;
            let own = own.ok_or(SaveError::NotFound)?;
            let has_slug = slug.as_ref().is_none_or(|slug| slug.as_str() == own.head.slug);
            if has_slug && own.head.content == *content {
                return Ok(());
            }
            saving::save(self.editing, own.id, own.head.number, (content, slug.as_ref()), Fate::Head).await?;
        } else {
            self.add(item, C::Id::new(), slug.as_ref(), content).await?;
        }
        if is_public {
            self.public.push(self.keys[&item.id]);
        }
        Ok(())
    }

    async fn text(&mut self, item: &Source, revision: RevisionId) -> Result<(), SaveError> {
        let content = TextContent::get(self.editing, revision).await?;
        let text = content.text.map(|text| self.with_own_links(text));
        self.save(item, revision, &TextContent { text, ..content }).await
    }

    /// Gives the copies of pages the addresses that the pages once had. By these, the privacy notice and the terms are found.
    async fn former_addresses(&mut self) -> Result<(), sqlx::Error> {
        let (before, now): (Vec<_>, Vec<_>) = self.keys.iter().unzip();
        sqlx::query!(
            "insert into slug (conference_id, kind, slug, item_id)
             select $1, slug.kind, slug.slug, copy.now
             from unnest($2::uuid[], $3::uuid[]) as copy (before, now)
             join slug on slug.item_id = copy.before and slug.kind = 'page'
             on conflict (conference_id, kind, slug) do nothing",
            self.this.id.0,
            &before as &[Uuid],
            &now as &[Uuid],
        )
        .execute(&mut ***self.editing)
        .await?;
        Ok(())
    }

    /// Copies a person with the picture.
    async fn person(&mut self, item: &Source) -> Result<(), SaveError> {
        let content = PersonContent::get(self.editing, item.head).await?;
        let picture = match content.picture {
            Some(picture) => pictures::copy(self.editing, (self.other.id, picture)).await?,
            None => None,
        };
        let text = self.with_own_links(content.text);
        let content = PersonContent { picture, text, successor: None, ..content };
        self.add(item, PersonId::new(), Slug::parse(&item.slug).ok().as_ref(), &content).await
    }

    /// Copies the sessions: those with parts before the parts.
    async fn sessions(&mut self, items: impl Iterator<Item = &Source>) -> Result<(), SaveError> {
        let mut contents = Vec::new();
        for item in items {
            contents.push((item, SessionContent::get(self.editing, item.head).await?));
        }
        contents.sort_by_key(|(_, content)| content.schedule.parent().is_some());
        for (item, content) in contents {
            let content = self.session(content);
            self.add(item, SessionId::new(), Slug::parse(&item.slug).ok().as_ref(), &content).await?;
        }
        Ok(())
    }

    /// Returns the session as a draft without a time and rooms, which names the copies of what it named. Slides and notes belong to
    /// the other edition.
    fn session(&self, content: SessionContent) -> SessionContent {
        let SessionContent {
            title,
            subtitle,
            abstract_text,
            kind,
            topic,
            schedule,
            length,
            status: _,
            people,
            language,
            text,
            links,
            files: _,
            note: _,
        } = content;
        let open = Schedule::Own { starts_at: None, place: Place::Rooms(Vec::new()) };
        let schedule = match schedule {
            Schedule::Own { .. } => open,
            Schedule::Within { parent, offset } => {
                self.keys.get(&parent.0).map_or(open, |parent| Schedule::Within { parent: SessionId(*parent), offset })
            }
        };
        let people = people.into_iter();
        let people = people.filter_map(|(person, part)| Some((PersonId(*self.keys.get(&person.0)?), part)));
        SessionContent {
            title,
            subtitle,
            abstract_text,
            kind: SessionKindId(self.keys[&kind.0]),
            topic: topic.and_then(|topic| self.keys.get(&topic.0)).map(|topic| TopicId(*topic)),
            schedule,
            length,
            status: Status::Draft,
            people: people.collect(),
            language,
            text: self.with_own_links(text),
            links,
            files: Vec::new(),
            note: SessionNote::default(),
        }
    }

    /// Returns a text whose links to the pages that every copy has lead to this conference. Others, such as links to sessions, are left
    /// for people to decide.
    fn with_own_links(&self, text: SessionText) -> SessionText {
        let (source, target) = (&self.other.slug, &self.this.slug);
        let own = [")", "/pages/", "/programme", "/register", "/my-registration"];
        let own = own.iter().fold(text.as_str().to_owned(), |text, rest| {
            text.replace(&format!("](/{source}{rest}"), &format!("](/{target}{rest}"))
        });
        SessionText::parse(&own).unwrap_or(text)
    }

    async fn add<C: Content>(
        &mut self,
        item: &Source,
        id: C::Id,
        slug: Option<&Slug>,
        content: &C,
    ) -> Result<(), SaveError> {
        saving::add(self.editing, id, slug, content).await?;
        self.keys.insert(item.id, id.uuid());
        Ok(())
    }
}

//! People who take part in sessions, such as speakers.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::domain::{
    Affiliation, ConferenceId, Country, HomeTown, JobTitle, Links, PersonId, PersonName, PictureId, PictureText,
    RevisionId, SessionText, SortName, Status,
};
use crate::store::programme::{
    Side,
    editing::Editing,
    items::{Content, ItemKind},
};

/// The content of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonContent {
    /// The name.
    pub name: PersonName,
    /// The name as lists are sorted by it; empty if it follows from the name.
    pub sort_name: SortName,
    /// What they do.
    pub job_title: JobTitle,
    /// Where they do it.
    pub organisation: Affiliation,
    /// The city that they come from.
    pub city: HomeTown,
    /// The country that they come from, if that is known.
    pub country: Option<Country>,
    /// Who they are, in Markdown.
    pub text: SessionText,
    /// Pages about them.
    pub links: Links,
    /// A picture of them.
    pub picture: Option<PictureId>,
    /// What it shows; empty if the name says it.
    pub picture_text: PictureText,
    /// For somebody who was entered twice and withdrawn: the other one.
    pub successor: Option<PersonId>,
    /// [`Status::Confirmed`], or [`Status::Withdrawn`] if they do not take part any more.
    pub status: Status,
}

/// A person in a list.
#[derive(Clone, Debug)]
pub struct ListedPerson {
    /// The key.
    pub id: PersonId,
    /// The name. Others may have the same.
    pub name: String,
    /// What they do; may be empty.
    pub job_title: String,
    /// Where they do it; may be empty.
    pub organisation: String,
    /// The city that they come from; may be empty.
    pub city: String,
    /// The number of sessions that they take part in.
    pub sessions: i64,
    /// The status.
    pub status: Status,
    /// Whether the public reads another revision or none.
    pub unpublished: bool,
    /// The number of the head.
    pub revision: i32,
    /// When it was saved.
    pub changed: OffsetDateTime,
    /// The name of the account that saved it.
    pub who: Option<String>,
}

impl ListedPerson {
    /// Returns the organisation and the city, which tell people with the same name apart; may be empty.
    pub fn from(&self) -> String {
        let parts = [&*self.organisation, &*self.city];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// Lists the people of a conference by their sort names, also those who do not take part any more.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<ListedPerson>, sqlx::Error> {
    sqlx::query_as!(
        ListedPerson,
        r#"select item_id as "id!: PersonId", title as "name!", job_title, organisation, city, sessions as "sessions!",
               status as "status!: Status", unpublished as "unpublished!", revision as "revision!", changed as "changed!", who
           from listed_item join person_content using (revision_id)
           where listed_item.conference_id = $1 order by sort_key, item_id"#,
        conference.0,
    )
    .fetch_all(conn)
    .await
}

/// A person as readers see them.
#[derive(Clone, Debug)]
pub struct Taking {
    /// The key.
    pub id: PersonId,
    /// The last part of their address.
    pub slug: String,
    /// [`Status::Withdrawn`] if they do not take part any more.
    pub status: Status,
    /// The name.
    pub name: String,
    /// What they do; may be empty.
    pub job_title: String,
    /// Where they do it; may be empty.
    pub organisation: String,
    /// The city that they come from; may be empty.
    pub city: String,
    /// The country that they come from, if that is known.
    pub country: Option<Country>,
    /// Who they are, in Markdown; may be empty.
    pub text: String,
    /// Pages about them.
    pub links: Links,
    /// A picture of them.
    pub picture: Option<PictureId>,
    /// What it shows; empty if the name says it.
    pub picture_text: String,
    /// For somebody who was entered twice: the last part of the address of the other one.
    pub successor: Option<String>,
}

/// Lists the people on this side of the programme by their sort names, without those who do not take part any more.
pub async fn list_taking(
    conn: &mut PgConnection,
    side: Side,
    conference: ConferenceId,
) -> Result<Vec<Taking>, sqlx::Error> {
    taking(conn, side, conference, None).await
}

/// Finds the person with this slug on this side of the programme, also if they were withdrawn.
pub async fn find_taking(
    conn: &mut PgConnection,
    side: Side,
    (conference, slug): (ConferenceId, &str),
) -> Result<Option<Taking>, sqlx::Error> {
    Ok(taking(conn, side, conference, Some(slug)).await?.pop())
}

/// Returns the person with this slug; without one, everybody who takes part.
async fn taking(
    conn: &mut PgConnection,
    side: Side,
    conference: ConferenceId,
    slug: Option<&str>,
) -> Result<Vec<Taking>, sqlx::Error> {
    sqlx::query_as!(
        Taking,
        r#"select item.id as "id: PersonId", revision.slug, status as "status: Status", title as name, job_title,
               organisation, city, country as "country: Country", text, links as "links: Links", picture_id as "picture: PictureId",
               picture_text, present_slug(successor_id) as successor
           from item
           join revision on revision.id = case $3 when 'draft' then item.head_id else item.published_id end
           join person_content on person_content.revision_id = revision.id
           where item.conference_id = $1 and case when $2::text is null then status <> 'withdrawn' else revision.slug = $2 end
           order by sort_key, item.id"#,
        conference.0,
        slug,
        side.as_str(),
    )
    .fetch_all(conn)
    .await
}

impl Content for PersonContent {
    type Id = PersonId;

    const KIND: ItemKind = ItemKind::Person;

    fn title(&self) -> &str {
        self.name.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        sqlx::query_as!(
            Self,
            r#"select title as "name: PersonName", sort_name as "sort_name: SortName", job_title as "job_title: JobTitle",
                   organisation as "organisation: Affiliation", city as "city: HomeTown", country as "country: Country",
                   text as "text: SessionText", links as "links: Links",
                   picture_id as "picture: PictureId", picture_text as "picture_text: PictureText",
                   successor_id as "successor: PersonId", status as "status: Status"
               from revision join person_content on person_content.revision_id = revision.id where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self {
            name,
            sort_name,
            job_title,
            organisation,
            city,
            country,
            text,
            links,
            picture,
            picture_text,
            successor,
            status: _,
        } = self;
        sqlx::query!(
            "insert into person_content (revision_id, conference_id, sort_name, sort_key, job_title, organisation, city, country,
                 text, links, picture_id, picture_text, successor_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            revision.0,
            editing.conference().0,
            sort_name.as_str(),
            name.sort_key(sort_name),
            job_title.as_str(),
            organisation.as_str(),
            city.as_str(),
            country.map(Country::code),
            text.as_str(),
            links.to_string(),
            picture.map(|picture| picture.0),
            picture_text.as_str(),
            successor.map(|person| person.0),
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

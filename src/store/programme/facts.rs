//! The facts of a conference, which are an item like its sessions: what it is called, when and where it takes place, and whom to
//! ask.

use sqlx::PgConnection;

use crate::domain::{
    ConferenceId, Country, Day, DescribedPicture, EmailAddress, Hosts, PictureId, PictureText, RevisionId, Status,
    StreetAddress, TelephoneNumber, Title, Town, WebAddress, Zone,
};
use crate::store::programme::{
    editing::Editing,
    items::{Content, ItemKind},
};

/// The facts of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsContent {
    /// The title.
    pub title: Title,
    /// The theme.
    pub theme: Title,
    /// The city in which it takes place.
    pub city: Town,
    /// That city's country.
    pub country: Country,
    /// The venue.
    pub venue: Title,
    /// The venue's own website.
    pub venue_url: WebAddress,
    /// The street address of the venue; may be empty.
    pub address: StreetAddress,
    /// Where a map shows the venue, if that is said.
    pub map_url: Option<WebAddress>,
    /// Who hosts it; may be empty.
    pub hosts: Hosts,
    /// The first day.
    pub first_day: Day,
    /// The last day.
    pub last_day: Day,
    /// The time zone of the venue.
    pub zone: Zone,
    /// The e-mail address of the operations desk that the public sees.
    pub contact_email: EmailAddress,
    /// Its telephone number, if it has one.
    pub contact_telephone: Option<TelephoneNumber>,
    /// Its fax number, if it has one.
    pub contact_fax: Option<TelephoneNumber>,
    /// The picture on the home page, if one was uploaded.
    pub hero: Option<DescribedPicture>,
    /// The picture in previews of shared links, if one was uploaded.
    pub share: Option<DescribedPicture>,
}

impl Content for FactsContent {
    type Id = ConferenceId;

    const KIND: ItemKind = ItemKind::Conference;

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn status(&self) -> Status {
        Status::Confirmed
    }

    async fn get(conn: &mut PgConnection, revision: RevisionId) -> Result<Self, sqlx::Error> {
        let row = sqlx::query!(
            r#"select revision.title as "title: Title", content.theme as "theme: Title", content.venue as "venue: Title",
                   content.venue_url as "venue_url: WebAddress", content.hosts as "hosts: Hosts", content.starts_on, content.ends_on,
                   content.time_zone as "zone: Zone", coalesce(content.city, conference.city) as "city!: Town",
                   coalesce(content.country, conference.country) as "country!: Country",
                   coalesce(content.address, conference.address) as "address!: StreetAddress",
                   coalesce(content.map_url, conference.map_url) as "map_url!",
                   coalesce(content.contact_email, conference.contact_email) as "contact_email!: EmailAddress",
                   coalesce(content.contact_telephone, conference.contact_telephone) as "contact_telephone!",
                   coalesce(content.contact_fax, conference.contact_fax) as "contact_fax!",
                   case when content.hero_text is null then conference.hero_id else content.hero_id end as "hero: PictureId",
                   coalesce(content.hero_text, conference.hero_text) as "hero_text!: PictureText",
                   case when content.share_text is null then conference.share_id else content.share_id end as "share: PictureId",
                   coalesce(content.share_text, conference.share_text) as "share_text!: PictureText"
               from revision
               join conference_content content on content.revision_id = revision.id
               join conference on conference.id = content.conference_id
               where revision.id = $1"#,
            revision.0,
        )
        .fetch_one(conn)
        .await?;
        Ok(Self {
            title: row.title,
            theme: row.theme,
            city: row.city,
            country: row.country,
            venue: row.venue,
            venue_url: row.venue_url,
            address: row.address,
            map_url: WebAddress::parse(&row.map_url).ok(),
            hosts: row.hosts,
            first_day: Day(row.starts_on),
            last_day: Day(row.ends_on),
            zone: row.zone,
            contact_email: row.contact_email,
            contact_telephone: TelephoneNumber::parse(&row.contact_telephone).ok(),
            contact_fax: TelephoneNumber::parse(&row.contact_fax).ok(),
            hero: row.hero.map(|id| DescribedPicture { id, text: row.hero_text }),
            share: row.share.map(|id| DescribedPicture { id, text: row.share_text }),
        })
    }

    async fn insert(&self, editing: &mut Editing<'_>, revision: RevisionId) -> Result<(), sqlx::Error> {
        let Self {
            title: _,
            theme,
            city,
            country,
            venue,
            venue_url,
            address,
            map_url,
            hosts,
            first_day,
            last_day,
            zone,
            contact_email,
            contact_telephone,
            contact_fax,
            hero,
            share,
        } = self;
        let id = |picture: &Option<DescribedPicture>| picture.as_ref().map(|picture| picture.id.0);
        let [hero_text, share_text] =
            [hero, share].map(|picture| picture.as_ref().map_or("", |picture| picture.text.as_str()));
        sqlx::query!(
            "insert into conference_content (revision_id, conference_id, theme, city, country, venue, venue_url, address, map_url,
                 hosts, starts_on, ends_on, time_zone, contact_email, contact_telephone, contact_fax, hero_id, hero_text, share_id, share_text)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
            revision.0,
            editing.conference().0,
            theme.as_str(),
            city.as_str(),
            country.code(),
            venue.as_str(),
            venue_url.as_str(),
            address.as_str(),
            map_url.as_ref().map_or("", WebAddress::as_str),
            hosts.as_str(),
            first_day.0,
            last_day.0,
            zone.name(),
            contact_email.as_str(),
            contact_telephone.as_ref().map_or("", TelephoneNumber::as_str),
            contact_fax.as_ref().map_or("", TelephoneNumber::as_str),
            id(hero),
            hero_text,
            id(share),
            share_text,
        )
        .execute(&mut ***editing)
        .await?;
        Ok(())
    }
}

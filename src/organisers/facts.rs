//! The editor of the conference's facts: what it is called, when and where it takes place, and whom to ask.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    in_the_way,
    move_sessions::{self, Move},
    picture,
    picture_field::{self, PictureField},
};
use crate::{
    domain::{
        Conference, ConferenceId, Country, Day, EmailAddress, Hosts, PictureId, PictureUse, StreetAddress,
        TelephoneNumber, TelephoneNumberError, Title, Town, WebAddress, WebAddressError, Zone,
    },
    editing::{Addresses, Id, InTheWay, Kind, Picture, Refusal, Warning, compare::Field, failed},
    store::programme::{Side, facts::FactsContent, pictures, saving::SaveError, sessions},
    urls,
    web::{App, Current, DeskNav, Errors, FieldMessage, Missing, Result, Site, Submitted},
};

/// The fields of the picture on the home page.
const HERO: PictureField =
    PictureField { key: "hero", text: "hero_text", file: "hero_file", remove: "hero_remove", what: PictureUse::Hero };

/// The fields of the picture in previews of shared links.
const SHARE: PictureField = PictureField {
    key: "share",
    text: "share_text",
    file: "share_file",
    remove: "share_remove",
    what: PictureUse::Share,
};

/// The kind of item that is the conference itself. Each conference has one.
pub struct Facts {
    /// `None` while it is not opened yet. It can have no pictures then.
    conference: Option<Conference>,
}

impl Facts {
    /// Returns the kind for the form of a conference that is not opened yet.
    pub fn of_new() -> Self {
        Self { conference: None }
    }

    /// Returns the picture in this field of the form, with its key.
    fn picture(&self, field: PictureField, form: &Submitted) -> Option<(PictureId, Picture)> {
        field.shown(form).zip(field.picture(self.conference.as_ref()?, form, ""))
    }
}

/// The fields of the form.
#[derive(Template)]
#[template(path = "organisers/facts_fields.html")]
struct FactsFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
    /// Whether pictures can be uploaded.
    has_pictures: bool,
    /// The pictures, and their keys.
    hero: Option<(PictureId, Picture)>,
    share: Option<(PictureId, Picture)>,
}

#[derive(Template)]
#[template(path = "organisers/facts_errors.txt")]
enum ErrorMessage {
    /// The last day is before the first.
    EndsBeforeStart,
    /// The conference would be longer than [`LONGEST`].
    TooLong,
    /// There is no such time zone.
    NoSuchZone,
    /// The text is not the address of a web page.
    NoWebAddress,
    /// The text is not a number that can be dialled.
    NoTelephoneNumber,
    /// Registration would close before it opens.
    RegistrationOpensLater,
    /// The clocks in this time zone skip the hour at which sessions begin.
    HourSkipped,
    /// The same for sessions as the public reads them.
    HourSkippedInPublic,
    /// The clocks in this time zone change during sessions, so that others would overlap them.
    Overlapping,
    /// When such a session begins.
    BeginsAt(String),
}

/// What organisers should look at.
#[derive(Template)]
#[template(path = "organisers/facts_warnings.txt")]
enum WarningWords<'a> {
    /// So many sessions do not take place on a day of the conference.
    Outside(usize),
    /// The last day has passed.
    Past(&'a Conference),
}

/// The number of days that a conference lasts at most.
const LONGEST: i64 = 14;

/// Reads the address of a web page. An empty field gives `None`.
fn web_address(form: &Submitted, field: &str, errors: &mut Errors) -> Option<WebAddress> {
    let address = WebAddress::parse(form.get(field));
    match address {
        Ok(_) | Err(WebAddressError::Missing) => {}
        Err(WebAddressError::TooLong) => errors.add(field, &FieldMessage::TooLong(WebAddress::LIMIT)),
        Err(WebAddressError::Malformed) => errors.add(field, &ErrorMessage::NoWebAddress),
    }
    address.ok()
}

/// Reads a telephone or fax number. An empty field gives `None`.
fn telephone_number(form: &Submitted, field: &str, errors: &mut Errors) -> Option<TelephoneNumber> {
    let number = TelephoneNumber::parse(form.get(field));
    if number == Err(TelephoneNumberError::Malformed) {
        errors.add(field, &ErrorMessage::NoTelephoneNumber);
    }
    number.ok()
}

impl Kind for Facts {
    type Content = FactsContent;

    const FIELDS: &'static [Field] = &[
        Field::value("title", "Title"),
        Field::value("theme", "Theme"),
        Field::value("first_day", "First day"),
        Field::value("last_day", "Last day"),
        Field::value("zone", "Time zone"),
        Field::value("city", "City"),
        Field::named("country", "Country", Country::name_of),
        Field::value("venue", "Venue"),
        Field::value("venue_url", "The venue’s website"),
        Field::value("address", "Street address of the venue"),
        Field::value("map_url", "The venue on a map"),
        Field::value("hosts", "Hosts"),
        Field::value("contact_email", "E-mail"),
        Field::value("contact_telephone", "Telephone"),
        Field::value("contact_fax", "Fax"),
        Field::value(HERO.key, "Picture on the home page"),
        Field::value(HERO.text, "Description of the picture on the home page"),
        Field::value(SHARE.key, "Picture of shared links"),
        Field::value(SHARE.text, "Description of the picture of shared links"),
    ];
    const NAV: DeskNav = DeskNav::Facts;
    /// Nobody adds another.
    const NEW: &'static str = "";
    const ADD_ANOTHER: &'static str = "";
    const MOVES: &[&str] = &["first_day", "last_day", "venue"];
    const ENCODING: &'static str = "multipart/form-data";
    const ADDRESSES: Addresses<ConferenceId> = Addresses {
        new_item: urls::organisers::facts,
        item: |conference, _| urls::organisers::facts(conference),
        revisions: |conference, _| urls::organisers::facts_revisions(conference),
        revision: |conference, _, revision| urls::organisers::facts_revision(conference, revision),
        public: |conference, _| urls::public::home(conference),
    };

    /// The item has the key of the conference in the address.
    async fn key(parts: &mut Parts, app: &App) -> Result<ConferenceId> {
        let Current(site) = Current::from_request_parts(parts, app).await?;
        Ok(site.conference.id)
    }

    async fn read(app: &App, site: &Site, request: Request) -> Result<Submitted> {
        picture::received(app, site, request, &[HERO, SHARE]).await
    }

    async fn load(_: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        Ok(Self { conference: Some(conference.clone()) })
    }

    async fn warn(
        &self,
        conn: &mut PgConnection,
        conference: &Conference,
        now: OffsetDateTime,
    ) -> Result<Vec<Warning>> {
        let mut warnings = Vec::new();
        if conference.ends() <= now {
            let words = WarningWords::Past(conference).render()?;
            warnings.push(Warning { words, items: Vec::new(), remedy: None });
        }
        let items = move_sessions::list_outside(conn, conference).await?;
        if !items.is_empty() {
            let words = WarningWords::Outside(items.len()).render()?;
            let remedy =
                Move::proposed(conn, conference).await?.map(|proposed| proposed.remedy(conference)).transpose()?;
            warnings.push(Warning { words, items, remedy });
        }
        Ok(warnings)
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        Submitted::default()
    }

    fn form_of(&self, content: &FactsContent) -> Submitted {
        let FactsContent {
            title,
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
        } = content;
        let number = |number: &Option<TelephoneNumber>| number.as_ref().map(ToString::to_string).unwrap_or_default();
        let facts = [
            ("title", title.to_string()),
            ("theme", theme.to_string()),
            ("first_day", first_day.iso()),
            ("last_day", last_day.iso()),
            ("zone", zone.name().to_owned()),
            ("city", city.to_string()),
            ("country", country.code().to_owned()),
            ("venue", venue.to_string()),
            ("venue_url", venue_url.to_string()),
            ("address", address.to_string()),
            ("map_url", map_url.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("hosts", hosts.to_string()),
            ("contact_email", contact_email.to_string()),
            ("contact_telephone", number(contact_telephone)),
            ("contact_fax", number(contact_fax)),
        ];
        let pictures = [HERO.form_of(hero.as_ref()), SHARE.form_of(share.as_ref())];
        Submitted::of(facts.into_iter().chain(pictures.into_iter().flatten()))
    }

    fn validate(&self, form: &Submitted) -> Result<FactsContent, Errors> {
        let mut errors = Errors::default();
        let title = errors.check_required("title", Title::parse(form.get("title")), Missing::Title);
        let theme = errors.check_required("theme", Title::parse(form.get("theme")), Missing::Theme);
        let mut day =
            |field, missing| errors.check(field, Day::parse(&form.line(field)).ok_or(FieldMessage::Missing(missing)));
        let (first_day, last_day) = (day("first_day", Missing::FirstDay), day("last_day", Missing::LastDay));
        match first_day.zip(last_day) {
            Some((first, last)) if last < first => errors.add("last_day", &ErrorMessage::EndsBeforeStart),
            Some((first, last)) if (last.0 - first.0).whole_days() >= LONGEST => {
                errors.add("last_day", &ErrorMessage::TooLong);
            }
            _ => {}
        }
        let zone = Zone::parse(&form.line("zone")).ok();
        if zone.is_none() {
            errors.add("zone", &ErrorMessage::NoSuchZone);
        }
        let venue = errors.check_required("venue", Title::parse(form.get("venue")), Missing::Venue);
        let venue_url = web_address(form, "venue_url", &mut errors);
        if form.line("venue_url").is_empty() {
            errors.add("venue_url", &FieldMessage::Missing(Missing::VenueWebsite));
        }
        let city = errors.check_required("city", Town::parse(form.get("city")), Missing::City);
        let country = Country::parse(form.get("country"));
        if country.is_none() {
            errors.add("country", &FieldMessage::Missing(Missing::Country));
        }
        let address = errors.check("address", StreetAddress::parse(form.get("address")));
        let map_url = web_address(form, "map_url", &mut errors);
        let hosts = errors.check("hosts", Hosts::parse(form.get("hosts")));
        let contact_email =
            errors.check_required("contact_email", EmailAddress::parse(form.get("contact_email")), Missing::Email);
        let contact_telephone = telephone_number(form, "contact_telephone", &mut errors);
        let contact_fax = telephone_number(form, "contact_fax", &mut errors);
        let [hero, share] = [HERO, SHARE].map(|field| field.read_described(form, &mut errors));
        if !errors.is_empty() {
            return Err(errors);
        }
        let content = || {
            Some(FactsContent {
                title: title?,
                theme: theme?,
                city: city?,
                country: country?,
                venue: venue?,
                venue_url: venue_url?,
                address: address?,
                map_url,
                hosts: hosts?,
                first_day: first_day?,
                last_day: last_day?,
                zone: zone?,
                contact_email: contact_email?,
                contact_telephone,
                contact_fax,
                hero,
                share,
            })
        };
        content().ok_or(errors)
    }

    fn say(&self, field: &Field, value: &str) -> String {
        match field.name {
            "first_day" | "last_day" => {
                Day::parse(value).map_or_else(|| value.to_owned(), |day| format!("{} {}", day.long(), day.0.year()))
            }
            name if name == HERO.key || name == SHARE.key => {
                let uploaded = self.conference.as_ref().and_then(|conference| picture_field::say(conference, value));
                uploaded.unwrap_or_else(|| value.to_owned())
            }
            _ => field.say(value),
        }
    }

    fn pictures(&self, form: &Submitted) -> Vec<Picture> {
        [HERO, SHARE].into_iter().filter_map(|field| Some(self.picture(field, form)?.1)).collect()
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        let [hero, share] = [HERO, SHARE].map(|field| self.picture(field, form));
        FactsFields { form, errors, has_pictures: self.conference.is_some(), hero, share }.render()
    }

    async fn refused(
        &self,
        app: &App,
        site: &Site,
        (id, content): (ConferenceId, &FactsContent),
        error: SaveError,
    ) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::WindowOutOfOrder => refusal.errors.add("last_day", &ErrorMessage::RegistrationOpensLater),
            SaveError::Taken => {
                refusal.errors.add("zone", &ErrorMessage::Overlapping);
                refusal.in_the_way = in_the_way::clashing(app, site, (id, content)).await?;
            }
            SaveError::HourSkipped => {
                let mut conn = app.store.read().await?;
                let mut message = ErrorMessage::HourSkipped;
                let mut skipped = sessions::list_skipped(&mut conn, Side::Draft, id, &content.zone).await?;
                if skipped.is_empty() {
                    message = ErrorMessage::HourSkippedInPublic;
                    skipped = sessions::list_skipped(&mut conn, Side::Public, id, &content.zone).await?;
                }
                refusal.errors.add("zone", &message);
                for session in skipped {
                    let begins = ErrorMessage::BeginsAt(Zone::utc().moment(session.starts_at.assume_utc()));
                    refusal.in_the_way.push(InTheWay {
                        title: session.title,
                        editor: urls::organisers::session(&site.conference.slug, session.id),
                        what: begins.render()?.trim().to_owned(),
                    });
                }
            }
            SaveError::PictureGone => {
                let mut conn = app.store.read().await?;
                for (field, picture) in [(HERO, &content.hero), (SHARE, &content.share)] {
                    let Some(picture) = picture else { continue };
                    let key = (id, picture.id);
                    if pictures::find_any(&mut conn, key, field.what.largest()).await?.is_none() {
                        field.add_gone(&mut refusal.errors);
                    }
                }
            }
            error => return Err(failed(error)),
        }
        Ok(refusal)
    }
}

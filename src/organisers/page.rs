//! The editor of a page.

use askama::Template;
use sqlx::PgConnection;

use super::{
    fields::{number, say, status},
    page_links,
};
use crate::{
    domain::{Conference, PageId, Placement, SessionText, Status, Title},
    editing::{Addresses, Id, Kind, Refusal, STATUS, TEXT, WayOut, compare::Field, failed, merging::Layout, slug},
    store::programme::{
        editing::Editing,
        linked,
        pages::{self, PageContent},
        saving::SaveError,
    },
    urls,
    web::{App, DeskNav, Errors, FieldMessage, Missing, Result, Site, Submitted},
};

/// The kind of item that is a page.
pub struct Page {
    /// The place of a new page in the order of the pages.
    next: i16,
}

/// The last place in the order.
const LAST: i16 = 999;

/// The field of the button that removes a page although texts link to it: the keys of these texts, so that nobody agrees to more
/// than they have seen.
const LINKED_BY: &str = "linked_by";

/// Each placement, as the form and the list say it.
const PLACEMENTS: [(Placement, &str); 3] = [
    (Placement::Menu, "In the menu of every public page"),
    (Placement::Footer, "In the footer of every public page"),
    (Placement::None, "Neither in the menu nor in the footer"),
];

/// Returns the placements as options of a select.
pub fn placements() -> Vec<(String, String)> {
    PLACEMENTS.iter().map(|(placement, words)| (placement.to_string(), (*words).to_owned())).collect()
}

/// The fields of a page's form.
#[derive(Template)]
#[template(path = "organisers/page_fields.html")]
struct PageFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(path = "organisers/page_errors.txt")]
enum ErrorMessage {
    /// It is the privacy notice.
    PrivacyNotice,
    /// Texts link to it.
    Linked,
    /// The words on the button that removes it nevertheless.
    RemoveLinked,
}

impl Kind for Page {
    type Content = PageContent;

    const FIELDS: &'static [Field] = &[
        Field::line("title", "Title"),
        Field::tick("draft", "Facts are missing"),
        Field::text(TEXT, "Text", Layout::Paragraphs),
        Field::value("placement", "Link to this page"),
        Field::value("place", "Place in the order"),
        Field::value(STATUS, "Status"),
        slug::FIELD,
    ];
    const NAV: DeskNav = DeskNav::Pages;
    const NEW: &'static str = "New page";
    const ADD_ANOTHER: &'static str = "Add as another page";
    const ADDRESSES: Addresses<PageId> = Addresses {
        new_item: urls::organisers::new_page,
        item: urls::organisers::page,
        revisions: urls::organisers::page_revisions,
        revision: urls::organisers::page_revision,
        public: urls::public::page,
    };

    async fn load(conn: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        let last = pages::list(conn, conference.id).await?.into_iter().map(|page| page.place).max();
        Ok(Self { next: last.map_or(1, |last| last.saturating_add(1).min(LAST)) })
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        let (placement, status) = (Placement::default().to_string(), Status::Confirmed.to_string());
        Submitted::of([("placement", placement), ("place", self.next.to_string()), (STATUS, status)])
    }

    fn form_of(&self, content: &PageContent) -> Submitted {
        let PageContent { title, text, draft, placement, place, status } = content;
        let fields = [
            ("title", title.to_string()),
            (TEXT, text.to_string()),
            ("placement", placement.to_string()),
            ("place", place.to_string()),
            (STATUS, status.to_string()),
        ];
        Submitted::of(fields.into_iter().chain(draft.then(|| ("draft", "on".to_owned()))))
    }

    fn validate(&self, form: &Submitted) -> Result<PageContent, Errors> {
        let mut errors = Errors::default();
        let title = errors.check_required("title", Title::parse(form.get("title")), Missing::Title);
        let text = errors.check(TEXT, SessionText::parse(form.get(TEXT)));
        let placement = Placement::parse(form.get("placement")).ok_or(FieldMessage::NotOffered);
        let placement = errors.check("placement", placement);
        let place = number(form, "place", (1, LAST.into()), &mut errors).and_then(|place| i16::try_from(place).ok());
        let status = status(form, &mut errors);
        match (title, text, placement, place, status) {
            (Some(title), Some(text), Some(placement), Some(place), Some(status)) => {
                Ok(PageContent { title, text, draft: form.has("draft"), placement, place, status })
            }
            _ => Err(errors),
        }
    }

    fn say(&self, field: &Field, value: &str) -> String {
        let placement =
            PLACEMENTS.iter().find(|(placement, _)| field.name == "placement" && placement.as_str() == value);
        placement.map_or_else(|| say(field, value), |(_, words)| (*words).to_owned())
    }

    /// Refuses to remove a page while texts link to it that the person was not told of.
    async fn check(
        &self,
        editing: &mut Editing<'_>,
        (id, content): (PageId, &PageContent),
        form: &Submitted,
    ) -> Result<(), SaveError> {
        if content.status != Status::Withdrawn {
            return Ok(());
        }
        let conference = editing.conference();
        let linking = linked::list_linking(editing, conference, id).await?;
        let is_known = |item: &str| form.get(LINKED_BY).split_whitespace().any(|known| known == item);
        if linking.iter().all(|one| is_known(&one.item.to_string())) { Ok(()) } else { Err(SaveError::Linked) }
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        PageFields { form, errors }.render()
    }

    async fn refused(
        &self,
        app: &App,
        site: &Site,
        (id, _): (PageId, &PageContent),
        error: SaveError,
    ) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::PrivacyNotice => refusal.errors.add(STATUS, &ErrorMessage::PrivacyNotice),
            SaveError::Linked => {
                let mut conn = app.store.read().await?;
                let linking = linked::list_linking(&mut conn, site.conference.id, id).await?;
                let keys: Vec<_> = linking.iter().map(|one| one.item.to_string()).collect();
                refusal.errors.add(STATUS, &ErrorMessage::Linked);
                refusal.in_the_way = page_links::listed(site, linking)?;
                let label = ErrorMessage::RemoveLinked.render()?.trim().to_owned();
                refusal.ways_out.push(WayOut { label, fields: vec![(LINKED_BY, keys.join(" "))] });
            }
            error => return Err(failed(error)),
        }
        Ok(refusal)
    }
}

//! The editor of a page.

use askama::Template;
use sqlx::PgConnection;

use crate::{
    domain::{Conference, PageId, SessionText, Title},
    editing::{Addresses, Kind, TEXT, compare::Field, merging::Layout, slug},
    store::programme::pages::PageContent,
    urls,
    web::{DeskNav, Errors, Missing, Result, Submitted},
};

/// The kind of item that is a page.
pub struct Page;

/// The fields of a page's form.
#[derive(Template)]
#[template(path = "organisers/page_fields.html")]
struct PageFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
}

impl Kind for Page {
    type Content = PageContent;

    const FIELDS: &'static [Field] = &[
        Field::line("title", "Title"),
        Field::tick("draft", "Draft"),
        Field::text(TEXT, "Text", Layout::Paragraphs),
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

    async fn load(_: &mut PgConnection, _: &Conference) -> Result<Self> {
        Ok(Self)
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        Submitted::default()
    }

    fn form_of(&self, content: &PageContent) -> Submitted {
        let fields = [("title", content.title.to_string()), (TEXT, content.text.to_string())];
        Submitted::of(fields.into_iter().chain(content.draft.then(|| ("draft", "on".to_owned()))))
    }

    fn validate(&self, form: &Submitted) -> Result<PageContent, Errors> {
        let mut errors = Errors::default();
        let title = errors.check_required("title", Title::parse(form.get("title")), Missing::Title);
        let text = errors.check(TEXT, SessionText::parse(form.get(TEXT)));
        match (title, text) {
            (Some(title), Some(text)) => Ok(PageContent { title, text, draft: form.has("draft") }),
            _ => Err(errors),
        }
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        PageFields { form, errors }.render()
    }
}

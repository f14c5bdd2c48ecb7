//! The editor of a text: words of a public page, or the subject and the words of a kind of mail. Which texts there are is settled by the
//! program, so nobody adds or removes one.

use askama::Template;
use sqlx::PgConnection;

use super::text_about::About;
use crate::{
    domain::{Conference, SessionText, TextId, text::clean_lines},
    editing::{
        Addresses, Kind, TEXT,
        compare::Field,
        marking::{Piece, marked},
        merging::Layout,
    },
    mail::{Placeholder, Stands, TextError, Wrong},
    store::programme::texts::{self, TextContent},
    urls,
    web::{DeskNav, Errors, FieldMessage, Result, Submitted},
};

/// The kind of item that is a text.
pub struct Text {
    conference: Conference,
    /// The text that is edited; `None` if only the contents of several are compared.
    about: Option<About>,
}

/// The fields of the form.
#[derive(Template)]
#[template(path = "organisers/text_fields.html")]
struct TextFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
    about: &'a About,
    /// Whether the field contains what is shipped.
    is_shipped: bool,
    /// The differences from what is shipped.
    compared: Vec<Piece>,
    /// The buttons that save what is shipped: the words and the value of each.
    back: [(&'static str, String); 2],
    placeholders: Vec<Placeholder>,
    cases: Vec<&'static str>,
}

/// How a mail reads with this text.
#[derive(Template)]
#[template(path = "organisers/text_preview.html")]
struct MailPreview {
    shown: Result<Vec<crate::mail::Shown>, String>,
}

#[derive(Template)]
#[template(path = "organisers/text_errors.txt")]
enum ErrorMessage<'a> {
    /// It names a value that does not exist.
    Placeholder { name: &'a str, known: &'a str },
    /// It names a case that does not exist.
    Case { case: &'a str, known: &'a str },
    /// A list shares its paragraph with other words.
    NotAlone(&'a str),
    /// A value stands where it cannot.
    Misplaced(&'a str),
    /// A mail would have no subject.
    NoSubject,
    /// A mail would have no heading.
    NoHeading,
    /// A mail lacks a link that its readers need.
    NoLink { name: &'a str, example: &'a str },
    /// A link in a mail is not a full address.
    Incomplete(&'a str),
    /// It cannot be rendered.
    Unreadable,
}

impl Kind for Text {
    type Content = TextContent;

    const FIELDS: &'static [Field] = &[Field::text(TEXT, "Text", Layout::Paragraphs)];
    const NAV: DeskNav = DeskNav::Texts;
    /// Nobody adds another.
    const NEW: &'static str = "";
    const ADD_ANOTHER: &'static str = "";
    const PREVIEW: &'static str = "As it will be read";
    const IN_USE: [&'static str; 2] = ["It is in use now.", "It is not in use yet."];
    const ADDRESSES: Addresses<TextId> = Addresses {
        new_item: urls::organisers::texts,
        item: urls::organisers::text,
        revisions: urls::organisers::text_revisions,
        revision: urls::organisers::text_revision,
        public: super::text_about::page_of,
    };

    async fn load(conn: &mut PgConnection, conference: &Conference, id: Option<TextId>) -> Result<Self> {
        let name = match id {
            Some(id) => texts::find_name(conn, conference.id, id).await?,
            None => None,
        };
        Ok(Self { conference: conference.clone(), about: name.as_deref().and_then(About::find) })
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        Submitted::default()
    }

    fn form_of(&self, content: &TextContent) -> Submitted {
        let shipped = || About::find(&content.name).map(|about| about.shipped()).unwrap_or_default();
        Submitted::of([(TEXT, content.text.as_ref().map_or_else(shipped, ToString::to_string))])
    }

    /// A text that is the same as the shipped one, or empty, is stored as "as shipped". So whoever has not changed it gets the better
    /// text of a later program.
    fn validate(&self, form: &Submitted) -> Result<TextContent, Errors> {
        let mut errors = Errors::default();
        let Some(about) = &self.about else {
            errors.add(TEXT, &FieldMessage::NotOffered);
            return Err(errors);
        };
        let Some(text) = errors.check(TEXT, SessionText::parse(form.get(TEXT))) else { return Err(errors) };
        let is_shipped = text.as_str().is_empty() || text.as_str() == about.shipped();
        if !is_shipped {
            for wrong in about.check(&self.conference, text.as_str()) {
                add(&mut errors, &wrong);
            }
        }
        let content = || TextContent {
            name: about.name(),
            title: about.title().to_owned(),
            text: (!is_shipped).then(|| text.clone()),
        };
        if errors.is_empty() { Ok(content()) } else { Err(errors) }
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        let Some(about) = &self.about else { return Ok(String::new()) };
        let (text, shipped) = (clean_lines(form.get(TEXT)), about.shipped());
        let is_shipped = text.is_empty() || text == shipped;
        let value = |wait: bool| {
            let mut value = form_urlencoded::Serializer::new(String::new());
            value.append_pair(TEXT, &shipped);
            if wait {
                value.append_pair("wait", "on");
            }
            value.finish()
        };
        TextFields {
            form,
            errors,
            is_shipped,
            compared: if is_shipped { Vec::new() } else { marked(&shipped, &text) },
            back: [("Back to what was shipped", value(false)), ("Back, without publishing", value(true))],
            placeholders: about.placeholders(&self.conference),
            cases: about.cases(&self.conference),
            about,
        }
        .render()
    }

    fn preview(&self, form: &Submitted) -> askama::Result<String> {
        let Some(about) = &self.about else { return Ok(String::new()) };
        let text = clean_lines(form.get(TEXT));
        let text = if text.is_empty() { about.shipped() } else { text };
        match about {
            About::Page(_) => Ok(crate::web::texts::html(&self.conference, &text)),
            About::Mail(wording) => {
                let shown = wording.show(&self.conference, &text);
                let in_words = |error: TextError| error_of(&error).render().unwrap_or_default();
                MailPreview { shown: shown.map_err(|error| in_words(error).trim().to_owned()) }.render()
            }
        }
    }

    fn live_preview(conference: &str, id: Option<TextId>) -> String {
        id.map_or_else(|| urls::organisers::preview(conference), |id| urls::organisers::text_preview(conference, id))
    }

    /// Placeholders stand for addresses, which always lead somewhere.
    fn text_with_links(&self, form: &Submitted) -> String {
        match self.about {
            Some(About::Page(_)) if crate::web::texts::unknown(form.get(TEXT)).is_empty() => {
                crate::web::texts::filled(&self.conference, form.get(TEXT))
            }
            // Other links are checked with everything else that can be wrong.
            _ => String::new(),
        }
    }
}

/// Adds the error of what is wrong with a text.
fn add(errors: &mut Errors, wrong: &Wrong) {
    match wrong {
        Wrong::Text(error) => errors.add(TEXT, &error_of(error)),
        Wrong::NoLink { name, example } => errors.add(TEXT, &ErrorMessage::NoLink { name, example }),
        Wrong::Incomplete(address) => errors.add(TEXT, &ErrorMessage::Incomplete(address)),
    }
}

fn error_of(error: &TextError) -> ErrorMessage<'_> {
    match error {
        TextError::Value { name, known } => ErrorMessage::Placeholder { name, known },
        TextError::Case { case, known } => ErrorMessage::Case { case, known },
        TextError::NotAlone(name) => ErrorMessage::NotAlone(name),
        TextError::Misplaced(name) => ErrorMessage::Misplaced(name),
        TextError::Subject => ErrorMessage::NoSubject,
        TextError::Heading => ErrorMessage::NoHeading,
        TextError::Html => ErrorMessage::Unreadable,
    }
}

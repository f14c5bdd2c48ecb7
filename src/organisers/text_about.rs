//! What a text is about: the words of a public page, or a kind of mail.

use crate::{
    domain::{Conference, text::clean_lines},
    mail::{self, Placeholder, Stands, TextError, Wording, Wrong},
    urls,
    web::texts::{self, PageText, ShownOn},
};

/// What a text is about.
#[derive(Clone, Copy)]
pub enum About {
    /// A public page.
    Page(&'static PageText),
    /// A kind of mail.
    Mail(Wording),
}

/// The texts that are listed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Those of the home page.
    Home,
    /// Those of the registration form and the page after it.
    Registration,
    /// Those of mails to delegates.
    Delegates,
    /// Those of mails to the operations desk.
    Operations,
}

impl Group {
    /// All groups, each with its heading.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Home, "Home page"),
        (Self::Registration, "Registration"),
        (Self::Delegates, "E-mails to delegates"),
        (Self::Operations, "E-mails to operations"),
    ];
}

/// Returns all texts, in the order of the list.
pub fn all() -> impl Iterator<Item = About> {
    texts::ALL.iter().map(About::Page).chain(mail::list_wordings().map(About::Mail))
}

/// Returns the address of the public page that shows the text with this name; empty if no page does.
pub fn page_of(conference: &str, name: &str) -> String {
    About::find(name).and_then(|about| about.page(conference)).unwrap_or_default()
}

impl About {
    /// Returns the text with this name; `None` if only a newer version knows it.
    pub fn find(name: &str) -> Option<Self> {
        texts::find(name).map(Self::Page).or_else(|| mail::find_wording(name).map(Self::Mail))
    }

    /// Returns its name.
    pub fn name(&self) -> String {
        match self {
            Self::Page(text) => text.name.to_owned(),
            Self::Mail(wording) => wording.name(),
        }
    }

    /// Returns what it is called.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Page(text) => text.title,
            Self::Mail(wording) => wording.title(),
        }
    }

    /// Returns the text that is shipped with the program, as the form has it.
    pub fn shipped(&self) -> String {
        clean_lines(match self {
            Self::Page(text) => text.shipped,
            Self::Mail(wording) => wording.shipped(),
        })
    }

    /// Whether it is the text of a mail.
    pub fn is_mail(&self) -> bool {
        matches!(self, Self::Mail(_))
    }

    /// Returns the group in which it is listed.
    pub fn group(&self) -> Group {
        match self {
            Self::Page(text) if text.page == ShownOn::Home => Group::Home,
            Self::Page(_) => Group::Registration,
            Self::Mail(wording) if wording.is_for_operations() => Group::Operations,
            Self::Mail(_) => Group::Delegates,
        }
    }

    /// Returns where it shows, in words.
    pub fn place(&self) -> &'static str {
        match self {
            Self::Page(text) => match text.page {
                ShownOn::Home => "Home page",
                ShownOn::Registration => "Registration form",
                ShownOn::Registered => "Page after registering",
            },
            Self::Mail(_) => "E-mail",
        }
    }

    /// Returns the address of the page that shows it to everybody, if one does.
    pub fn page(&self, conference: &str) -> Option<String> {
        match self {
            Self::Page(text) => match text.page {
                ShownOn::Home => Some(urls::public::home(conference)),
                ShownOn::Registration => Some(urls::public::register(conference)),
                ShownOn::Registered => None,
            },
            Self::Mail(_) => None,
        }
    }

    /// Returns the placeholders that it may name.
    pub fn placeholders(&self, of: &Conference) -> Vec<Placeholder> {
        match self {
            Self::Page(_) => {
                let placeholder = |(name, meaning)| Placeholder { name, meaning, stands: Stands::Anywhere };
                texts::PLACEHOLDERS.into_iter().map(placeholder).collect()
            }
            Self::Mail(wording) => wording.placeholders(of),
        }
    }

    /// Returns the cases that it may distinguish.
    pub fn cases(&self, of: &Conference) -> Vec<&'static str> {
        match self {
            Self::Page(_) => Vec::new(),
            Self::Mail(wording) => wording.cases(of),
        }
    }

    /// Returns what is wrong with this text in its place; nothing if it can be used.
    pub fn check(&self, of: &Conference, text: &str) -> Vec<Wrong> {
        match self {
            Self::Page(_) => {
                let known = texts::PLACEHOLDERS.map(|(name, _)| format!("{{{name}}}")).join(", ");
                let unknown = texts::unknown(text).into_iter();
                let wrong = |name: &str| TextError::Value { name: name.to_owned(), known: known.clone() };
                unknown.map(|name| Wrong::Text(wrong(name))).collect()
            }
            Self::Mail(wording) => wording.check(of, text),
        }
    }
}

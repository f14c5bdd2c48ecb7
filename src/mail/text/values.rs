//! The values that a text names.

use std::collections::{BTreeMap, BTreeSet};

use super::error::TextError;
use crate::{
    domain::placeholders::{Part, parts},
    mail::unlinked::{excerpt, unlinked},
    urls,
};

/// The target of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address.
    pub url: String,
    /// Whether its last part is a secret.
    pub secret: bool,
    /// Whether the plain text shows the address. It is not needed where the words already say it, as in telephone numbers.
    pub spelt_out: bool,
}

impl Link {
    /// Returns a link without a secret.
    pub fn open(url: String) -> Self {
        Self { url, secret: false, spelt_out: true }
    }

    /// Returns a link whose address ends in a secret.
    pub fn secret(url: String) -> Self {
        Self { secret: true, ..Self::open(url) }
    }

    /// Returns the address, without its secret if `masked`.
    pub fn shown(&self, masked: bool) -> String {
        match self.url.rsplit_once('/') {
            Some((rest, _)) if masked && self.secret => format!("{rest}/…"),
            _ => self.url.clone(),
        }
    }
}

/// A person or a number in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The name, in bold.
    pub strong: String,
    /// The rest of the line.
    pub rest: String,
    /// Further lines, in small print.
    pub small: Vec<String>,
}

impl Row {
    /// Returns a row with a name that somebody typed: nothing in it becomes a link.
    pub fn typed(name: &str, small: Vec<String>) -> Self {
        Self { strong: unlinked(name), rest: String::new(), small }
    }
}

/// A value. Its variant decides where it may stand.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Among words, in the subject too.
    Words(String),
    /// Among words, and can be dialled.
    Telephone(String),
    /// Among words, on several lines.
    Lines(Vec<String>),
    /// Alone in its paragraph.
    Rows(Vec<Row>),
    /// The target of a link: `[words]({name})`.
    Link(Link),
    /// The target of a link that stands alone in its paragraph. Each person gets a link.
    LinkedRows(Vec<(Row, Link)>),
}

/// Where a value may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// Among words.
    Anywhere,
    /// Among words, but not in the subject.
    InText,
    /// Alone in its paragraph.
    Alone,
    /// As the target of a link.
    Link,
    /// As the target of a link that stands alone in its paragraph.
    LinkAlone,
}

impl Value {
    fn stands(&self) -> Stands {
        match self {
            Self::Words(_) | Self::Telephone(_) => Stands::Anywhere,
            Self::Lines(_) => Stands::InText,
            Self::Rows(_) => Stands::Alone,
            Self::Link(_) => Stands::Link,
            Self::LinkedRows(_) => Stands::LinkAlone,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) | Self::Telephone(words) => words.is_empty(),
            Self::Lines(lines) => lines.is_empty(),
            Self::Rows(rows) => rows.is_empty(),
            Self::Link(link) => link.url.is_empty(),
            Self::LinkedRows(rows) => rows.is_empty(),
        }
    }
}

/// The values of one mail, by name.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Sets words of our own, on one line.
    pub fn words(&mut self, name: &'static str, words: &str) {
        self.0.insert(name, Value::Words(one_line(words)));
    }

    /// Sets words that somebody typed: nothing in them becomes a link.
    pub fn typed(&mut self, name: &'static str, typed: &str) {
        self.0.insert(name, Value::Words(unlinked(typed)));
    }

    /// Sets the beginning of what somebody typed, for readers who may not know that person.
    pub fn excerpt(&mut self, name: &'static str, typed: &str) {
        self.0.insert(name, Value::Words(excerpt(typed)));
    }

    /// Sets lines that somebody typed: nothing in them becomes a link.
    pub fn typed_lines(&mut self, name: &'static str, typed: &str) {
        self.0.insert(name, Value::Lines(typed.lines().map(unlinked).collect()));
    }

    /// Returns whether this value is empty.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_empty)
    }

    /// Sets a telephone number, which readers can dial from the mail.
    pub fn telephone(&mut self, name: &'static str, number: &str) {
        self.0.insert(name, Value::Telephone(number.to_owned()));
    }

    /// Sets a list, which stands alone in its paragraph.
    pub fn rows(&mut self, name: &'static str, rows: Vec<Row>) {
        self.0.insert(name, Value::Rows(rows));
    }

    /// Sets the target of a link.
    pub fn link(&mut self, name: &'static str, link: Link) {
        self.0.insert(name, Value::Link(link));
    }

    /// Sets the targets of a link that each person in a list gets.
    pub fn linked_rows(&mut self, name: &'static str, rows: Vec<(Row, Link)>) {
        self.0.insert(name, Value::LinkedRows(rows));
    }

    /// Returns the address of the link with this name; empty if there is none.
    pub(super) fn address(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Value::Link(link)) => &link.url,
            _ => "",
        }
    }

    /// Returns the name of each value, and where it may stand.
    pub fn standing(&self) -> impl Iterator<Item = (&'static str, Stands)> {
        self.0.iter().map(|(name, value)| (*name, value.stands()))
    }

    /// Returns the names of the values that link to one of these addresses.
    pub(super) fn linking(&self, addresses: &BTreeSet<String>) -> Vec<&'static str> {
        let links = |value: &Value| match value {
            Value::Link(link) => addresses.contains(&link.url),
            Value::LinkedRows(rows) => rows.iter().any(|(_, link)| addresses.contains(&link.url)),
            _ => false,
        };
        self.0.iter().filter(|(_, value)| links(value)).map(|(name, _)| *name).collect()
    }

    /// Returns the value; `None` if it is empty.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    /// Refuses a name that no value has.
    pub(super) fn must_know(&self, name: &str) -> Result<(), TextError> {
        if self.0.contains_key(name) {
            return Ok(());
        }
        let known = self.0.keys().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
        Err(TextError::Value { name: name.to_owned(), known })
    }

    /// Returns the same values with none of them empty, to check that a text names each where it may stand.
    pub(super) fn examples(&self) -> Self {
        let link = || Link::open("https://conference.example/".to_owned());
        let example = |value: &Value| match value {
            Value::Words(_) | Value::Telephone(_) => Value::Words("words".to_owned()),
            Value::Lines(_) => Value::Lines(vec!["a line".to_owned()]),
            Value::Rows(_) => Value::Rows(vec![Row::default()]),
            Value::Link(_) => Value::Link(link()),
            Value::LinkedRows(_) => Value::LinkedRows(vec![(Row::default(), link())]),
        };
        Self(self.0.iter().map(|(name, value)| (*name, example(value))).collect())
    }

    /// Fills the values into one line.
    pub(super) fn fill_line(&self, line: &str) -> Result<String, TextError> {
        let mut filled = String::with_capacity(line.len());
        for part in parts(line) {
            match part {
                Part::Words(words) => filled.push_str(words),
                Part::Name(name) => match self.find(name) {
                    Some(Value::Words(words) | Value::Telephone(words)) => filled.push_str(words),
                    Some(_) => return Err(TextError::Misplaced(name.to_owned())),
                    None => {}
                },
            }
        }
        Ok(one_line(&filled))
    }
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the link that dials a number.
pub(super) fn dial(number: &str) -> Link {
    Link { url: urls::telephone(number), secret: false, spelt_out: false }
}

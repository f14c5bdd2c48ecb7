//! What stands in a text for a value, and the values.

use std::collections::BTreeMap;

use super::TextError;
use crate::{
    mail::{unlinked, unlinked_lines},
    urls,
};

/// A value that a text may name.
#[derive(Clone, Copy, Debug)]
pub struct Placeholder {
    /// Its name, without the braces.
    pub name: &'static str,
    /// Where it may stand.
    pub shape: Shape,
    /// What it is, for whoever writes the text.
    pub meaning: &'static str,
}

/// Where a value may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Among words, in the subject too.
    Words,
    /// Among words; it may have several lines.
    Lines,
    /// Alone in its paragraph.
    Block,
    /// Behind a link: `[words]({name})`.
    Address,
    /// Behind a link that stands alone in its paragraph: one link for each person.
    Addresses,
}

macro_rules! shapes {
    ($($function:ident $shape:ident;)+) => {
        impl Placeholder {
            $(
                #[doc = concat!("One of the shape [`Shape::", stringify!($shape), "`].")]
                pub const fn $function(name: &'static str, meaning: &'static str) -> Self {
                    Self { name, shape: Shape::$shape, meaning }
                }
            )+
        }
    };
}

shapes! {
    words Words;
    lines Lines;
    block Block;
    address Address;
    addresses Addresses;
}

/// An address that a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address.
    pub url: String,
    /// Whether its last part is a secret.
    pub secret: bool,
    /// Whether the plain text spells it out. It does not where the words are the address, as with telephone numbers.
    pub spelt_out: bool,
}

impl Link {
    /// One that anybody may know.
    pub fn open(url: String) -> Self {
        Self { url, secret: false, spelt_out: true }
    }

    /// One that ends in a secret.
    pub fn secret(url: String) -> Self {
        Self { secret: true, ..Self::open(url) }
    }

    /// The address, without its secret if `masked`.
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
    /// What stands out: a name.
    pub strong: String,
    /// What follows on the same line.
    pub rest: String,
    /// Further lines, in small print.
    pub small: Vec<String>,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Words(String),
    Telephone(String),
    Lines(Vec<String>),
    Block(Vec<Row>),
    Address(Link),
    Addresses(Vec<(Row, Link)>),
}

impl Value {
    fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) | Self::Telephone(words) => words.is_empty(),
            Self::Lines(lines) => lines.is_empty(),
            Self::Block(rows) => rows.is_empty(),
            Self::Address(link) => link.url.is_empty(),
            Self::Addresses(rows) => rows.is_empty(),
        }
    }
}

/// The values of one mail, by name.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Words of our own, on one line.
    pub fn words(&mut self, name: &'static str, words: &str) {
        self.0.insert(name, Value::Words(words.split_whitespace().collect::<Vec<_>>().join(" ")));
    }

    /// Words that somebody typed: nothing in them becomes a link.
    pub fn typed(&mut self, name: &'static str, typed: &str) {
        self.0.insert(name, Value::Words(unlinked(typed)));
    }

    /// Lines that somebody typed: nothing in them becomes a link.
    pub fn typed_lines(&mut self, name: &'static str, typed: &str) {
        self.0.insert(name, Value::Lines(unlinked_lines(typed)));
    }

    /// A telephone number, which can be dialled where it is read.
    pub fn telephone(&mut self, name: &'static str, number: &str) {
        self.0.insert(name, Value::Telephone(number.to_owned()));
    }

    /// A list, alone in its paragraph.
    pub fn block(&mut self, name: &'static str, rows: Vec<Row>) {
        self.0.insert(name, Value::Block(rows));
    }

    /// An address for a link.
    pub fn address_of(&mut self, name: &'static str, link: Link) {
        self.0.insert(name, Value::Address(link));
    }

    /// An address for each person in a list.
    pub fn addresses(&mut self, name: &'static str, rows: Vec<(Row, Link)>) {
        self.0.insert(name, Value::Addresses(rows));
    }

    /// The address of this name; empty if there is none.
    pub(super) fn address(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Value::Address(link)) => &link.url,
            _ => "",
        }
    }

    /// The value; `None` if it is empty or the kind left it out.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    /// One of each shape, to see whether a text puts them where they may stand.
    pub(super) fn examples(placeholders: impl Iterator<Item = &'static Placeholder>) -> Self {
        let link = || Link::open("https://conference.example/".to_owned());
        let value = |shape| match shape {
            Shape::Words => Value::Words("words".to_owned()),
            Shape::Lines => Value::Lines(vec!["a line".to_owned()]),
            Shape::Block => Value::Block(vec![Row::default()]),
            Shape::Address => Value::Address(link()),
            Shape::Addresses => Value::Addresses(vec![(Row::default(), link())]),
        };
        Self(placeholders.map(|placeholder| (placeholder.name, value(placeholder.shape))).collect())
    }

    /// The names that were filled.
    #[cfg(test)]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    /// One line with its values in place.
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
        Ok(filled.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// The link that dials a number.
pub(super) fn dial(number: &str) -> Link {
    Link { url: urls::telephone(number), secret: false, spelt_out: false }
}

/// A part of a text: words as they are, or the name of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Words(&'a str),
    Name(&'a str),
}

/// The text, taken apart. Braces with anything but a name between them are words.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest[from..].find('{').map(|at| from + at) {
        let name = rest[open + 1..].split_once('}').map(|(name, _)| name);
        match name.filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            Some(name) => {
                if open > 0 {
                    parts.push(Part::Words(&rest[..open]));
                }
                parts.push(Part::Name(name));
                rest = &rest[open + name.len() + 2..];
                from = 0;
            }
            None => from = open + 1,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Words(rest));
    }
    parts
}

//! Parses the Markdown of a mail and fills in the values. They are filled in after parsing, so that they are never read as
//! markup.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::{
    error::TextError,
    values::{Link, Row, Value, Values, dial},
};
use crate::domain::placeholders::{Part, parts};

/// A block of the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The heading of a section.
    Heading(Vec<Inline>),
    /// A paragraph.
    Paragraph {
        /// Its text.
        words: Vec<Inline>,
        /// Whether it is small print.
        small: bool,
    },
    /// A link that stands alone in its paragraph.
    Button {
        /// Its text.
        words: String,
        /// Its target.
        link: Link,
    },
    /// Lines in a box.
    Box(Vec<Item>),
    /// A list.
    List(Vec<Item>),
    /// A list of people or numbers.
    Rows(Vec<Row>),
    /// A list of people, each with a link.
    LinkedRows {
        /// The text of each link.
        words: String,
        /// The people.
        rows: Vec<(Row, Link)>,
    },
}

/// An item of a list, or a line of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The text before its colon; empty if there is no label.
    pub label: String,
    /// Its text.
    pub words: Vec<Inline>,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words with the same style.
    Words {
        /// The words.
        text: String,
        /// Whether they are bold.
        strong: bool,
        /// Whether they are in italics.
        stressed: bool,
        /// The target of their link.
        link: Option<Link>,
    },
    /// A line break.
    Break,
}

/// A text, parsed and filled in.
#[derive(Debug)]
pub struct Document {
    /// The heading.
    pub heading: Option<Vec<Inline>>,
    /// The blocks after the heading.
    pub blocks: Vec<Block>,
}

impl Document {
    /// Parses the Markdown and fills in the values.
    pub fn of(markdown: &str, values: &Values) -> Result<Self, TextError> {
        let mut reader = Reader::new(values);
        for event in TextMergeStream::new(Parser::new_ext(markdown, Options::empty())) {
            reader.take(event)?;
        }
        Ok(reader.document)
    }
}

impl Document {
    /// Returns the addresses that end in a secret.
    pub fn secrets(&self) -> BTreeSet<String> {
        let mut links = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Heading(words) | Block::Paragraph { words, .. } => links.extend(linked(words)),
                Block::Button { link, .. } => links.push(link),
                Block::Box(items) | Block::List(items) => links.extend(items.iter().flat_map(|one| linked(&one.words))),
                Block::LinkedRows { rows, .. } => links.extend(rows.iter().map(|(_, link)| link)),
                Block::Rows(_) => {}
            }
        }
        links.into_iter().filter(|link| link.secret).map(|link| link.url.clone()).collect()
    }
}

/// Whether mail programs can follow an address.
fn is_complete(url: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme))
}

/// Returns the targets of links that are neither a value nor a complete address. Such a link is shown as words.
pub fn incomplete_links(markdown: &str) -> Vec<String> {
    let targets = Parser::new_ext(markdown, Options::empty()).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    targets.filter(|url| !is_complete(url) && !matches!(parts(url).as_slice(), [Part::Name(_)])).collect()
}

fn linked(words: &[Inline]) -> impl Iterator<Item = &Link> {
    words.iter().filter_map(|part| match part {
        Inline::Words { link, .. } => link.as_ref(),
        Inline::Break => None,
    })
}

/// A value that must stand alone in its paragraph, with its name.
enum Alone {
    Rows(String, Vec<Row>),
    LinkedRows(String, Vec<(Row, Link)>),
}

/// Reads the events of the parser. `words` collects the current line, paragraph or item.
struct Reader<'a> {
    values: &'a Values,
    document: Document,
    words: Vec<Inline>,
    /// Whether `words` begins with the text, which may be a label, and not with a value.
    may_have_label: bool,
    /// Whether it names an empty value and is left out.
    left_out: bool,
    alone: Option<Alone>,
    strong: usize,
    stressed: usize,
    link: Option<Link>,
    /// The open lists, each with its next number if it is numbered.
    lists: Vec<Option<u64>>,
    items: Vec<Item>,
    quotes: usize,
}

impl<'a> Reader<'a> {
    fn new(values: &'a Values) -> Self {
        Self {
            values,
            document: Document { heading: None, blocks: Vec::new() },
            words: Vec::new(),
            may_have_label: false,
            left_out: false,
            alone: None,
            strong: 0,
            stressed: 0,
            link: None,
            lists: Vec::new(),
            items: Vec::new(),
            quotes: 0,
        }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), TextError> {
        match event {
            // HTML is not supported, so it is shown as text.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.fill(&text)?,
            Event::Code(text) => self.push(text.into_string()),
            Event::SoftBreak if self.quotes == 0 => self.push(" ".to_owned()),
            Event::HardBreak if self.quotes == 0 => self.words.push(Inline::Break),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Item) => self.end_item()?,
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong -= 1,
            Event::Start(Tag::Emphasis) => self.stressed += 1,
            Event::End(TagEnd::Emphasis) => self.stressed -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => self.start_link(&dest_url)?,
            Event::End(TagEnd::Link) => self.link = None,
            Event::Start(Tag::List(first)) => {
                self.end_item()?;
                self.lists.push(first);
            }
            Event::Start(Tag::Item) => {
                self.end_item()?;
                if let Some(Some(number)) = self.lists.last_mut() {
                    let words = format!("{number}. ");
                    *number += 1;
                    self.push(words);
                }
            }
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
                self.end_items(Block::List);
            }
            Event::Start(Tag::BlockQuote(_)) => self.quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => {
                self.quotes -= 1;
                self.end_items(Block::Box);
            }
            Event::Start(Tag::Paragraph) if !self.lists.is_empty() && !self.words.is_empty() => {
                self.words.push(Inline::Break);
            }
            Event::End(TagEnd::Paragraph) if !self.lists.is_empty() => {}
            Event::End(TagEnd::Paragraph) if self.quotes > 0 => self.end_item()?,
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::HtmlBlock) => self.end_paragraph()?,
            Event::End(TagEnd::Heading(level)) => self.end_heading(level)?,
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, text: String) {
        let (strong, stressed) = (self.strong > 0, self.stressed > 0);
        self.words.push(Inline::Words { text, strong, stressed, link: self.link.clone() });
    }

    /// Adds text and fills in the values that it names.
    fn fill(&mut self, text: &str) -> Result<(), TextError> {
        for part in parts(text) {
            let name = match part {
                Part::Words(words) => {
                    self.may_have_label |= self.words.is_empty();
                    self.push(words.replace('\n', " "));
                    continue;
                }
                Part::Name(name) => name,
            };
            match self.values.find(name) {
                None => self.left_out = true,
                Some(Value::Words(words)) => self.push(words.clone()),
                Some(Value::Telephone(number)) => {
                    let outer = self.link.replace(dial(number));
                    self.push(number.clone());
                    self.link = outer;
                }
                Some(Value::Lines(lines)) => {
                    for (number, line) in lines.iter().enumerate() {
                        if number > 0 {
                            self.words.push(Inline::Break);
                        }
                        self.push(line.clone());
                    }
                }
                Some(Value::Rows(rows)) => self.alone = Some(Alone::Rows(name.to_owned(), rows.clone())),
                Some(Value::Link(_) | Value::LinkedRows(_)) => return Err(TextError::Misplaced(name.to_owned())),
            }
        }
        Ok(())
    }

    /// Starts a link to a value, or to an address in the text itself.
    fn start_link(&mut self, destination: &str) -> Result<(), TextError> {
        match parts(destination).as_slice() {
            [Part::Name(name)] => match self.values.find(name) {
                None => self.left_out = true,
                Some(Value::Link(link)) => self.link = Some(link.clone()),
                Some(Value::LinkedRows(rows)) => self.alone = Some(Alone::LinkedRows((*name).to_owned(), rows.clone())),
                Some(_) => return Err(TextError::Misplaced((*name).to_owned())),
            },
            [Part::Words(url)] if is_complete(url) => {
                self.link = Some(Link::open((*url).to_owned()));
            }
            parts => {
                if let Some(Part::Name(name)) = parts.iter().find(|part| matches!(part, Part::Name(_))) {
                    return Err(TextError::Misplaced((*name).to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Takes the collected words; `None` if they are left out.
    fn take_words(&mut self) -> Option<Vec<Inline>> {
        let words = std::mem::take(&mut self.words);
        let left_out = std::mem::take(&mut self.left_out);
        (!left_out && !words.is_empty()).then_some(words)
    }

    fn end_paragraph(&mut self) -> Result<(), TextError> {
        let alone = self.alone.take();
        self.may_have_label = false;
        let words = self.take_words();
        let block = match (alone, words) {
            (None, None) => return Ok(()),
            (Some(Alone::Rows(_, rows)), None) => Block::Rows(rows),
            (Some(Alone::LinkedRows(name, rows)), Some(words)) => match words.as_slice() {
                [Inline::Words { text, .. }] => Block::LinkedRows { words: text.clone(), rows },
                _ => return Err(TextError::NotAlone(name)),
            },
            (Some(Alone::Rows(name, _) | Alone::LinkedRows(name, _)), _) => return Err(TextError::NotAlone(name)),
            (None, Some(words)) => match words.as_slice() {
                [Inline::Words { text, link: Some(link), .. }] if link.spelt_out => {
                    Block::Button { words: text.clone(), link: link.clone() }
                }
                _ => {
                    let is_small = |part: &Inline| matches!(part, Inline::Words { stressed: true, .. } | Inline::Break);
                    Block::Paragraph { small: words.iter().all(is_small), words }
                }
            },
        };
        self.document.blocks.push(block);
        Ok(())
    }

    fn end_heading(&mut self, level: HeadingLevel) -> Result<(), TextError> {
        self.nothing_alone()?;
        self.may_have_label = false;
        let Some(words) = self.take_words() else { return Ok(()) };
        if level == HeadingLevel::H1 {
            self.document.heading.get_or_insert(words);
        } else {
            self.document.blocks.push(Block::Heading(words));
        }
        Ok(())
    }

    fn end_item(&mut self) -> Result<(), TextError> {
        self.nothing_alone()?;
        let may_have_label = std::mem::take(&mut self.may_have_label);
        let Some(mut words) = self.take_words() else { return Ok(()) };
        let label = if may_have_label { take_label(&mut words) } else { String::new() };
        self.items.push(Item { label, words });
        Ok(())
    }

    fn end_items(&mut self, block: fn(Vec<Item>) -> Block) {
        if self.lists.is_empty() && self.quotes == 0 && !self.items.is_empty() {
            self.document.blocks.push(block(std::mem::take(&mut self.items)));
        }
    }

    fn nothing_alone(&mut self) -> Result<(), TextError> {
        match self.alone.take() {
            None => Ok(()),
            Some(Alone::Rows(name, _) | Alone::LinkedRows(name, _)) => Err(TextError::NotAlone(name)),
        }
    }
}

/// Removes the label, which ends with a colon, from the beginning and returns it.
fn take_label(words: &mut Vec<Inline>) -> String {
    let Some(Inline::Words { text, strong: false, stressed: false, link: None }) = words.first_mut() else {
        return String::new();
    };
    let Some((label, rest)) = text.split_once(':') else { return String::new() };
    if !(rest.is_empty() || rest.starts_with(' ')) {
        return String::new();
    }
    let (label, rest) = (label.trim().to_owned(), rest.trim_start().to_owned());
    if rest.is_empty() {
        words.remove(0);
    } else {
        *text = rest;
    }
    label
}

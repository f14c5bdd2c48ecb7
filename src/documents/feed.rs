//! Feeds (Atom, RFC 4287), to which people subscribe in a feed reader.

use atom_syndication as atom;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// A feed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The key of what the feed is about, from which its permanent identifier is made.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Who publishes it.
    pub author: String,
    /// When it was last changed.
    pub updated: OffsetDateTime,
    /// The address of the feed itself.
    pub address: String,
    /// The address of the page with the same content.
    pub page: String,
    /// The entries, latest first.
    pub entries: Vec<Entry>,
}

/// An entry in a feed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key of what the entry is about, from which its permanent identifier is made.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// When it was last changed.
    pub updated: OffsetDateTime,
    /// The address of the page with the same content.
    pub page: String,
    /// The content: a `<div>` in XHTML.
    pub content: String,
}

/// Returns the file. The identifiers do not contain the site's address, so that an entry stays the same entry for readers when
/// the site moves.
pub fn file(feed: Feed) -> String {
    let atom = atom::Feed {
        lang: Some("en".to_owned()),
        id: feed.id.urn().to_string(),
        title: feed.title.into(),
        updated: date(feed.updated),
        authors: vec![atom::Person { name: feed.author, ..atom::Person::default() }],
        links: vec![link("self", "application/atom+xml", feed.address), link("alternate", "text/html", feed.page)],
        entries: feed.entries.into_iter().map(entry).collect(),
        ..atom::Feed::default()
    };
    // The crate escapes characters, but does not remove those that XML forbids even then (XML 1.0, section 2.2).
    atom.to_string().replace(|c| !is_allowed(c), "")
}

fn entry(entry: Entry) -> atom::Entry {
    atom::Entry {
        id: entry.id.urn().to_string(),
        title: entry.title.into(),
        updated: date(entry.updated),
        links: vec![link("alternate", "text/html", entry.page)],
        content: Some(atom::Content {
            content_type: Some("xhtml".to_owned()),
            value: Some(entry.content),
            ..atom::Content::default()
        }),
        ..atom::Entry::default()
    }
}

fn link(rel: &str, mime_type: &str, address: String) -> atom::Link {
    atom::Link { rel: rel.to_owned(), mime_type: Some(mime_type.to_owned()), href: address, ..atom::Link::default() }
}

fn date(instant: OffsetDateTime) -> atom::FixedDateTime {
    let text = instant.format(&Rfc3339).expect("the year has four digits");
    text.parse().expect("a date of RFC 3339")
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn characters_that_xml_forbids_or_reads_as_markup_do_no_harm() {
        let at = datetime!(2018-05-29 12:00 UTC);
        let id: Uuid = "01900000-0000-7000-8000-000000000001".parse().expect("a key");
        let entry = Entry {
            id,
            title: "Q&A <live>\u{FFFE}\u{B}".to_owned(),
            updated: at,
            page: "https://conference.example/changes?a=1&b=\"2\"".to_owned(),
            content: "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A &amp; B</p></div>".to_owned(),
        };
        let feed = Feed {
            id,
            title: "Changes".to_owned(),
            author: "Major Cities of Europe".to_owned(),
            updated: at,
            address: "https://conference.example/changes.atom".to_owned(),
            page: "https://conference.example/changes".to_owned(),
            entries: vec![entry],
        };
        let file = file(feed);
        let document = roxmltree::Document::parse(&file).expect("well-formed XML");
        let texts = |name| {
            let found = document.descendants().filter(move |node| node.has_tag_name(name));
            found.map(|node| node.text().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("title"), ["Changes", "Q&A <live>"]);
        assert_eq!(texts("updated"), ["2018-05-29T12:00:00+00:00"; 2]);
        assert_eq!(texts("id"), ["urn:uuid:01900000-0000-7000-8000-000000000001"; 2]);
        assert_eq!(texts("p"), ["A & B"]);
    }
}

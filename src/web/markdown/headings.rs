//! The headings of texts.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

/// Lowers headings that are more than one level below the heading before, so that nobody looks for a level that is missing.
pub fn without_gaps<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    // The level of the page's title, then that of the last heading.
    let mut last = HeadingLevel::H1;
    events.map(move |event| match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            let next = if last == HeadingLevel::H1 { HeadingLevel::H2 } else { HeadingLevel::H3 };
            last = if last >= HeadingLevel::H3 { level } else { level.min(next) };
            Event::Start(Tag::Heading { level: last, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(last)),
        other => other,
    })
}

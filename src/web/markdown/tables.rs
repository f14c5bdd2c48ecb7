//! Tables: the alignment of their cells, and the regions in which they scroll.

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

/// Gives the cells of tables a class for their alignment. A cell without words is never a heading, because screen readers would
/// read out nothing.
pub fn aligned<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut columns = Vec::new();
    let mut column = 0;
    let (mut tag, mut cell) = ("td", "td");
    let mut events = events.peekable();
    std::iter::from_fn(move || {
        let event = events.next()?;
        Some(match event {
            Event::Start(Tag::Table(alignments)) => {
                columns = alignments;
                Event::Start(Tag::Table(Vec::new()))
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                column = 0;
                tag = if event == Event::Start(Tag::TableHead) { "th" } else { "td" };
                event
            }
            Event::Start(Tag::TableCell) => {
                let class = match columns.get(column) {
                    Some(Alignment::Left) => " class=\"at-left\"",
                    Some(Alignment::Center) => " class=\"at-middle\"",
                    Some(Alignment::Right) => " class=\"at-right\"",
                    _ => "",
                };
                column += 1;
                let is_empty = matches!(events.peek(), Some(Event::End(TagEnd::TableCell)));
                cell = if is_empty { "td" } else { tag };
                Event::InlineHtml(format!("<{cell}{class}>").into())
            }
            Event::End(TagEnd::TableCell) => Event::InlineHtml(format!("</{cell}>").into()),
            other => other,
        })
    })
}

/// Puts each table into a region, in which a table that is wider than the page can be scrolled with the keyboard.
pub fn in_regions<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut tables = 0;
    events
        .flat_map(move |event| match event {
            Event::Start(Tag::Table(_)) => {
                tables += 1;
                let region = format!(r#"<div class="table" role="region" aria-label="Table {tables}" tabindex="0">"#);
                [Some(Event::Html(region.into())), Some(event)]
            }
            Event::End(TagEnd::Table) => [Some(event), Some(Event::Html("</div>\n".into()))],
            event => [Some(event), None],
        })
        .flatten()
}

//! A mail as plain text. The addresses of links stand on their own lines. The heading is left out, because the subject says the
//! same.

use super::{
    document::{Block, Inline, Item},
    values::Row,
};

/// Writes the whole text; without the secrets of links if `masked`.
pub fn write(body: &[Block], foot: &[Block], masked: bool) -> String {
    let mut text = blocks(body, masked);
    if !foot.is_empty() {
        text.push_str("\n\n-- \n");
        text.push_str(&blocks(foot, masked));
    }
    text.push('\n');
    text
}

fn blocks(blocks: &[Block], masked: bool) -> String {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        if number > 0 {
            let under_heading = matches!(blocks[number - 1], Block::Heading(_));
            text.push_str(if under_heading { "\n" } else { "\n\n" });
        }
        let written = match block {
            Block::Heading(words) | Block::Paragraph { words, .. } => {
                line(words, "\n") + &spelt_out(words, "\n", masked)
            }
            Block::Button { words, link } => format!("{words}:\n{}", link.shown(masked)),
            Block::Box(items) => lines(items.iter().map(|one| item(one, "", masked))),
            Block::List(items) => lines(items.iter().map(|one| item(one, "- ", masked))),
            Block::Rows(rows) => lines(rows.iter().map(row)),
            Block::LinkedRows { words, rows } => {
                lines(rows.iter().map(|(person, link)| format!("{}\n  {words}: {}", row(person), link.shown(masked))))
            }
        };
        text.push_str(&written);
    }
    text
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn line(words: &[Inline], line_end: &str) -> String {
    let parts = words.iter().map(|part| match part {
        Inline::Words { text, .. } => text.as_str(),
        Inline::Break => line_end,
    });
    parts.collect()
}

/// Writes the addresses of the links in a line.
fn spelt_out(words: &[Inline], before: &str, masked: bool) -> String {
    let mut spelt_out = String::new();
    for part in words {
        if let Inline::Words { link: Some(link), .. } = part
            && link.spelt_out
        {
            spelt_out.push_str(before);
            spelt_out.push_str(&link.shown(masked));
        }
    }
    spelt_out
}

fn item(item: &Item, bullet: &str, masked: bool) -> String {
    let words = line(&item.words, "\n  ");
    let links = spelt_out(&item.words, "\n  ", masked);
    if item.label.is_empty() {
        return format!("{bullet}{words}{links}");
    }
    let apart = if item.words.contains(&Inline::Break) { "\n  " } else { " " };
    format!("{}:{apart}{words}{links}", item.label)
}

fn row(row: &Row) -> String {
    let first = format!("- {}{}", row.strong, row.rest);
    match row.small.as_slice() {
        [one] => format!("{first}, {one}"),
        several => std::iter::once(&first).chain(several).cloned().collect::<Vec<_>>().join("\n  "),
    }
}

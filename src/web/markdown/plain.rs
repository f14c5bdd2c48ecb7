//! Markdown as text without markup, for calendars, lists and search engines.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{addresses, bullets, options};

/// Returns the beginning of the text without markup: at most `limit` characters, ending with a whole word.
pub fn summary(text: &str, limit: usize) -> String {
    let mut plain = String::new();
    for event in Parser::new_ext(&bullets::as_lists(text), options()) {
        match event {
            Event::Text(words) | Event::Code(words) => plain.push_str(&words),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Strikethrough) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => plain.push(' '),
            _ => {}
        }
        if plain.len() > limit * 4 {
            break;
        }
    }
    shorten(&plain.split_whitespace().collect::<Vec<_>>().join(" "), limit)
}

/// Returns the text without markup. Paragraphs are separated by blank lines, list items begin with a dash, and the cells of a
/// table are separated by upright lines. The target of a link follows its words in brackets; `absolute` returns the whole
/// address of a path of this site.
pub fn plain(text: &str, absolute: impl Fn(&str) -> String) -> String {
    let mut plain = String::with_capacity(text.len());
    let new_line = |plain: &mut String, blank: bool| {
        let end = plain.trim_end().len();
        plain.truncate(end);
        if !plain.is_empty() {
            plain.push_str(if blank { "\n\n" } else { "\n" });
        }
    };
    // For each open link: where its words begin, and its target.
    let mut open = Vec::new();
    let mut is_first_cell = false;
    for event in Parser::new_ext(&bullets::as_lists(text), options()) {
        match event {
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                plain.push_str(&words);
            }
            Event::Start(Tag::Link { dest_url, .. }) => open.push((plain.len(), dest_url)),
            Event::End(TagEnd::Link) => {
                let Some((start, target)) = open.pop() else { continue };
                let target = addresses::completed(&target);
                let target = if target.starts_with('/') { absolute(&target) } else { target.to_string() };
                let words = plain.get(start..).unwrap_or_default();
                if !says(words, &target) {
                    let whole = if words.trim().is_empty() { target } else { format!(" ({target})") };
                    plain.push_str(&whole);
                }
            }
            Event::SoftBreak => plain.push(' '),
            Event::Start(Tag::TableHead | Tag::TableRow) => is_first_cell = true,
            Event::Start(Tag::TableCell) => {
                if !is_first_cell {
                    plain.push_str(if plain.ends_with('\n') { "| " } else { " | " });
                }
                is_first_cell = false;
            }
            Event::HardBreak | Event::Rule | Event::End(TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead) => {
                new_line(&mut plain, false);
            }
            Event::Start(Tag::Item) => {
                let after_blank_line = plain.ends_with("\n\n");
                new_line(&mut plain, after_blank_line);
                plain.push_str("- ");
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. }) if plain.ends_with("- ") => {}
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::List(_) | Tag::Table(_) | Tag::CodeBlock(_))
            | Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::List(_) | TagEnd::Table | TagEnd::CodeBlock,
            ) => {
                new_line(&mut plain, true);
            }
            _ => {}
        }
    }
    plain.trim_end().to_owned()
}

/// Whether the words of a link already say its target, as those of telephone numbers do.
fn says(words: &str, target: &str) -> bool {
    let essence = |text: &str| {
        let text = text.trim().to_lowercase();
        let prefixes = ["mailto:", "tel:", "https://", "http://"];
        let bare = prefixes.into_iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
        let bare = bare.strip_prefix("www.").unwrap_or(bare);
        bare.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    essence(words) == essence(target)
}

fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole.trim_end_matches([',', ';', ':', '.', '–', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_keeps_its_paragraphs_and_lists() {
        let text = "## Why\n\nBecause **cities**\n[talk](https://x.example).\n\n- Does it *work*?\n- What is\n  next?\n\nBring one.\\\nOr two.";
        assert_eq!(
            plain(text, str::to_owned),
            "Why\n\nBecause cities talk (https://x.example).\n\n- Does it work?\n- What is next?\n\nBring one.\nOr two."
        );
        assert_eq!(plain("- one\n\n- two\n", str::to_owned), "- one\n- two");
        assert_eq!(plain("•\tone\n•\ttwo", str::to_owned), "- one\n- two");
    }

    #[test]
    fn a_plain_text_keeps_the_columns_of_tables() {
        let text = "Before\n\n| Hour | What | |\n|---|:-:|---|\n| 9:00 | *Data* | |\n| | [Talk](https://x.example) | Saal 1 |\n\nAfter";
        assert_eq!(
            plain(text, str::to_owned),
            "Before\n\nHour | What |\n9:00 | Data |\n| Talk (https://x.example) | Saal 1\n\nAfter"
        );
    }

    #[test]
    fn a_plain_text_keeps_the_targets_that_the_words_of_links_do_not_say() {
        let absolute = |path: &str| format!("https://conference.example{path}");
        for (text, expected) in [
            ("[the *agenda*](https://city.eu/a)", "the agenda (https://city.eu/a)"),
            ("[programme](/c/programme)", "programme (https://conference.example/c/programme)"),
            ("[write](mailto:a@city.eu)", "write (mailto:a@city.eu)"),
            ("[a@city.eu](mailto:a@city.eu), [+43 1-2](tel:+4312)", "a@city.eu, +43 1-2"),
            ("<https://city.eu>, [www.city.eu](https://www.city.eu/)", "https://city.eu, www.city.eu"),
            ("[city](www.city.eu)", "city (https://www.city.eu)"),
            ("[](https://city.eu)", "https://city.eu"),
        ] {
            assert_eq!(plain(text, absolute), expected);
        }
    }

    #[test]
    fn a_summary_has_no_markup_and_ends_with_a_whole_word() {
        assert_eq!(summary("## Data\n\nIt **swims**, mostly.", 40), "Data It swims, mostly.");
        assert_eq!(summary("Cities that talk, and cities that listen", 20), "Cities that talk…");
    }
}

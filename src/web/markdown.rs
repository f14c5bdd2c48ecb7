//! Renders the Markdown that organisers write as safe HTML.

use std::collections::HashSet;
use std::sync::LazyLock;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// The HTML that is allowed: text, structure and links. No pictures, because pages load nothing from other sites; no
/// styles; no ids.
static SAFE: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h2",
            "h3",
            "h4",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener"));
    builder
});

/// Renders the text as safe HTML, to be inserted into a page unescaped. Headings start at level 2, because the page has
/// its own title.
pub fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 3 / 2);
    push_html(&mut html, limit_nesting(Parser::new_ext(text, options())).map(lower_heading));
    SAFE.clean(&html).to_string()
}

/// Returns the beginning of the text without markup: at most `limit` characters, ending with a whole word.
pub fn summary(text: &str, limit: usize) -> String {
    let mut plain = String::new();
    for event in Parser::new_ext(text, options()) {
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

/// Returns the text without markup. Paragraphs are separated by blank lines, list items begin with a dash, and links
/// keep only their text.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let new_line = |plain: &mut String, blank: bool| {
        let end = plain.trim_end().len();
        plain.truncate(end);
        if !plain.is_empty() {
            plain.push_str(if blank { "\n\n" } else { "\n" });
        }
    };
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                plain.push_str(&words);
            }
            Event::SoftBreak | Event::End(TagEnd::TableCell) => plain.push(' '),
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

fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole.trim_end_matches([',', ';', ':', '.', '–', '-']))
}

/// How deep quotations, lists and emphasis may be nested. Nobody reads deeper nesting, and sanitising thousands of
/// levels would take minutes.
const DEEPEST_NESTING: usize = 12;

/// Removes the elements that are nested deeper than [`DEEPEST_NESTING`] and keeps their text.
fn limit_nesting<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut depth = 0;
    // For each open element: whether it stays, and whether it counts towards the depth.
    let mut open: Vec<(bool, bool)> = Vec::new();
    events.filter(move |event| match event {
        Event::Start(tag) => {
            let counts = can_nest(tag);
            let stays = match tag {
                // A list item stays or goes with its list.
                Tag::Item => open.last().is_none_or(|(stays, _)| *stays),
                _ => !counts || depth < DEEPEST_NESTING,
            };
            depth += usize::from(counts);
            open.push((stays, counts));
            stays
        }
        Event::End(_) => {
            let (stays, counted) = open.pop().unwrap_or((true, false));
            depth -= usize::from(counted);
            stays
        }
        _ => true,
    })
}

/// Whether elements of this kind can be nested in each other.
fn can_nest(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

fn lower_heading(event: Event<'_>) -> Event<'_> {
    let level = |level| match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H2,
        HeadingLevel::H3 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    };
    match event {
        Event::Start(Tag::Heading { level: given, .. }) => {
            Event::Start(Tag::Heading { level: level(given), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(given)) => Event::End(TagEnd::Heading(level(given))),
        // Text that looks like HTML is shown as typed, so that nothing is lost.
        Event::Html(words) | Event::InlineHtml(words) => Event::Text(words),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_structure() {
        assert_eq!(
            html("# Why\n\nBecause **cities** [talk](https://majorcities.eu).\n\n- one\n- two\n"),
            "<h2>Why</h2>\n<p>Because <strong>cities</strong> <a href=\"https://majorcities.eu\" rel=\"noopener\">talk</a>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        );
        assert!(html("| a | b |\n|---|--:|\n| 1 | 2 |").contains("<td>2</td>"));
    }

    #[test]
    fn dangerous_html_is_removed() {
        for evil in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt&#58;alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<a href=\"https://x\" onclick=\"alert(1)\" style=\"color:red\">x</a>",
            "<iframe src=\"https://x\"></iframe><svg/onload=alert(1)>",
            "![x](https://tracker.example/pixel.png)",
            "<form action=\"https://x\"><input name=password></form>",
            "<div id=\"main\" class=\"error\">x</div>",
        ] {
            let safe = html(evil).to_lowercase();
            let tags: Vec<_> = safe.split('<').skip(1).filter_map(|part| part.split('>').next()).collect();
            for word in
                ["script", "on", "data:", "img", "iframe", "svg", "form", "style", "id=", "class=", "div", "input"]
            {
                assert!(!tags.iter().any(|tag| tag.contains(word)), "{evil} became {safe}");
            }
        }
    }

    #[test]
    fn words_in_angle_brackets_are_shown_as_typed() {
        assert_eq!(html("city <Leipzig> rules"), "<p>city &lt;Leipzig&gt; rules</p>\n");
        assert_eq!(html("<script>alert(1)</script>"), "&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    #[test]
    fn deeply_nested_quotations_are_rendered_quickly_and_keep_their_text() {
        let started = std::time::Instant::now();
        let safe = html(&format!("{} deep\n\nafter", ">".repeat(40_000)));
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
        assert_eq!(safe.matches("<blockquote>").count(), DEEPEST_NESTING);
        assert!(safe.contains("deep") && safe.ends_with("<p>after</p>\n"), "{safe}");
    }

    #[test]
    fn deeply_nested_lists_and_emphasis_are_rendered_quickly_and_keep_their_text() {
        for (part, tag) in
            [("1. ", "<ol>"), ("- ", "<ul>"), ("> - ", "<blockquote>"), ("*a **b ", "<em>"), ("[a](b \"", "<a")]
        {
            let started = std::time::Instant::now();
            let safe = html(&format!("{} deep\n\nafter", part.repeat(40_000 / part.len())));
            assert!(started.elapsed().as_secs() < 10, "{part}: {:?}", started.elapsed());
            assert!(safe.matches(tag).count() <= DEEPEST_NESTING, "{part}");
            assert!(safe.contains("deep") && safe.contains("after"), "{part}");
        }
        let three = html("- one\n  - two\n    - three\n- four\n");
        assert_eq!((three.matches("<ul>").count(), three.matches("<li>").count()), (3, 4));
    }

    #[test]
    fn a_plain_text_keeps_its_paragraphs_and_lists() {
        let text = "## Why\n\nBecause **cities**\n[talk](https://x.example).\n\n- Does it *work*?\n- What is\n  next?\n\nBring one.\\\nOr two.";
        assert_eq!(
            plain(text),
            "Why\n\nBecause cities talk.\n\n- Does it work?\n- What is next?\n\nBring one.\nOr two."
        );
        assert_eq!(plain("- one\n\n- two\n"), "- one\n- two");
    }

    #[test]
    fn a_summary_has_no_markup_and_ends_with_a_whole_word() {
        assert_eq!(summary("## Data\n\nIt **swims**, mostly.", 40), "Data It swims, mostly.");
        assert_eq!(summary("Cities that talk, and cities that listen", 20), "Cities that talk…");
    }
}

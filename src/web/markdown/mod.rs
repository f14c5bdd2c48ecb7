//! Renders the Markdown that organisers write as safe HTML. [`plain()`] and [`summary`] render it without markup.

mod addresses;
mod bullets;
mod headings;
mod plain;
mod tables;

use std::collections::HashSet;
use std::sync::LazyLock;

use pulldown_cmark::{
    CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html::push_html,
};

pub use plain::{plain, summary};

/// The schemes that links may have.
pub const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// The elements that are allowed.
const TAGS: [&str; 25] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
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
];

/// The HTML that is allowed: text, structure and links. No pictures, because pages load nothing from other sites; no
/// styles; no ids.
static SAFE: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("div", ["aria-label"])
        .add_tag_attribute_values("div", "role", ["region"])
        .add_tag_attribute_values("div", "tabindex", ["0"])
        .add_allowed_classes("div", ["table"])
        .add_allowed_classes("td", ALIGNMENTS)
        .add_allowed_classes("th", ALIGNMENTS)
        .url_schemes(HashSet::from(SCHEMES))
        .link_rel(Some("noopener"));
    builder
});

/// The classes of cells that are aligned (`prose.css`), because the content security policy forbids styles.
const ALIGNMENTS: [&str; 3] = ["at-left", "at-middle", "at-right"];

/// Renders the text as safe HTML, to be inserted into a page unescaped. Headings start at level 2, because the page has
/// its own title, and skip no level. Pictures become the words that describe them.
pub fn html(text: &str) -> String {
    let source = bullets::as_lists(text);
    let events = limit_nesting(Parser::new_ext(&source, options())).filter_map(simplified);
    let events = headings::without_gaps(events);
    let mut html = String::with_capacity(text.len() * 3 / 2);
    push_html(&mut html, tables::in_regions(tables::aligned(addresses::linked(TextMergeStream::new(events)))));
    SAFE.clean(&html).to_string()
}

/// Returns the targets of the links that the text names as such, in order. Addresses without markup are not among
/// them: they always lead somewhere.
pub fn link_targets(text: &str) -> Vec<String> {
    let source = bullets::as_lists(text);
    let links = Parser::new_ext(&source, options()).filter_map(|event| match event {
        Event::Start(Tag::Link { link_type, dest_url, .. }) if link_type != LinkType::Email => {
            Some(addresses::completed(&dest_url).into_string())
        }
        _ => None,
    });
    links.collect()
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

/// Lowers headings, completes links, and keeps the words of HTML and pictures.
fn simplified(event: Event<'_>) -> Option<Event<'_>> {
    let level = |level| match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H2,
        HeadingLevel::H3 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    };
    Some(match event {
        Event::Start(Tag::Heading { level: given, .. }) => {
            Event::Start(Tag::Heading { level: level(given), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(given)) => Event::End(TagEnd::Heading(level(given))),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = CowStr::from(addresses::completed(&dest_url).into_string());
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        // Text that looks like HTML is shown as typed, so that nothing is lost.
        Event::Html(words) | Event::InlineHtml(words) => Event::Text(words),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_becomes_structure() {
        assert_eq!(
            html("# Why\n\nBecause **cities** [talk](https://majorcities.eu).\n\n- one\n- two\n"),
            "<h2>Why</h2>\n<p>Because <strong>cities</strong> <a href=\"https://majorcities.eu\" rel=\"noopener\">talk</a>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        );
    }

    #[test]
    fn headings_skip_no_level() {
        let levels = |text: &str| {
            let html = html(text);
            html.match_indices("<h").map(|(at, _)| html[at + 2..=at + 2].to_owned()).collect::<String>()
        };
        for (given, expected) in [
            ("## a\n\n#### b\n\n#### c\n\n### d\n\n#### e", "23434"),
            ("#### a\n\n### b", "23"),
            ("# a\n\n## b\n\n### c\n\n##### d\n\n## e\n\n###### f", "223423"),
        ] {
            assert_eq!(levels(given), expected, "{given}");
        }
    }

    #[test]
    fn a_cell_without_words_is_no_heading() {
        let table = html("| | now |\n|---|--:|\n| days | 2 |\n| | 3 |");
        assert!(table.contains("<td></td><th class=\"at-right\">now</th>"), "{table}");
        assert!(table.contains("<td></td><td class=\"at-right\">3</td>"), "{table}");
    }

    #[test]
    fn each_table_is_in_a_named_region_that_can_have_the_focus() {
        let tables = html("| a |\n|---|\n| 1 |\n\nand\n\n> | b |\n> |---|\n> | 2 |");
        for number in [1, 2] {
            let region = format!("aria-label=\"Table {number}\" tabindex=\"0\"><table>");
            assert!(tables.contains(&region) && tables.contains("class=\"table\" role=\"region\""), "{tables}");
        }
        assert_eq!(
            tables.matches("</table></div>").count() + tables.matches("</table>\n</div>").count(),
            2,
            "{tables}"
        );
    }

    #[test]
    fn cells_are_aligned_as_the_table_says() {
        let table = html("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | *4* |");
        for cell in [
            "<th>a</th>",
            "<th class=\"at-right\">d</th>",
            "<td>1</td>",
            "<td class=\"at-left\">2</td>",
            "<td class=\"at-middle\">3</td>",
            "<td class=\"at-right\"><em>4</em></td>",
        ] {
            assert!(table.contains(cell), "{cell} is not in {table}");
        }
    }

    #[test]
    fn addresses_in_a_text_become_links_but_not_in_code_or_links() {
        let link = |to: &str, words: &str| format!("<a href=\"{to}\" rel=\"noopener\">{words}</a>");
        assert_eq!(
            html("See *www.city.eu* (or https://city.eu/a_b_c?d=e&f)."),
            format!(
                "<p>See <em>{}</em> (or {}).</p>\n",
                link("https://www.city.eu", "www.city.eu"),
                link("https://city.eu/a_b_c?d=e&amp;f", "https://city.eu/a_b_c?d=e&amp;f")
            )
        );
        assert_eq!(html("`www.city.eu`"), "<p><code>www.city.eu</code></p>\n");
        assert_eq!(html("```\nwww.city.eu\n```"), "<pre><code>www.city.eu\n</code></pre>\n");
        let words = "[www.city.eu and https://other.eu](www.city.eu/a)";
        let whole = link("https://www.city.eu/a", "www.city.eu and https://other.eu");
        assert_eq!(html(words), format!("<p>{whole}</p>\n"));
    }

    #[test]
    fn a_picture_keeps_its_words() {
        assert_eq!(html("Our ![town *hall*](https://city.eu/hall.png \"x\")!"), "<p>Our town <em>hall</em>!</p>\n");
    }

    #[test]
    fn a_list_pasted_from_word_is_a_list() {
        assert_eq!(html("•\tone\n•\ttwo\nafter"), "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>after</p>\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_text_becomes_unsafe_html(
            parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..30), other in "\\PC{0,8}",
        ) {
            let text = parts.concat() + &other + &parts.iter().rev().copied().collect::<String>();
            let safe = html(&text);
            let site = url::Url::parse("https://conference.example/a/b").expect("an address");
            let page = scraper::Html::parse_fragment(&safe);
            let tags = page.root_element().descendants().filter_map(scraper::ElementRef::wrap);
            for tag in tags {
                let tag = tag.value();
                prop_assert!(TAGS.contains(&tag.name()) || tag.name() == "html", "<{}> in {}", tag.name(), safe);
                for (name, value) in tag.attrs() {
                    let is_safe = match name {
                        // An address that browsers cannot read leads nowhere.
                        "href" => site.join(value).map_or(true, |address| SCHEMES.contains(&address.scheme())),
                        "rel" => value == "noopener",
                        "start" => value.parse::<u64>().is_ok(),
                        "class" if tag.name() == "div" => value == "table",
                        "class" => ALIGNMENTS.contains(&value),
                        "role" => value == "region",
                        "tabindex" => value == "0",
                        "aria-label" => value.strip_prefix("Table ").is_some_and(|number| number.parse::<u32>().is_ok()),
                        // The words that a link shows when somebody points at it are text.
                        "title" => true,
                        _ => false,
                    };
                    prop_assert!(is_safe, "{}={:?} in {}", name, value, safe);
                }
            }
        }
    }

    /// What dangerous texts are made of.
    const PARTS: &[&str] = &[
        "<script>",
        "</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=\"",
        "\" onclick=\"",
        "javascript:",
        "alert(1)",
        "[",
        "](",
        ")",
        "<",
        ">",
        "\"",
        "'",
        "`",
        "```\n",
        "\n",
        "\n\n",
        " ",
        "\t",
        "|",
        "---|:-:",
        "![",
        "https://",
        "www.",
        "a.eu",
        "data:text/html,",
        "&#58;",
        "&#x6a;",
        "\\",
        "•\t",
        "- ",
        "> ",
        "# ",
        "*",
        "[x]: ",
        "mailto:",
        "JaVaScRiPt\t:",
        "<svg/onload=alert(1)>",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "1. ",
    ];

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
}

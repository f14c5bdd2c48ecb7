//! The pages that come with the program, each a draft with what has to be completed. Their texts are true of any edition: names in
//! braces stand for facts of the conference and are filled in when the page is added.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::programme::{
    editing::Editing,
    pages::PageContent,
    saving::{self, SaveError},
};
use crate::{
    domain::{Conference, PageId, Placement, SessionText, Slug, Status, Title, placeholders},
    urls,
};

/// What is said if something that comes with the program is invalid, which a test would notice.
pub(super) const SHIPPED: &str = "what is shipped is valid";

/// The slug of the privacy notice.
const PRIVACY: &str = "privacy";

/// The slug, the title and the text of each page, in their order. All are in the footer: in the menu, a draft would take a second
/// line on telephones.
const PAGES: [(&str, &str, &str); 5] = [
    ("travel-and-venue", "Travel and venue", include_str!("shipped_pages/travel.md")),
    ("imprint", "Imprint", include_str!("shipped_pages/imprint.md")),
    (PRIVACY, "Privacy notice", include_str!("shipped_pages/privacy.md")),
    ("terms", "Terms", include_str!("shipped_pages/terms.md")),
    ("accessibility", "Accessibility statement", include_str!("shipped_pages/accessibility.md")),
];

/// Adds the pages whose addresses are free to a conference that lacks the privacy notice, and returns them. They are not released.
pub async fn add(editing: &mut Editing<'_>, conference: &Conference) -> Result<Vec<Uuid>, SaveError> {
    let taken =
        sqlx::query_scalar!("select slug from slug where conference_id = $1 and kind = 'page'", conference.id.0)
            .fetch_all(&mut ***editing)
            .await?;
    if taken.iter().any(|slug| slug == PRIVACY) {
        return Ok(Vec::new());
    }
    let mut pages = Vec::with_capacity(PAGES.len());
    for (place, (slug, title, text)) in (1_i16..).zip(PAGES) {
        if taken.iter().any(|taken| taken == slug) {
            continue;
        }
        let page = PageId::new();
        let content = PageContent {
            title: Title::parse(title).expect(SHIPPED),
            text: filled(text, conference),
            draft: true,
            placement: Placement::Footer,
            place,
            status: Status::Confirmed,
        };
        saving::add(editing, page, Some(&Slug::of(slug)), &content).await?;
        pages.push(page.0);
    }
    Ok(pages)
}

/// Returns the text of a page as the other conference has it, if it is the text of a page that comes with the program, as nobody has
/// changed it in the first conference.
pub fn for_another(text: &SessionText, of: &Conference, other: &Conference) -> Option<SessionText> {
    PAGES.iter().find(|(_, _, shipped)| filled(shipped, of) == *text).map(|(_, _, shipped)| filled(shipped, other))
}

/// Fills the facts of a conference into a text.
fn filled(text: &str, conference: &Conference) -> SessionText {
    let hosts = match conference.hosts.as_str() {
        "" => String::new(),
        hosts => format!(" It is hosted by {}.", escaped(hosts)),
    };
    let value = |name: &str| {
        let value = match name {
            "venue" => escaped(&conference.venue),
            "venue_in_address" => utf8_percent_encode(&conference.venue, NON_ALPHANUMERIC).to_string(),
            "venue_site" => escaped(urls::shown(&conference.venue_url)),
            "venue_url" => conference.venue_url.clone(),
            "city" => escaped(&conference.city),
            "country" => conference.country.to_string(),
            "hosts" => hosts.clone(),
            _ => return None,
        };
        Some(value)
    };
    SessionText::parse(&placeholders::filled(text, value)).expect(SHIPPED)
}

/// Returns words in which nothing is read as Markdown.
fn escaped(words: &str) -> String {
    let is_marker = |c: char| matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~');
    words.chars().flat_map(|c| is_marker(c).then_some('\\').into_iter().chain([c])).collect()
}

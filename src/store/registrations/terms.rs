//! The terms of registration, a page that organisers write.

use sqlx::PgConnection;

use crate::domain::ConferenceId;

/// The terms as the public reads them.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The last part of the address of their page.
    pub slug: String,
    /// The title of their page.
    pub title: String,
    /// Their text in Markdown.
    pub text: String,
    /// Whether facts are still missing.
    pub draft: bool,
}

impl Terms {
    /// Returns what they say about cancelling: the section whose heading contains the word, without its heading.
    pub fn about_cancelling(&self) -> Option<String> {
        let mut lines = self.text.lines().skip_while(|line| !is_about_cancelling(line));
        let level = level(lines.next()?);
        let section: Vec<_> = lines.take_while(|line| !(1..=level).contains(&self::level(line))).collect();
        let section = section.join("\n").trim().to_owned();
        (!section.is_empty()).then_some(section)
    }
}

fn is_about_cancelling(line: &str) -> bool {
    level(line) > 0 && line.to_lowercase().contains("cancel")
}

/// Returns the level of a heading, or 0 for any other line.
fn level(line: &str) -> usize {
    let rest = line.trim_start_matches('#');
    if rest.starts_with(' ') { line.len() - rest.len() } else { 0 }
}

/// Finds the published terms: the page that has or once had the slug `terms`.
pub async fn find(conn: &mut PgConnection, conference: ConferenceId) -> Result<Option<Terms>, sqlx::Error> {
    sqlx::query_as!(
        Terms,
        r#"select revision.slug as "slug!", title, text, draft
           from item
           join revision on revision.id = item.published_id
           join page_content on page_content.revision_id = revision.id
           join slug on slug.item_id = item.id and slug.kind = item.kind and slug.slug = 'terms'
           where item.conference_id = $1 and status <> 'withdrawn'"#,
        conference.0,
    )
    .fetch_optional(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Terms {
        Terms { slug: "terms".to_owned(), title: "Terms".to_owned(), text: text.to_owned(), draft: false }
    }

    #[test]
    fn the_section_about_cancelling_ends_with_the_next_heading_of_its_level() {
        let text = "Words.\n\n## Fees\n\nMoney.\n\n## Cancellation\n\nFree until May.\n\n### Later\n\nHalf.\n\n## Questions\n\nAsk.";
        assert_eq!(terms(text).about_cancelling().as_deref(), Some("Free until May.\n\n### Later\n\nHalf."));
    }

    #[test]
    fn without_such_a_section_there_is_nothing_to_show() {
        for text in ["", "You can cancel.", "## Fees\n\nMoney.", "## Cancelling\n\n## Fees\n\nMoney."] {
            assert_eq!(terms(text).about_cancelling(), None, "{text}");
        }
    }

    #[test]
    fn the_terms_that_are_shipped_say_something_about_cancelling() {
        let shipped = terms(include_str!("../shipped_pages/terms.md"));
        assert!(shipped.about_cancelling().is_some_and(|words| words.contains("decides what remains owed")));
    }
}

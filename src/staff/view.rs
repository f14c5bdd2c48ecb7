//! The query of a view as text, for what is kept about a view.

use super::query::ListQuery;
use crate::{domain::ConferenceId, store::registrations::attendees::Wanted, urls::query::with_query, web::Submitted};

/// The fields that say what of the people is shown, and which page. They do not say who is in the view.
const SHOWN: [&str; 3] = ["after", "before", "column"];

/// Returns the fields of the view in this address, without those that the list does not know.
pub fn fields(query: Option<&str>) -> Vec<(&'static str, String)> {
    let mut fields = ListQuery::read(query).fields();
    fields.retain(|(name, _)| !SHOWN.contains(name));
    fields
}

/// Returns the query of the view in this address, to be kept.
pub fn query(query: Option<&str>) -> String {
    with_query(String::new(), &fields(query)).trim_start_matches('?').to_owned()
}

/// Reads a query that was kept. Returns `None` if a part of it cannot be read any more: without that part, it would show other
/// people.
pub fn read(kept: &str, conference: ConferenceId) -> Option<Wanted> {
    let read = fields(Some(kept));
    let is_read = |name: &str, value: &str| read.iter().any(|(one, known)| *one == name && known == value);
    let all = Submitted::decode(kept.as_bytes());
    let whole = all.fields().iter().all(|(name, value)| is_read(name, value));
    whole.then(|| ListQuery::read(Some(kept)).wanted(conference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_kept_without_its_page_and_read_again() {
        let conference = ConferenceId::new();
        let kept = query(Some("q=graz&state=confirmed&after=01900000-0000-7000-8000-000000000001&resumed=1"));
        assert_eq!(kept, "q=graz&state=confirmed");
        assert_eq!(read(&kept, conference), Some(ListQuery::read(Some(&kept)).wanted(conference)));
        assert!(read("", conference).is_some());
    }

    #[test]
    fn a_view_with_a_part_that_nobody_knows_is_not_read_as_a_larger_one() {
        for kept in ["state=confirmed&shoe_size=44", "category=gone&q=graz", "state=lost"] {
            assert_eq!(read(kept, ConferenceId::new()), None, "{kept}");
        }
    }
}

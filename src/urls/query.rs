//! The query of an address.

/// Returns a path with these fields as its query. Without fields, there is no query.
pub fn with_query(path: String, fields: &[(&'static str, String)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

//! The part of an address behind its path.

/// A path with these fields behind it, or without a query where there are none.
pub fn with_query(path: String, fields: &[(&'static str, String)]) -> String {
    if fields.is_empty() {
        return path;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{path}?{query}")
}

//! The blocks of the form, one for each person: the names of their fields.

/// Returns the name of a field in the block with this number.
pub fn field(number: usize, what: &str) -> String {
    format!("attendee-{number}-{what}")
}

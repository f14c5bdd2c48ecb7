//! What can be wrong with a text.

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It names a value that its kind does not have.
    #[error("this kind of mail has no {{{name}}}; it has {known}")]
    Value {
        /// The name in the text.
        name: String,
        /// The names of all values.
        known: String,
    },
    /// It names a case that its kind does not have.
    #[error("this kind of mail has no case “{case}”; it has {known}")]
    Case {
        /// The name in the text.
        case: String,
        /// The names of all cases.
        known: String,
    },
    /// A list of people shares its paragraph with other words.
    #[error("{{{0}}} must stand alone in its paragraph")]
    NotAlone(String),
    /// An address is not the target of a link, or another value is.
    #[error("{{{0}}} cannot stand there: an address must be the target of a link, and no other value can be")]
    Misplaced(String),
    /// No subject applies.
    #[error("it has no subject")]
    Subject,
    /// No heading applies.
    #[error("it has no heading")]
    Heading,
    /// The HTML could not be rendered.
    #[error("its HTML could not be rendered")]
    Html,
}

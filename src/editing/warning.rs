//! What the editor of an item says above its form, although nothing of it is forbidden.

/// What the organisers should look at.
pub struct Warning {
    /// What is the matter, in words.
    pub words: String,
    /// The titles of the items that it concerns, and the addresses of their editors.
    pub items: Vec<(String, String)>,
    /// What can be done about it with one button.
    pub remedy: Option<Remedy>,
}

/// A button that does something about a [`Warning`].
pub struct Remedy {
    /// The words on the button.
    pub label: String,
    /// The address of the page that does it.
    pub action: String,
    /// The words on the link to that page, on which people can do it otherwise.
    pub otherwise: &'static str,
    /// The fields that are sent.
    pub fields: Vec<(&'static str, String)>,
}

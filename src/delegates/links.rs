//! The links of sessions and people, as readers see them.

use crate::{domain::Links, urls};

/// A link on a page.
pub struct LinkView {
    /// Where it leads.
    pub address: String,
    /// What it says.
    pub words: String,
}

/// Returns what the pages show. A link without words says its address.
pub fn shown(links: &Links) -> Vec<LinkView> {
    let shown = links.iter().map(|link| {
        let address = link.address.to_string();
        let words = if link.words.is_empty() { urls::shown(&address).to_owned() } else { link.words.clone() };
        LinkView { address, words }
    });
    shown.collect()
}

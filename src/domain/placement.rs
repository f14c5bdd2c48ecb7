//! Where the frame of every public page links to a page that organisers write.

use super::text_enum;

text_enum! {
    /// Where the frame of every public page links to a page.
    #[derive(Default)]
    pub enum Placement {
        /// In the menu, after the entries that every conference has.
        Menu = "menu",
        /// In the footer.
        #[default]
        Footer = "footer",
        /// Nowhere. Texts may link to it.
        None = "none",
    }
}

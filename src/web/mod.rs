//! What all pages share: forms, errors, frames, extractors and responses.

pub mod address;
pub mod asked_question;
mod cached_pages;
pub mod csrf;
pub mod desk;
pub mod downloads;
pub mod encoding;
pub mod error;
pub mod error_page;
pub mod extract;
pub mod field_message;
mod form;
pub mod frame;
pub mod headers;
pub mod health;
pub mod in_parts;
pub mod large_forms;
pub mod markdown;
pub mod multipart;
pub mod page_cache;
pub mod reply;
pub mod site;
pub mod state;
pub mod static_files;
pub mod uploaded;

pub use address::{ConferenceSlug, Current, Drafted, Named, Slug, Token};
pub use asked_question::AskedQuestion;
pub use desk::{Desk, DeskNav};
pub use error::{AppError, Result};
pub use extract::Visitor;
pub use field_message::{FieldMessage, Missing};
pub use form::{Errors, Submitted, Upload};
pub use frame::{Frame, Nav};
pub use reply::{behind, page, see_other, unprocessable};
pub use site::Site;
pub use state::App;

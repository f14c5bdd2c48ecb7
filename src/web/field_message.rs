//! The error messages that many forms share.

use askama::Template;

use crate::domain::{EmailError, TextError};

/// The error messages that many forms share (`templates/parts/field_messages.txt`). A page with messages of its own has a
/// template of its own.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/field_messages.txt")]
pub enum FieldMessage {
    /// A required field was left empty.
    Missing(Missing),
    /// The text is longer than this many characters.
    TooLong(usize),
    /// A single-line field contains a control character or a line break.
    ControlCharacter,
    /// A multi-line field contains a control character other than a line break or a tab.
    ControlCharacterInLines,
    /// The bytes could not be decoded as text.
    Unreadable,
    /// The text is not an e-mail address.
    NotAnEmail,
    /// The e-mail address has non-ASCII letters before the @.
    LocalPartNotAscii,
    /// The chosen value is not one of those offered.
    NotOffered,
}

/// What a required field asks for. Each has a whole sentence in the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The name of the person who fills in the form.
    YourName,
    /// The e-mail address of the person who fills in the form.
    YourEmail,
    /// The password of the person who signs in.
    YourPassword,
    /// Whether the contact will attend.
    Attends,
    /// The name of somebody or something else.
    Name,
    /// The e-mail address of somebody else.
    Email,
    /// An attendee's category.
    Category,
    /// The organisation that registers.
    Organisation,
    /// The organisation's city.
    City,
    /// The organisation's country.
    Country,
    /// The name of a registration's contact.
    ContactName,
    /// The e-mail address of a registration's contact.
    ContactEmail,
    /// The reason for a cancellation.
    Reason,
    /// A note.
    Note,
    /// The title of a session or a page.
    Title,
    /// The kind of a session.
    SessionKind,
    /// A status.
    Status,
    /// The name of a room.
    RoomName,
    /// A person.
    Person,
    /// The name of a kind of session.
    SessionKindName,
    /// The conference's theme.
    Theme,
    /// The conference's venue.
    Venue,
    /// The address of the venue's website.
    VenueWebsite,
    /// The first day of the conference.
    FirstDay,
    /// The last day of the conference.
    LastDay,
    /// The answer to any other question.
    Answer,
}

impl FieldMessage {
    /// Returns the message for an error in a required field. If the field is empty, the message says what is missing.
    pub fn required(error: impl Into<Self>, missing: Missing) -> Self {
        match error.into() {
            Self::Missing(_) => Self::Missing(missing),
            other => other,
        }
    }
}

impl From<TextError> for FieldMessage {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Missing => Self::Missing(Missing::Answer),
            TextError::TooLong(limit) => Self::TooLong(limit),
            TextError::ControlCharacter => Self::ControlCharacter,
            TextError::ControlCharacterInLines => Self::ControlCharacterInLines,
            TextError::Unreadable => Self::Unreadable,
        }
    }
}

impl From<EmailError> for FieldMessage {
    fn from(error: EmailError) -> Self {
        match error {
            EmailError::Missing => Self::Missing(Missing::Email),
            EmailError::Malformed => Self::NotAnEmail,
            EmailError::LocalPartNotAscii => Self::LocalPartNotAscii,
        }
    }
}

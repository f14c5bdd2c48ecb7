//! What the conference is, without any I/O: values that are checked when they are made, the rules, and their errors.

mod account_change;
mod action;
mod alike;
mod audit_kind;
mod bank;
mod capacity;
mod category;
mod cents;
mod code;
mod conference;
mod country;
mod currency;
mod edition;
mod effect;
pub mod email;
mod file;
mod guesses;
mod id;
mod kept_as_text;
mod language;
mod links;
mod mail_reply;
mod mailing;
mod number;
mod offer;
mod password;
mod person;
mod picture;
pub mod placeholders;
mod placement;
mod question;
mod reference;
mod registration;
mod role;
pub mod search;
mod secret;
mod session;
mod signed_in;
mod slug;
mod status;
mod stored;
mod telephone;
pub mod text;
mod web_address;
mod zone;

pub use account_change::AccountChange;
pub use action::Action;
pub use alike::are_alike;
pub use audit_kind::AuditKind;
pub use bank::{BankError, Bic, Iban};
pub use capacity::{Availability, Capacity, Places};
pub use category::{Access, EarlyFee, Fee, Period};
pub use cents::{Cents, CentsError};
pub use code::{Code, CodeAudience, CodeError, CodeUses};
pub use conference::{Conference, RegistrationStatus, WindowState, waits_until};
pub use country::Country;
pub use currency::{Currency, VatRate};
pub use edition::{EditionSlug, EditionState};
pub use effect::Effect;
pub use email::{EmailAddress, EmailError};
pub use file::{FileName, FileType};
pub use id::{
    AccountId, AccountLinkId, AnswerId, AttendeeId, AttendeeNoteId, AuditId, BatchId, CapacityId, CategoryId, ChargeId,
    CodeId, ConferenceId, EditId, EmailChangeId, FileId, Key, LinkId, LoginId, MailTemplateId, MailingId, MembershipId,
    MessageId, OfferId, PageId, PaymentId, PendingRegistrationId, PersonId, PictureId, PlaceId, PreviewLinkId,
    QuestionId, QuestionVersionId, RegistrationId, ReleaseId, ResumedFormId, RevisionId, RoomId, SavedViewId,
    ScheduledReleaseId, SessionId, SessionKindId, SubmissionId, TextId, TopicId,
};
pub(crate) use kept_as_text::{read_from_text, text_enum};
pub use language::Language;
pub use links::{Links, LinksError};
pub use mail_reply::MailReply;
pub use mailing::MailingReaders;
pub use number::in_words;
pub use offer::{CancelCause, OfferHours, OfferOutcome, OfferTimes};
pub use password::{NewPassword, PasswordError};
pub use person::{Affiliation, HomeTown, SortName};
pub use picture::{DescribedPicture, PictureSize, PictureText, PictureUse};
pub use placement::Placement;
pub use question::{
    Answer, AnswerError, AnswerReaders, AskedOf, Choices, ChoicesError, Question, QuestionHelp, QuestionKind,
    QuestionPurpose, QuestionText,
};
pub use reference::Reference;
pub use registration::*;
pub use role::Role;
pub use secret::{Secret, SecretHash};
pub use session::{Length, PersonPart, Rooms, TimeSlot, TopicMark};
pub use signed_in::{Roles, SignedIn};
pub use slug::{Slug, SlugError};
pub use status::{ReleaseNumber, Status};
pub use stored::Stored;
pub use telephone::{TelephoneNumber, TelephoneNumberError, dialled};
pub use text::{
    AbstractText, AccountHolder, BankName, CancelMessage, CancelReason, CategoryAudience, CategoryDescription,
    CategoryName, Hosts, InsteadWord, InvoiceAddress, MailSubject, MailTemplateName, MailText, MoveReason,
    Organisation, OverrideReason, PaymentNote, PersonName, PurchaseOrder, ReleaseNote, RoomName, RoomNotes,
    SessionKindDescription, SessionKindName, SessionNote, SessionText, StaffNote, StreetAddress, Subtitle, Telephone,
    TextError, Title, TopicDescription, Town, VatWording, ViewName,
};
pub use web_address::{WebAddress, WebAddressError};
pub use zone::{Day, Zone, ZoneError, date_and_time, time_of_day};

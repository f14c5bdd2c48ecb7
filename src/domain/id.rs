//! The primary keys: UUIDs of version 7 (RFC 9562), which sort by the time they were created.

/// Any of the keys, for code that works with several tables.
pub trait Key:
    Copy + std::fmt::Debug + std::fmt::Display + std::str::FromStr + serde::de::DeserializeOwned + Send + Sync
{
    /// Creates a new key.
    fn new() -> Self;

    /// Returns the key as a UUID.
    fn uuid(self) -> uuid::Uuid;

    /// Returns the key with this UUID, which was another key of the same row.
    fn from_uuid(uuid: uuid::Uuid) -> Self;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// Creates a new key.
            #[allow(clippy::new_without_default, reason = "each call gives another value")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl Key for $name {
            fn new() -> Self {
                Self::new()
            }

            fn uuid(self) -> uuid::Uuid {
                self.0
            }

            fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A person with an account.
    AccountId,
    /// A one-time link with which a person sets a password.
    AccountLinkId,
    /// An attendee.
    AttendeeId,
    /// An entry of the audit log.
    AuditId,
    /// An act of editing.
    EditId,
    /// A new e-mail address that is waiting for its confirmation.
    EmailChangeId,
    /// A stored form of a person who had to sign in again.
    ResumedFormId,
    /// The capacity of a conference or a category.
    CapacityId,
    /// A category of delegates.
    CategoryId,
    /// A line of what is owed.
    ChargeId,
    /// A code for the registration form.
    CodeId,
    /// A conference.
    ConferenceId,
    /// A file that an organiser uploaded.
    FileId,
    /// A secret link in a mail.
    LinkId,
    /// A login: one signed-in visit to the site.
    LoginId,
    /// What staff write to the people of a view.
    MailingId,
    /// A text that staff keep to write mailings from.
    MailTemplateId,
    /// A role that an account has.
    MembershipId,
    /// A note about an attendee.
    AttendeeNoteId,
    /// What was done to many attendees at once.
    BatchId,
    /// A mail in the outbox.
    MessageId,
    /// An offer of a place to somebody on the waiting list.
    OfferId,
    /// A page that organisers write.
    PageId,
    /// A person who takes part in sessions.
    PersonId,
    /// A picture that an organiser uploaded.
    PictureId,
    /// A payment.
    PaymentId,
    /// A registration of somebody whose name and address are registered already.
    PendingRegistrationId,
    /// An attendee's place.
    PlaceId,
    /// A secret link to the draft of the programme.
    PreviewLinkId,
    /// A question on the registration form.
    QuestionId,
    /// A question as it is or was asked.
    QuestionVersionId,
    /// An answer to a question.
    AnswerId,
    /// A registration.
    RegistrationId,
    /// A release of what organisers edited.
    ReleaseId,
    /// A revision of a session or a page.
    RevisionId,
    /// A room of the venue.
    RoomId,
    /// A list of attendees with a name.
    SavedViewId,
    /// A release that is to be made at a set time.
    ScheduledReleaseId,
    /// A session of the programme.
    SessionId,
    /// A kind of session.
    SessionKindId,
    /// One copy of the registration form. If it is sent twice, it is stored once.
    SubmissionId,
    /// A text of the site.
    TextId,
    /// A topic of the conference.
    TopicId,
}

impl AccountId {
    /// A key that no account has.
    pub const NOBODY: Self = Self(uuid::Uuid::nil());
}

//! The keys of things: UUID version 7 (RFC 9562), so that they sort by the time they were made.

/// Any of the keys, for what is written once for several kinds of things.
pub trait Key:
    Copy + std::fmt::Debug + std::fmt::Display + std::str::FromStr + serde::de::DeserializeOwned + Send + Sync
{
    /// A key nobody else has.
    fn new() -> Self;

    /// The key as the database has it.
    fn uuid(self) -> uuid::Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A key nobody else has.
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
    /// A form kept for somebody who has to sign in first.
    ResumedFormId,
    /// How many places a conference or a category has.
    CapacityId,
    /// A category of delegates.
    CategoryId,
    /// A conference.
    ConferenceId,
    /// A secret link of a mail.
    LinkId,
    /// A signed-in visit.
    LoginId,
    /// A role that an account has.
    MembershipId,
    /// A mail of the outbox.
    MessageId,
    /// A page that organisers write.
    PageId,
    /// An attendee's place.
    PlaceId,
    /// A registration.
    RegistrationId,
    /// A saved state of a session or a page.
    RevisionId,
    /// A room of the venue.
    RoomId,
    /// A session of the programme.
    SessionId,
    /// One rendering of a form; sent twice, it is kept once.
    SubmissionId,
    /// A topic of the conference.
    TopicId,
}

impl AccountId {
    /// The key of no account.
    pub const NOBODY: Self = Self(uuid::Uuid::nil());
}

//! The keys of things: UUID version 7 (RFC 9562), so that they sort by the time they were made.

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

        impl From<uuid::Uuid> for $name {
            fn from(key: uuid::Uuid) -> Self {
                Self(key)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(key: $name) -> Self {
                key.0
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
    /// An attendee.
    AttendeeId,
    /// An entry of the audit log.
    AuditId,
    /// A form kept for somebody who has to sign in first.
    ResumedFormId,
    /// A category of delegates.
    CategoryId,
    /// A conference.
    ConferenceId,
    /// A secret link of a mail.
    LinkId,
    /// A signed-in visit.
    LoginId,
    /// A mail of the outbox.
    MessageId,
    /// A page that organisers write.
    PageId,
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

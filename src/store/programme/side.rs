//! The two sides of the programme.

/// Which of the two programmes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What organisers see.
    Draft,
    /// What the public reads.
    Public,
}

impl Side {
    /// Returns its word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Public => "public",
        }
    }
}

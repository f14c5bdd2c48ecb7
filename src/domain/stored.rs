//! Words in the database that a newer version of the program may have written.

/// A word from the database. During a deploy, older instances read words that a newer one writes. Lists show such a word as it
/// is, and nothing fails. Checked queries read it with `state as "state: Stored<MessageState>"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored<T> {
    /// A word that this version knows.
    Known(T),
    /// A word of a newer version.
    Newer(String),
}

impl<T: PartialEq> Stored<T> {
    /// Parses the word.
    pub fn read(word: String, parse: impl Fn(&str) -> Option<T>) -> Self {
        parse(&word).map_or(Self::Newer(word), Self::Known)
    }

    /// Returns whether it is this value.
    pub fn is(&self, value: T) -> bool {
        *self == Self::Known(value)
    }
}

impl<T: sqlx::Type<sqlx::Postgres>> sqlx::Type<sqlx::Postgres> for Stored<T> {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        T::type_info()
    }

    fn compatible(column: &sqlx::postgres::PgTypeInfo) -> bool {
        T::compatible(column)
    }
}

impl<'r, T: sqlx::Decode<'r, sqlx::Postgres>> sqlx::Decode<'r, sqlx::Postgres> for Stored<T> {
    fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        let word = <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value.clone())?;
        Ok(T::decode(value).map_or_else(|_| Self::Newer(word.to_owned()), Self::Known))
    }
}

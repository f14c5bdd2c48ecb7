//! Macros for types that the database stores as text. A checked query can return such a type: `status as "status:
//! Status"`.

/// Lets queries read a type from a text column. If the function returns `None`, the query fails. Where a newer version
/// of the program may have written an unknown word, read the column as text and parse it yourself.
macro_rules! read_from_text {
    ($($name:ident: $parse:expr;)+) => {$(
        impl sqlx::Type<sqlx::Postgres> for $name {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <str as sqlx::Type<sqlx::Postgres>>::type_info()
            }

            fn compatible(column: &sqlx::postgres::PgTypeInfo) -> bool {
                <str as sqlx::Type<sqlx::Postgres>>::compatible(column)
            }
        }

        impl<'r> sqlx::Decode<'r, sqlx::Postgres> for $name {
            fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let text = <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value)?;
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text).ok_or_else(|| concat!("the database holds a text that is no ", stringify!($name)).into())
            }
        }
    )+};
}

/// Defines an enum in which each value has a word for the database, forms and addresses. It gets a list of all values,
/// conversions to and from the word, and the traits for queries.
///
/// ```ignore
/// text_enum! {
///     /// How somebody comes.
///     pub enum Way {
///         /// On foot.
///         Walking = "walking",
///         /// By train.
///         Train = "train",
///     }
/// }
/// ```
macro_rules! text_enum {
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$doc])* $value,)+
        }

        impl $name {
            /// All values, in order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$value),+];

            /// Returns the value's word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }

            /// Returns the value with this word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        $crate::domain::read_from_text! { $name: $name::parse; }

        impl sqlx::Encode<'_, sqlx::Postgres> for $name {
            fn encode_by_ref(
                &self,
                buffer: &mut sqlx::postgres::PgArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <&str as sqlx::Encode<'_, sqlx::Postgres>>::encode(self.as_str(), buffer)
            }
        }
    };
}

pub(crate) use {read_from_text, text_enum};

#[cfg(test)]
mod tests {
    text_enum! {
        /// How somebody comes.
        enum Way {
            /// On foot.
            Walking = "walking",
            /// By train.
            Train = "train",
        }
    }

    #[test]
    fn each_value_has_its_word_and_other_words_are_refused() {
        assert_eq!(Way::ALL.map(Way::as_str), ["walking", "train"]);
        assert_eq!(Way::parse("train"), Some(Way::Train));
        assert_eq!((Way::parse("Train"), Way::parse("")), (None, None));
        assert_eq!(Way::Walking.to_string(), "walking");
    }
}

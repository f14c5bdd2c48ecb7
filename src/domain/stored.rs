//! Words that the database holds and that a newer version of the program may have added to.

/// A word from the database. During a deploy, instances of an older version read what a newer one writes: a list shows
/// such a word as it is, and nothing fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored<T> {
    /// One that this version knows.
    Known(T),
    /// One that a newer version wrote.
    Newer(String),
}

impl<T: PartialEq> Stored<T> {
    /// Reads the word.
    pub fn read(word: String, parse: impl Fn(&str) -> Option<T>) -> Self {
        parse(&word).map_or(Self::Newer(word), Self::Known)
    }

    /// Whether it is this one.
    pub fn is(&self, value: T) -> bool {
        *self == Self::Known(value)
    }
}

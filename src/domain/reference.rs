//! The short code of a registration.

use std::fmt;

/// Seven letters and digits in two groups, for example `K7P-3XQM`. They are easy to say on the telephone, without
/// characters that are easily confused (0, O, 1, I, L). There are 31⁷ references, about 27,500 million; the database
/// refuses one that is already in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Reference(String);

const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

impl Reference {
    /// Generates a random reference.
    pub fn random() -> Self {
        let mut number = getrandom::u64().expect("the operating system gives random bytes");
        let mut code = String::with_capacity(8);
        for place in 0..7 {
            if place == 3 {
                code.push('-');
            }
            code.push(char::from(LETTERS[usize::try_from(number % 31).expect("less than 31")]));
            number /= 31;
        }
        Self(code)
    }

    /// Wraps a reference that was read from the database, which checks its format.
    pub fn kept(code: String) -> Self {
        Self(code)
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_can_be_said_on_the_telephone() {
        for _ in 0..1000 {
            let reference = Reference::random();
            let (left, right) = reference.as_str().split_once('-').expect("two groups");
            assert_eq!((left.len(), right.len()), (3, 4));
            assert!(!reference.as_str().contains(['0', 'O', '1', 'I', 'L']));
        }
    }
}

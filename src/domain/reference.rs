//! The short code of a registration.

use std::fmt;

/// Seven letters and digits in two groups, as in `K7P-3XQM`: easy to say on the telephone, none that is taken for
/// another (no 0, O, 1, I, L). 27 thousand million of them; the database refuses one given twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Reference(String);

const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

impl Reference {
    /// A reference by chance.
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

    /// A reference that came from the database, which has checked its shape.
    pub fn kept(code: String) -> Self {
        Self(code)
    }

    /// The code.
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

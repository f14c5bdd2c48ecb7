//! Passwords that people choose.

/// A password as somebody wants it: 12 to 200 characters of any kind, and not one that would be tried first. No rule
/// about capitals or digits: length is what helps.
pub struct NewPassword(String);

/// Why a password was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// Fewer than 12 characters.
    #[error("too short")]
    TooShort,
    /// More than 200 characters.
    #[error("too long")]
    TooLong,
    /// Bytes that were no UTF-8.
    #[error("unreadable character")]
    Unreadable,
    /// The person's own name or address, a word that everybody tries, one character again and again.
    #[error("easy to guess")]
    Obvious,
}

/// Words that add nothing to a password: this house's own, rows of keys, and what stands on every list of leaked
/// passwords. Where one begins with another, the longer comes first.
const TRIED_FIRST: [&str; 85] = [
    "majorcitiesofeurope",
    "administrator",
    "majorcities",
    "conference",
    "leipzig",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "1q2w3e4r5t6z",
    "1q2w3e4r5t6y",
    "asdfghjkl",
    "1234567890",
    "123456789",
    "987654321",
    "1q2w3e4r",
    "zaq12wsx",
    "1qaz2wsx",
    "3edc4rfv",
    "q1w2e3r4",
    "qazwsxedc",
    "zxcvbnm",
    "yxcvbnm",
    "qazwsx",
    "asdfgh",
    "qwerty",
    "qwertz",
    "azerty",
    "123456",
    "654321",
    "112233",
    "abc123",
    "xsw2",
    "cde3",
    "password",
    "passwort",
    "passw0rd",
    "p@ssw0rd",
    "motdepasse",
    "contraseña",
    "contrasena",
    "wachtwoord",
    "iloveyou",
    "trustno1",
    "changeme",
    "computer",
    "internet",
    "football",
    "baseball",
    "fussball",
    "superman",
    "princess",
    "sunshine",
    "starwars",
    "whatever",
    "michelle",
    "jennifer",
    "letmein",
    "welcome",
    "willkommen",
    "bienvenue",
    "benvenuto",
    "default",
    "pokemon",
    "samsung",
    "charlie",
    "michael",
    "monkey",
    "dragon",
    "master",
    "shadow",
    "batman",
    "secret",
    "geheim",
    "soleil",
    "bonjour",
    "hallo",
    "summer",
    "winter",
    "spring",
    "autumn",
    "sommer",
    "herbst",
    "admin",
    "login",
    "guest",
];

impl NewPassword {
    /// Takes what was typed, exactly so; `email` and `name` are the person's own.
    pub fn parse(raw: &str, email: &str, name: &str) -> Result<Self, PasswordError> {
        match raw.chars().count() {
            0 => return Err(PasswordError::Missing),
            1..12 => return Err(PasswordError::TooShort),
            201.. => return Err(PasswordError::TooLong),
            _ => {}
        }
        if raw.contains('\u{FFFD}') {
            return Err(PasswordError::Unreadable);
        }
        if is_obvious(raw, email, name) { Err(PasswordError::Obvious) } else { Ok(Self(raw.to_owned())) }
    }

    /// The password, for its hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether little is left once the words that anybody would try are taken out, or what is left is one run.
fn is_obvious(raw: &str, email: &str, name: &str) -> bool {
    let (email, name) = (email.to_lowercase(), name.to_lowercase());
    let own = std::iter::once(email.as_str()).chain(email.split(['@', '.'])).chain(name.split_whitespace());
    let whole = raw.to_lowercase();
    let mut rest = whole.clone();
    for word in own.chain(TRIED_FIRST).filter(|word| word.chars().count() >= 4) {
        rest = rest.replace(word, "");
    }
    // A year and an exclamation mark are what everybody adds to such a word.
    if rest != whole {
        rest = rest.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation()).to_owned();
    }
    let characters: Vec<u32> = rest.chars().map(u32::from).collect();
    let mut different = characters.clone();
    different.sort_unstable();
    different.dedup();
    // A run may begin anew now and then, as after 9 on a keyboard.
    let breaks = characters.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) > 1).count();
    let is_run = breaks * 6 < characters.len();
    characters.len() < 6 || different.len() < 5 || is_run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(raw: &str) -> Result<(), PasswordError> {
        NewPassword::parse(raw, "anna.rossi@firenze.example", "Anna Rossi").map(|_| ())
    }

    #[test]
    fn a_long_password_of_any_kind_is_taken() {
        for good in [
            "correct horse battery staple",
            "три тополя на плющихе",
            "4839 2017 7430",
            "x#9vQ!p2mZ&t",
            "monkeys like green tea",
        ] {
            assert_eq!(judged(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(judged(""), Err(PasswordError::Missing));
        assert_eq!(judged("elevenchars"), Err(PasswordError::TooShort));
        assert_eq!(judged(&"žyxwvutsrq".repeat(20)), Ok(()));
        assert_eq!(judged(&"žyxwvutsrq".repeat(21)), Err(PasswordError::TooLong));
        assert_eq!(judged("caf\u{FFFD} au lait, please"), Err(PasswordError::Unreadable));
    }

    #[test]
    fn what_anybody_would_try_first_is_refused() {
        for bad in [
            "anna.rossi@firenze.example",
            "Anna.Rossi2018",
            "PasswordPassword1!",
            "aaaaaaaaaaaaaaaa",
            "121212121212",
            "1234567890123",
            "abcdefghijklmnop",
            "MajorCities2018",
            "leipzig-2018",
            "1q2w3e4r5t6y",
            "qwerty123456",
            "letmein12345",
            "monkey123456",
            "Summer2018!!",
            "trustno1trustno1",
            "zaq12wsxcde3",
            "P@ssw0rd12345",
        ] {
            assert_eq!(judged(bad), Err(PasswordError::Obvious), "{bad}");
        }
    }
}

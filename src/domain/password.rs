//! Passwords that people choose.

use super::guesses;

/// A new password: 12 to 200 characters of any kind, and not easy to guess. There is no rule about capitals or digits:
/// length protects better (NIST SP 800-63B advises against such rules).
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
    /// It contained bytes that are not valid UTF-8.
    #[error("unreadable character")]
    Unreadable,
    /// It consists of common passwords, of runs, or of what is known about the person and the conference.
    #[error("easy to guess")]
    Obvious,
}

/// A password that takes fewer guesses than ten to this power is refused: two common words with what people usually
/// add, such as a year or a sign, take fewer.
const LEAST_GUESSES: usize = 9;

impl NewPassword {
    /// Validates a password exactly as it was typed. `known` is what an attacker knows: the person's name and address,
    /// and the names of the conferences.
    pub fn parse(raw: &str, known: &[&str]) -> Result<Self, PasswordError> {
        match raw.chars().count() {
            0 => return Err(PasswordError::Missing),
            1..12 => return Err(PasswordError::TooShort),
            201.. => return Err(PasswordError::TooLong),
            _ => {}
        }
        if raw.contains('\u{FFFD}') {
            return Err(PasswordError::Unreadable);
        }
        if guesses::least(raw, known) < LEAST_GUESSES { Err(PasswordError::Obvious) } else { Ok(Self(raw.to_owned())) }
    }

    /// Returns the password's bytes, to be hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validated(raw: &str) -> Result<(), PasswordError> {
        let known = [
            "anna.rossi@firenze.example",
            "Anna Rossi",
            "Annual conference of Major Cities of Europe, 2018 Leipzig",
            "Are we ready? Taking the digital city to the next level",
            "Leipzig",
            "Kongresshalle Leipzig",
            "Municipality of Leipzig and its IT company LECOS",
            "City Data: Swimming in the data sea – are you waving or drowning?",
            "World Café",
            "28 May       05 2018",
            "431718947633",
        ];
        NewPassword::parse(raw, &known).map(|_| ())
    }

    #[test]
    fn a_long_password_of_any_kind_is_accepted() {
        for good in [
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "три тополя на плющихе",
            "4839 2017 7430",
            "x#9vQ!p2mZ&t",
            "monkeys like green tea",
            "kitchen-window-umbrella",
            "wmrkzhoyqpfa",
            "Il treno parte alle sette",
            "Anna liebt Kirschkuchen",
            "Leipzig hat viele Kanäle",
        ] {
            assert_eq!(validated(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(validated(""), Err(PasswordError::Missing));
        assert_eq!(validated("elevenchars"), Err(PasswordError::TooShort));
        assert_eq!(validated(&"žyxwvutsrq".repeat(20)), Ok(()));
        assert_eq!(validated(&"žyxwvutsrq".repeat(21)), Err(PasswordError::TooLong));
        assert_eq!(validated("caf\u{FFFD} au lait, please"), Err(PasswordError::Unreadable));
    }

    #[test]
    fn passwords_that_attackers_try_first_are_refused() {
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
            "JustinBieber",
            "justinbieber.2018!",
            "qweasdzxc123",
            "qwertzuiopü+123",
            "passwordpasswordpassword",
            "purplechicken",
            "Willkommen2018!",
        ] {
            assert_eq!(validated(bad), Err(PasswordError::Obvious), "{bad}");
        }
    }

    #[test]
    fn passwords_made_of_the_conferences_names_are_refused() {
        for bad in [
            "Kongresshalle1",
            "Kongresshalle Leipzig",
            "K0ngresshalle_L31pzig!",
            "AreWeReady?2018",
            "TakingTheDigitalCity",
            "Annual conference of Major Cities of Europe, 2018 Leipzig",
            "LecosLeipzig2018!",
            "MCE-Conference-2019",
            "majorcitiesofeurope",
        ] {
            assert_eq!(validated(bad), Err(PasswordError::Obvious), "{bad}");
        }
    }

    #[test]
    fn a_place_a_date_or_a_common_word_with_a_year_is_refused() {
        for bad in [
            "München2018!!",
            "Muenchen2018!",
            "Helsinki2018!",
            "Düsseldorf2018",
            "Luxembourg2018",
            "Linköping2018",
            "Switzerland18!",
            "SwimmingInTheDataSea",
            "WorldCafé2018!",
            "World Cafe 2018",
            "28.05.2018!!",
            "28-30May2018!",
            "+431718947633",
            "Fruehling2018",
            "Februar2018!!",
            "Bürgermeister1",
            "Blockchain2018",
        ] {
            assert_eq!(validated(bad), Err(PasswordError::Obvious), "{bad}");
        }
    }

    #[test]
    fn every_long_password_on_the_list_is_refused() {
        let list = include_str!("common_passwords/list.txt");
        let long: Vec<&str> = list.lines().filter(|line| line.chars().count() >= 12).collect();
        assert_eq!(long.len(), 190);
        for bad in long {
            for bad in [bad.to_owned(), bad.to_uppercase(), format!("{bad}1!"), format!("{bad}2018")] {
                assert_eq!(validated(&bad), Err(PasswordError::Obvious), "{bad}");
            }
        }
    }
}

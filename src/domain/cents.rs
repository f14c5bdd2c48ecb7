//! Amounts of money. All amounts of a conference are in one currency.

use std::{fmt, iter::Sum, ops::Neg};

use super::text::clean_code;

/// An amount in cents. Amounts that are typed are from 0 to [`Cents::LIMIT`]; what is calculated from them may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize,
)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Cents(pub i64);

/// Why an amount was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CentsError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// It is not an amount.
    #[error("not an amount")]
    Malformed,
    /// It is larger than [`Cents::LIMIT`].
    #[error("too large")]
    TooLarge,
}

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be typed: 1,000,000.00.
    pub const LIMIT: Self = Self(100_000_000);

    /// Parses an amount as people type it: `450`, `450.00`, `450,00`, `1,450.00`, `1.450,00` or `1 450`. A separator before
    /// one or two final digits begins the cents; separators between groups of three digits mean nothing.
    pub fn parse(raw: &str) -> Result<Self, CentsError> {
        let text = clean_code(raw);
        if text.is_empty() {
            return Err(CentsError::Missing);
        }
        let (whole, cents) = match text.rfind(['.', ',']) {
            Some(at) if text.len() - at <= 3 => (&text[..at], &text[at + 1..]),
            _ => (&*text, "00"),
        };
        let decimal = text.as_bytes().get(whole.len());
        let groups: Vec<_> = whole.split(SEPARATORS).collect();
        let mut separators = whole.matches(SEPARATORS);
        let first = separators.next().unwrap_or_default();
        let is_grouped = groups.len() == 1
            || (1..=3).contains(&groups[0].len())
                && groups[1..].iter().all(|group| group.len() == 3)
                && separators.all(|other| other == first)
                && first.as_bytes().first() != decimal;
        let digits = groups.concat();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_grouped || !is_number(&digits) || !is_number(cents) {
            return Err(CentsError::Malformed);
        }
        let amount = format!("{digits}{cents:0<2}").parse().map_err(|_| CentsError::TooLarge)?;
        if amount > Self::LIMIT.0 { Err(CentsError::TooLarge) } else { Ok(Self(amount)) }
    }

    /// Whether it is more than nothing.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }
}

/// What may stand between groups of three digits.
const SEPARATORS: [char; 5] = ['.', ',', ' ', '\'', '’'];

impl fmt::Display for Cents {
    /// Writes `1,450.00`, or `−1,450.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.0.unsigned_abs();
        let digits = (amount / 100).to_string();
        f.write_str(if self.0 < 0 { "−" } else { "" })?;
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02}", amount % 100)
    }
}

impl Neg for Cents {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::ops::Sub for Cents {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_read_as_people_in_europe_write_it() {
        for (typed, cents) in [
            ("450", 45_000),
            ("450.00", 45_000),
            ("450,00", 45_000),
            ("450,5", 45_050),
            (" 0 ", 0),
            ("0.05", 5),
            ("1,450", 145_000),
            ("1.450", 145_000),
            ("1.450,00", 145_000),
            ("1,450.00", 145_000),
            ("1 450,00", 145_000),
            ("1’450.00", 145_000),
            ("1,000,000.00", 100_000_000),
        ] {
            assert_eq!(Cents::parse(typed), Ok(Cents(cents)), "{typed}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(Cents::parse(" "), Err(CentsError::Missing));
        for typed in
            ["-1", "free", "450 EUR", "1.4500", "1,45,000", "1.450.00", "1,450,00", "14,50.00", ".50", "4.", "1e3", "٤"]
        {
            assert_eq!(Cents::parse(typed), Err(CentsError::Malformed), "{typed}");
        }
        for typed in ["1000000.01", "99999999999999999999"] {
            assert_eq!(Cents::parse(typed), Err(CentsError::TooLarge), "{typed}");
        }
    }

    #[test]
    fn an_amount_below_zero_is_shown_with_its_sign() {
        assert_eq!(
            [Cents(-145_000), Cents(-5), Cents(99_900)].map(|cents| cents.to_string()),
            ["−1,450.00", "−0.05", "999.00"]
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(cents in 0..=Cents::LIMIT.0) {
            let shown = Cents(cents).to_string();
            prop_assert_eq!(Cents::parse(&shown), Ok(Cents(cents)));
            let swapped: String = shown.chars().map(|c| match c { '.' => ',', ',' => '.', other => other }).collect();
            prop_assert_eq!(Cents::parse(&swapped), Ok(Cents(cents)));
            prop_assert_eq!(Cents::parse(&shown.replace(',', "")), Ok(Cents(cents)));
        }

        #[test]
        fn any_text_is_an_amount_within_the_limit_or_refused(text in any::<String>()) {
            if let Ok(cents) = Cents::parse(&text) {
                prop_assert!((Cents::ZERO..=Cents::LIMIT).contains(&cents));
            }
        }
    }
}

//! Currencies and the rate of VAT.

use std::fmt;

use super::{Cents, text::clean_code, text_enum};

text_enum! {
    /// A currency that has cents, by its code (ISO 4217).
    pub enum Currency {
        /// The euro.
        Euro = "EUR",
        /// The Swiss franc.
        SwissFranc = "CHF",
        /// The Czech koruna.
        CzechKoruna = "CZK",
        /// The Danish krone.
        DanishKrone = "DKK",
        /// The pound sterling.
        PoundSterling = "GBP",
        /// The Hungarian forint.
        HungarianForint = "HUF",
        /// The Norwegian krone.
        NorwegianKrone = "NOK",
        /// The Polish złoty.
        PolishZloty = "PLN",
        /// The Romanian leu.
        RomanianLeu = "RON",
        /// The Swedish krona.
        SwedishKrona = "SEK",
        /// The US dollar.
        UsDollar = "USD",
    }
}

impl Currency {
    /// Returns an amount with the currency, such as `EUR 450.00`.
    pub fn of(self, amount: Cents) -> String {
        if amount.0 < 0 { format!("−{self} {}", -amount) } else { format!("{self} {amount}") }
    }

    /// Returns a fee with the currency, or `free`.
    pub fn fee(self, amount: Cents) -> String {
        if amount.is_positive() { self.of(amount) } else { "free".to_owned() }
    }
}

/// The rate of VAT, in hundredths of a per cent: 0 to 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct VatRate(i32);

/// The text is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a rate of VAT")]
pub struct VatRateError;

impl VatRate {
    /// Parses a rate as people type it: `19`, `7.7`, `7,7 %` or nothing, which means 0.
    pub fn parse(raw: &str) -> Result<Self, VatRateError> {
        let text = clean_code(raw);
        let text = text.strip_suffix('%').unwrap_or(&text).trim_end();
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if text.is_empty() {
            return Ok(Self(0));
        }
        if !is_number(whole) || !is_number(part) || part.len() > 2 {
            return Err(VatRateError);
        }
        match format!("{whole}{part:0<2}").parse() {
            Ok(rate) if rate <= 10_000 => Ok(Self(rate)),
            _ => Err(VatRateError),
        }
    }

    /// Returns the rate in hundredths of a per cent.
    pub fn basis_points(self) -> i32 {
        self.0
    }
}

impl fmt::Display for VatRate {
    /// Writes `19` or `7.7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        f.write_str(decimal.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_shown_with_its_currency() {
        assert_eq!(Currency::Euro.of(Cents(145_000)), "EUR 1,450.00");
        assert_eq!(Currency::Euro.of(Cents(-500)), "−EUR 5.00");
    }

    #[test]
    fn a_rate_is_read_with_or_without_a_sign() {
        for (typed, rate) in [("19", 1900), ("7,7 %", 770), ("7.75%", 775), (" ", 0), ("0", 0), ("100", 10_000)] {
            assert_eq!(VatRate::parse(typed), Ok(VatRate(rate)), "{typed}");
        }
        for typed in ["-1", "100.01", "7.755", "1.", ".5", "none", "99999999999"] {
            assert_eq!(VatRate::parse(typed), Err(VatRateError), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn a_rate_that_is_shown_can_be_typed(rate in 0..=10_000) {
            prop_assert_eq!(VatRate::parse(&VatRate(rate).to_string()), Ok(VatRate(rate)));
        }
    }
}

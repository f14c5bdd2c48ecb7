//! What is set for a category of delegates: who can choose it, when, and what it costs.

use time::OffsetDateTime;

use super::{Cents, text_enum};

text_enum! {
    /// Who can choose a category.
    pub enum Access {
        /// Everybody: the form offers it.
        Public = "public",
        /// Delegates with a code for it.
        Code = "code",
        /// Nobody: staff assign it.
        Staff = "staff",
    }
}

/// What a category costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fee {
    /// The fee.
    pub full: Cents,
    /// The lower fee for those who register early.
    pub early: Option<EarlyFee>,
}

/// The fee for those who register early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyFee {
    /// The amount, which is below the fee.
    pub amount: Cents,
    /// The instant until which it holds; this instant is no longer part of it.
    pub until: OffsetDateTime,
}

impl Fee {
    /// Returns the fee with these columns. The database holds both or neither of the last two.
    pub fn read(full: Cents, early: Option<Cents>, until: Option<OffsetDateTime>) -> Self {
        Self { full, early: early.zip(until).map(|(amount, until)| EarlyFee { amount, until }) }
    }

    /// Returns the early fee if it holds at this instant.
    pub fn early_at(self, now: OffsetDateTime) -> Option<EarlyFee> {
        self.early.filter(|early| now < early.until)
    }

    /// Returns what somebody owes who registers at this instant.
    pub fn at(self, now: OffsetDateTime) -> Cents {
        self.early_at(now).map_or(self.full, |early| early.amount)
    }

    /// Returns this amount, which a code gives, if it is below what somebody owes without the code. A code never costs more.
    pub fn reduced_at(self, to: Option<Cents>, now: OffsetDateTime) -> Option<Cents> {
        to.filter(|to| *to < self.at(now))
    }
}

/// The period in which delegates can choose a category. It has no effect outside the period of the conference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// When it begins; `None` if it has no beginning.
    pub opens: Option<OffsetDateTime>,
    /// When it ends; this instant is no longer part of it. `None` if it has no end.
    pub closes: Option<OffsetDateTime>,
}

impl Period {
    /// Returns when it begins, if that is after this instant.
    pub fn opens_after(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.opens.filter(|opens| now < *opens)
    }

    /// Returns when it ended, if it has at this instant.
    pub fn closed_by(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.closes.filter(|closes| now >= *closes)
    }

    /// Whether this instant is part of it.
    pub fn contains(self, now: OffsetDateTime) -> bool {
        self.opens_after(now).is_none() && self.closed_by(now).is_none()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_early_fee_holds_until_its_instant() {
        let until = datetime!(2018-03-01 0:00 UTC);
        let fee = Fee { full: Cents(45_000), early: Some(EarlyFee { amount: Cents(35_000), until }) };
        assert_eq!(fee.at(datetime!(2018-02-28 23:59:59 UTC)), Cents(35_000));
        assert_eq!(fee.at(until), Cents(45_000));
        assert_eq!(Fee { early: None, ..fee }.at(datetime!(2018-01-01 0:00 UTC)), Cents(45_000));
    }

    #[test]
    fn a_code_lowers_the_fee_and_never_raises_it() {
        let until = datetime!(2018-03-01 0:00 UTC);
        let fee = Fee { full: Cents(45_000), early: Some(EarlyFee { amount: Cents(35_000), until }) };
        assert_eq!(fee.reduced_at(Some(Cents(40_000)), until), Some(Cents(40_000)));
        assert_eq!(fee.reduced_at(Some(Cents(40_000)), datetime!(2018-02-01 0:00 UTC)), None);
        assert_eq!((fee.reduced_at(Some(Cents(45_000)), until), fee.reduced_at(None, until)), (None, None));
        assert_eq!(fee.reduced_at(Some(Cents::ZERO), until), Some(Cents::ZERO));
    }

    #[test]
    fn a_category_can_be_chosen_from_its_opening_until_its_closing() {
        let (opens, closes) = (datetime!(2018-02-01 8:00 UTC), datetime!(2018-04-01 8:00 UTC));
        let period = Period { opens: Some(opens), closes: Some(closes) };
        let second = time::Duration::SECOND;
        let seen = [opens - second, opens, closes - second, closes].map(|now| period.contains(now));
        assert_eq!(seen, [false, true, true, false]);
        assert!(Period::default().contains(opens));
    }
}

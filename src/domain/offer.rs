//! Offers of places to people on the waiting list.

use time::{Duration, OffsetDateTime};

use super::{text::clean_line, text_enum};

text_enum! {
    /// What became of an offer.
    pub enum OfferOutcome {
        /// The attendee has the place.
        Accepted = "accepted",
        /// The attendee did not want it.
        Declined = "declined",
        /// Nobody answered in time.
        Lapsed = "lapsed",
        /// The attendee was cancelled while it was open.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Who or what cancelled an attendee.
    pub enum CancelCause {
        /// The contact or the attendee, with a link.
        Delegate = "delegate",
        /// The staff.
        Staff = "staff",
        /// The attendee declined the place that was offered.
        Declined = "declined",
        /// Nobody answered the offer of a place in time.
        Lapsed = "lapsed",
    }
}

impl CancelCause {
    /// Returns the cause as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Delegate => "cancelled with the link in a mail",
            Self::Staff => "cancelled by the operations desk",
            Self::Declined => "the place that was offered was declined",
            Self::Lapsed => "the offer of a place was not answered in time",
        }
    }
}

/// How many hours an offer is open: 1 to 720.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferHours(u16);

/// The text is not a number of hours that an offer can be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number of hours")]
pub struct OfferHoursError;

impl OfferHours {
    /// Parses a whole number from 1 to 720.
    pub fn parse(raw: &str) -> Result<Self, OfferHoursError> {
        let hours = clean_line(raw).parse().map_err(|_| OfferHoursError)?;
        if (1..=720).contains(&hours) { Ok(Self(hours)) } else { Err(OfferHoursError) }
    }

    /// Returns the number.
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }
}

/// When an offer ends, and when its reminder is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferTimes {
    /// From this instant on it cannot be accepted.
    pub lapses_at: OffsetDateTime,
    /// When the reminder is due: after half of the time.
    pub remind_at: OffsetDateTime,
}

impl OfferTimes {
    /// Returns the times of an offer that is made now. No offer is open after `waits_until`, when the waiting list ends. Hours are
    /// elapsed time: a change of the clocks makes an offer neither longer nor shorter.
    pub fn of(now: OffsetDateTime, hours: i32, waits_until: OffsetDateTime) -> Self {
        let lapses_at = waits_until.min(now + Duration::hours(hours.into()));
        Self { lapses_at, remind_at: now + (lapses_at - now) / 2 }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn hours_are_whole_and_between_one_and_thirty_days() {
        assert_eq!(OfferHours::parse(" 48 ").map(OfferHours::number), Ok(48));
        assert_eq!(OfferHours::parse("720").map(OfferHours::number), Ok(720));
        for bad in ["", "0", "721", "1.5", "-1", "two", "99999"] {
            assert_eq!(OfferHours::parse(bad), Err(OfferHoursError), "{bad}");
        }
    }

    #[test]
    fn an_offer_ends_with_the_waiting_list_and_reminds_after_half_of_its_time() {
        let (now, far) = (datetime!(2018-03-24 12:00 UTC), datetime!(2018-05-28 0:00 UTC));
        let times = OfferTimes::of(now, 48, far);
        assert_eq!(
            (times.lapses_at, times.remind_at),
            (datetime!(2018-03-26 12:00 UTC), datetime!(2018-03-25 12:00 UTC))
        );
        let soon = OfferTimes::of(now, 48, datetime!(2018-03-24 18:00 UTC));
        assert_eq!(
            (soon.lapses_at, soon.remind_at),
            (datetime!(2018-03-24 18:00 UTC), datetime!(2018-03-24 15:00 UTC))
        );
    }
}

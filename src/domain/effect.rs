//! What a release does to an item.

use super::Status;

/// What a release does to an item, for those who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It was not public before, or removed.
    New,
    /// It takes place at another time or in another room.
    Moved,
    /// Something else about it changes.
    Changed,
    /// It does not take place any more.
    Cancelled,
    /// It takes place after all.
    Reinstated,
    /// It is removed.
    Withdrawn,
    /// The public cannot read it any more, as before it was first published.
    Hidden,
}

impl Effect {
    /// Returns the effect of going from one public status to another. `None` means that the item is not public. `is_moved` says
    /// whether its time differs, or a room that was known before.
    pub fn of(before: Option<Status>, after: Option<Status>, is_moved: bool) -> Self {
        let is_held = |status: Status| !matches!(status, Status::Cancelled | Status::Withdrawn);
        match (before, after) {
            (_, None) => Self::Hidden,
            (Some(before), Some(after)) if before == after && !is_held(after) => Self::Changed,
            (_, Some(Status::Cancelled)) => Self::Cancelled,
            (_, Some(Status::Withdrawn)) => Self::Withdrawn,
            (None | Some(Status::Withdrawn), Some(_)) => Self::New,
            (Some(Status::Cancelled), Some(_)) => Self::Reinstated,
            _ if is_moved => Self::Moved,
            _ => Self::Changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_follows_from_what_is_public_before_and_afterwards() {
        let (tentative, confirmed) = (Some(Status::Tentative), Some(Status::Confirmed));
        let (cancelled, withdrawn) = (Some(Status::Cancelled), Some(Status::Withdrawn));
        for (before, after, is_moved, effect) in [
            (None, confirmed, false, Effect::New),
            (None, cancelled, false, Effect::Cancelled),
            (confirmed, None, false, Effect::Hidden),
            (tentative, confirmed, false, Effect::Changed),
            (tentative, confirmed, true, Effect::Moved),
            (confirmed, cancelled, true, Effect::Cancelled),
            (cancelled, cancelled, true, Effect::Changed),
            (cancelled, withdrawn, false, Effect::Withdrawn),
            (withdrawn, cancelled, false, Effect::Cancelled),
            (cancelled, confirmed, true, Effect::Reinstated),
            (withdrawn, tentative, false, Effect::New),
        ] {
            assert_eq!(Effect::of(before, after, is_moved), effect, "{before:?} → {after:?}");
        }
    }
}

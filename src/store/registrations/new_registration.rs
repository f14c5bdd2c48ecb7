//! A registration to save, and what is told of it when it is saved.

use sqlx::PgConnection;

use super::{
    authority::Authority,
    same_person::{self, KnownPerson},
    seating::Waiting,
    submission::Submission,
};
use crate::{
    domain::{EmailAddress, PendingRegistrationId, RegistrationId, RevisionId, Secret},
    store::{rate_limits::Try, registrations::categories::Offer},
};

/// A registration to save.
#[derive(Clone, Copy, Debug)]
pub struct NewRegistration<'a> {
    /// The form that was sent.
    pub submission: Submission<'a>,
    /// The people on the form who are registered already, as far as the caller knows ([`super::RegisterError::Known`]). Their
    /// registrations are held back, and the others are registered.
    pub known: &'a [KnownPerson],
    /// The person on the form who is another one of the same name and address.
    pub another: Option<Another>,
    /// What the form offered, with the fees.
    pub offer: &'a Offer,
    /// The version of the privacy notice that was shown with it.
    pub privacy: RevisionId,
    /// The operations desk's address.
    pub operations: &'a EmailAddress,
    /// The rate limits. They are counted in the same transaction, so a registration that is not saved uses nothing up.
    pub limits: &'a [Try],
    /// What the form said about the waiting list.
    pub waiting: Waiting<'a>,
    /// Who registers them.
    pub authority: Authority<'a>,
}

/// A person on the form who is another one of the same name and address.
#[derive(Clone, Copy, Debug)]
pub struct Another {
    /// Their index on the form, from 0.
    pub number: usize,
    /// The pending registration that says so; `None` if staff do.
    pub pending: Option<PendingRegistrationId>,
}

impl NewRegistration<'_> {
    /// Returns the indices of the people who are registered.
    pub(super) fn people(&self) -> Vec<usize> {
        let all = 0..self.submission.registration.attendees.count();
        all.filter(|number| self.known.iter().all(|known| known.number != *number)).collect()
    }

    /// Lists the people who are registered already, without the one who is said to be somebody else.
    pub(super) async fn list_known(&self, conn: &mut PgConnection) -> Result<Vec<usize>, sqlx::Error> {
        let mut known = same_person::list_known(conn, self.submission).await?;
        known.retain(|number| self.another.is_none_or(|another| another.number != *number));
        Ok(known)
    }
}

/// A saved registration.
#[derive(Debug)]
pub struct Kept {
    /// The key.
    pub id: RegistrationId,
    /// The secret in the address of the page after registering.
    pub receipt: Secret,
}

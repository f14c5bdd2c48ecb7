//! The transaction in which a conference is edited.

use std::ops::{Deref, DerefMut};

use sqlx::PgTransaction;
use time::OffsetDateTime;

use crate::domain::{AccountId, ConferenceId, EditId};
use crate::store::sites;

/// A transaction in which somebody edits a conference. It begins with a lock on the conference, so editing is done by one person
/// at a time: what is read in it stays true until it ends, and two people cannot wait for each other.
#[derive(Debug)]
pub struct Editing<'c> {
    tx: PgTransaction<'c>,
    conference: ConferenceId,
    /// The row to which new revisions refer.
    pub(super) edit: EditId,
    /// Who edits.
    pub(super) account: Option<AccountId>,
    /// When.
    pub(super) now: OffsetDateTime,
}

impl<'c> Deref for Editing<'c> {
    type Target = PgTransaction<'c>;

    fn deref(&self) -> &Self::Target {
        &self.tx
    }
}

impl DerefMut for Editing<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.tx
    }
}

impl<'c> Editing<'c> {
    /// Begins editing in this transaction. `account` is `None` for the programme that comes with the software.
    pub async fn begin(
        mut tx: PgTransaction<'c>,
        conference: ConferenceId,
        account: Option<AccountId>,
        now: OffsetDateTime,
    ) -> Result<Self, sqlx::Error> {
        sites::lock(&mut tx, conference).await?;
        let edit = EditId::new();
        sqlx::query!(
            "insert into edit (id, conference_id, account_id, created_at) values ($1, $2, $3, $4)",
            edit.0,
            conference.0,
            account.map(|account| account.0),
            now,
        )
        .execute(&mut *tx)
        .await?;
        Ok(Self { tx, conference, edit, account, now })
    }

    /// Returns the conference.
    pub fn conference(&self) -> ConferenceId {
        self.conference
    }

    /// Commits what was done.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }
}

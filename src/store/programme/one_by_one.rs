//! Finds which of several sessions is the reason why all of them were refused.

use super::{
    editing::Editing,
    items::Item,
    releases,
    saving::{self, SaveError},
    sessions::SessionContent,
    slots,
};

/// A session, and what it is to become.
type Change = (Item<SessionContent>, SessionContent);

/// Returns the positions of the changes that cannot be saved, and perhaps published, and why. Each is tried by itself, again and
/// again until no more succeed, so a change that only needs another one is not among them. Clashes do not count. The changes that
/// succeed are made, so the transaction must not be committed.
pub async fn list_refused(
    editing: &mut Editing<'_>,
    changes: &[Change],
    publishes: bool,
) -> Result<Vec<(usize, SaveError)>, sqlx::Error> {
    slots::defer(editing).await?;
    let mut left: Vec<usize> = (0..changes.len()).collect();
    loop {
        let mut refused = Vec::new();
        for index in &left {
            sqlx::query!("savepoint attempt").execute(&mut ***editing).await?;
            match attempt(editing, &changes[*index], publishes).await {
                Ok(()) => {}
                Err(SaveError::Database(error)) => return Err(error),
                Err(error) => {
                    sqlx::query!("rollback to savepoint attempt").execute(&mut ***editing).await?;
                    refused.push((*index, error));
                }
            }
            sqlx::query!("release savepoint attempt").execute(&mut ***editing).await?;
        }
        if refused.is_empty() || refused.len() == left.len() {
            return Ok(refused);
        }
        left = refused.into_iter().map(|(index, _)| index).collect();
    }
}

async fn attempt(editing: &mut Editing<'_>, change: &Change, publishes: bool) -> Result<(), SaveError> {
    let (item, content) = change;
    if item.head.content != *content {
        saving::save_all(editing, std::slice::from_ref(change)).await?;
    }
    if publishes {
        releases::publish(editing, &[item.id.0], "").await?;
    }
    Ok(())
}

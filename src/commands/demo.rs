//! `conference demo`: adds a conference in which everything is invented, for looking at the site and measuring it, or removes
//! all such conferences.

use tokio_util::sync::CancellationToken;

use super::database::{Failure, with_database};
use crate::{clock::Clock, config::Settings, postgres::IfAbsent, store::demo, urls};

/// Adds a conference with these numbers of sessions and attendees and prints where it is.
pub async fn run(
    settings: &Settings,
    end: &CancellationToken,
    (sessions, attendees): (u16, u32),
) -> Result<(), Failure> {
    let numbers = (usize::from(sessions), usize::try_from(attendees)?);
    let port = settings.listen.first().map_or(0, std::net::SocketAddr::port);
    let public_url = settings.public_url(port);
    with_database(settings, IfAbsent::Refuse, end, async |database| {
        let mut connection = database.pool().acquire().await?;
        let slug = demo::add(&mut connection, numbers, Clock::default().now()).await?;
        println!("{slug} is in the database {}. Everything in it is invented.", database.place());
        println!("{public_url}{}", urls::public::home(slug.as_str()));
        if attendees > 0 {
            println!("{public_url}{}", urls::staff::attendees(slug.as_str()));
        }
        Ok(())
    })
    .await
}

/// Removes all conferences that [`run`] added, and prints which these were.
pub async fn remove(settings: &Settings, end: &CancellationToken) -> Result<(), Failure> {
    with_database(settings, IfAbsent::Refuse, end, async |database| {
        // The role that serves cannot delete what was published.
        let mut connection = database.connect().await?;
        let removed = demo::remove(&mut connection).await?;
        if removed.is_empty() {
            println!("There is no demonstration in the database {}.", database.place());
        }
        for slug in removed {
            println!("{slug} was removed from the database {}.", database.place());
        }
        Ok(())
    })
    .await
}

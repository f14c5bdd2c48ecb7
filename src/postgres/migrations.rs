//! The migrations of this program, and which PostgreSQL they work on.

use sqlx::{PgConnection, migrate::Migrator};

/// The oldest release of PostgreSQL that the migrations work on.
pub const OLDEST_MAJOR: u32 = 15;

/// All of them.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The migrations, tolerant of newer ones: during a deploy an old instance may start on a database that a new one has
/// migrated, which is why migrations only ever expand what the release before them uses.
pub fn migrator() -> Migrator {
    let mut migrator = Migrator::with_migrations(MIGRATIONS.iter().cloned().collect());
    migrator.set_ignore_missing(true);
    migrator
}

/// How many of this program's migrations the database lacks.
pub async fn lacking(connection: &mut PgConnection) -> Result<usize, sqlx::Error> {
    let begun = sqlx::query_scalar::<_, bool>("select to_regclass('_sqlx_migrations') is not null");
    let mut applied = Vec::new();
    if begun.fetch_one(&mut *connection).await? {
        let versions = sqlx::query_scalar::<_, i64>("select version from _sqlx_migrations where success");
        applied = versions.fetch_all(connection).await?;
    }
    Ok(MIGRATIONS.iter().filter(|one| !applied.contains(&one.version)).count())
}

//! What a backup says of the release that made it: the migrations that its database had.

use data_encoding::HEXLOWER;

use super::error::BackupError;
use crate::postgres::migrations::MIGRATIONS;

/// An error unless this program knows every migration in the table's data, which `pg_restore` gives as a `COPY` with its
/// rows, and they are the same as its own.
pub fn check_migrations(script: &str) -> Result<(), BackupError> {
    let no_table = || BackupError::NoBackup("it lacks the table of migrations".to_owned());
    let mut lines = script.lines().skip_while(|line| !line.starts_with("COPY "));
    let head = lines.next().ok_or_else(no_table)?;
    let columns = head.split_once('(').and_then(|(_, rest)| rest.split_once(')')).ok_or_else(no_table)?.0;
    let place = |name: &str| columns.split(", ").position(|column| column == name).ok_or_else(no_table);
    let (version, checksum) = (place("version")?, place("checksum")?);
    let mut any = false;
    for row in lines.take_while(|line| *line != "\\.") {
        let fields: Vec<_> = row.split('\t').collect();
        let known = MIGRATIONS.iter().any(|migration| {
            let hash = HEXLOWER.encode(&migration.checksum);
            fields.get(version) == Some(&migration.version.to_string().as_str())
                && fields.get(checksum).is_some_and(|written| written.trim_start_matches(['\\', 'x']) == hash)
        });
        if !known {
            return Err(BackupError::OtherRelease);
        }
        any = true;
    }
    if any { Ok(()) } else { Err(no_table()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(rows: &[(i64, &str)]) -> String {
        let mut script =
            "SET a = b;\n\nCOPY public._sqlx_migrations (version, description, checksum) FROM stdin;\n".to_owned();
        let rows = rows.iter().map(|(version, checksum)| format!("{version}\tsomething\t\\\\x{checksum}\n"));
        script.extend(rows);
        script + "\\.\n\n--\n"
    }

    #[test]
    fn a_backup_of_this_release_or_an_older_one_can_be_restored_and_no_other() {
        let own: Vec<_> = MIGRATIONS.iter().map(|one| (one.version, HEXLOWER.encode(&one.checksum))).collect();
        let own: Vec<_> = own.iter().map(|(version, checksum)| (*version, checksum.as_str())).collect();
        assert!(check_migrations(&script(&own)).is_ok());
        assert!(check_migrations(&script(&own[..1])).is_ok(), "an older one");
        let newer: Vec<_> = own.iter().copied().chain([(29_991_231_000_000, "00")]).collect();
        assert!(matches!(check_migrations(&script(&newer)), Err(BackupError::OtherRelease)));
        let other = [(own[0].0, own[1].1)];
        assert!(matches!(check_migrations(&script(&other)), Err(BackupError::OtherRelease)));
        for nothing in ["", "COPY public.other (id) FROM stdin;\n1\n\\.\n", &script(&[])] {
            assert!(matches!(check_migrations(nothing), Err(BackupError::NoBackup(_))), "{nothing}");
        }
    }
}

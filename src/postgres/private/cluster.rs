//! The cluster: PostgreSQL's data folder, which we create with our roles, our database and our access rules.

use std::{
    fmt::Write,
    fs::{self, File},
    io,
    path::Path,
    process::Stdio,
};

use tokio::process::{Child, Command};

use super::{super::Error, binaries::Binaries, owned::OwnedFolder, place::Place};

/// The role that owns the database and migrates it.
pub const OWNER: &str = "conference_owner";
/// The role that serves, with only the rights it needs.
pub const SERVING: &str = "conference";
/// The database.
pub const DATABASE: &str = "conference";
/// The cluster's name, which appears in the titles of the server's processes.
pub const CLUSTER_NAME: &str = "conference";

const ROLES_AND_DATABASE: &str = "create role conference_owner login;\n\
                                  create role conference login;\n\
                                  create database conference owner conference_owner;\n\
                                  revoke connect, temporary on database conference from public;\n\
                                  grant connect on database conference to conference;\n";

/// Returns the release of PostgreSQL that wrote the cluster; `None` if the folder is missing or empty. A folder with
/// files in it must name its release.
pub fn written_by(cluster: &Path) -> Result<Option<u32>, Error> {
    if fs::read_dir(cluster).map_or(true, |mut entries| entries.next().is_none()) {
        return Ok(None);
    }
    let version = fs::read_to_string(cluster.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    version.map(Some).ok_or_else(|| Error::Damaged(cluster.display().to_string()))
}

/// Creates the cluster under a temporary name and renames it when it is complete, so that a half-made one is never
/// used. initdb inherits `hold`, the start lock: if the process that runs initdb is killed, no other process creates a
/// cluster while initdb goes on.
pub async fn make(place: &Place, binaries: &Binaries, hold: &File) -> Result<(), Error> {
    let unfinished = place.folder.join("cluster.new");
    let broken = |cause| Error::of_path(&unfinished, &place.user.name, cause);
    let folder = place.open().map_err(broken)?;
    folder.remove_all("cluster.new").map_err(broken)?;
    let mut initdb = place.user.command(&binaries.initdb());
    initdb.arg("-D").arg(&unfinished).args(["--username=postgres", "--encoding=UTF8", "--data-checksums"]);
    initdb.args(["--auth-local=peer", "--auth-host=reject"]);
    match (binaries.major, cfg!(target_os = "macos")) {
        (17.., _) => initdb.args(["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]),
        (_, true) => initdb.arg("--locale=C"),
        (_, false) => initdb.arg("--locale=C.UTF-8"),
    };
    run(place, initdb.stdin(hold.try_clone().map_err(broken)?)).await?;

    let made = folder.folder("cluster.new").map_err(broken)?;
    made.write("conference.sql", ROLES_AND_DATABASE).map_err(broken)?;
    let statements = made.file("conference.sql", File::options().read(true)).map_err(broken)?;
    let mut single = place.user.command(&binaries.postgres());
    single.arg("--single").arg("-D").arg(&unfinished).args(["-c", "exit_on_error=on", "postgres"]);
    run(place, single.stdin(statements)).await?;
    made.remove("conference.sql").map_err(broken)?;

    folder.rename("cluster.new", "cluster").map_err(broken)?;
    folder.sync().map_err(broken)
}

async fn run(place: &Place, command: &mut Command) -> Result<(), Error> {
    let failed = |words: String| place.failure(&words);
    let output = command.kill_on_drop(true).output().await.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(
        [&output.stdout[..], &output.stderr[..]].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat(),
    ))
}

/// Starts the server on the cluster. It listens on its socket only, identifies users by the kernel's `peer` check, and
/// has `fsync` on.
pub fn start(place: &Place, binaries: &Binaries) -> Result<Child, Error> {
    let cluster = place.cluster();
    let broken = |path: &Path, cause| Error::of_path(path, &place.user.name, cause);
    let folder = place.open().map_err(|cause| broken(&place.folder, cause))?;
    prepare(&folder, &place.user.name).map_err(|cause| broken(&cluster, cause))?;
    let log = folder.file("server.log", File::options().create(true).append(true));
    let log = log.map_err(|cause| broken(&place.log(), cause))?;
    let mut server = place.user.command(&binaries.postgres());
    server.arg("-D").arg(&cluster);
    for setting in settings(&place.socket_folder) {
        server.arg("-c").arg(setting);
    }
    server.stdout(Stdio::null()).stderr(log);
    server.spawn().map_err(|cause| Error::Program { program: binaries.postgres().display().to_string(), cause })
}

fn prepare(folder: &OwnedFolder<'_>, user: &str) -> io::Result<()> {
    let cluster = folder.folder("cluster")?;
    cluster.write("pg_hba.conf", &access_rules())?;
    cluster.write("pg_ident.conf", &user_map(user))?;
    // A folder that was copied or restored may have lost the permissions that PostgreSQL requires.
    cluster.restrict_to_owner()
}

/// Returns the settings that our server must have; all others can be set in the cluster's `postgresql.conf`.
fn settings(socket_folder: &Path) -> Vec<String> {
    let quoted = socket_folder.display().to_string().replace('"', "\"\"");
    let mut settings = vec![format!("unix_socket_directories=\"{quoted}\""), format!("cluster_name={CLUSTER_NAME}")];
    settings.extend(
        [
            "listen_addresses=",
            "port=5432",
            "unix_socket_permissions=0700",
            "fsync=on",
            "full_page_writes=on",
            "timezone=UTC",
            "log_timezone=UTC",
            "logging_collector=off",
            // Keep personal data out of the log: no statements and no values.
            "log_min_messages=log",
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
            "log_checkpoints=off",
        ]
        .map(str::to_owned),
    );
    settings
}

fn access_rules() -> String {
    "# Written at each start. The kernel identifies the user at the other end of the socket: no password, no network.\n\
     local all all peer map=conference\n\
     host  all all all  reject\n"
        .to_owned()
}

fn user_map(user: &str) -> String {
    let mut map = "# Written at each start: which user may connect as which role.\n".to_owned();
    for system in [user, "root"] {
        for role in [OWNER, SERVING, "postgres"] {
            let _ = writeln!(map, "conference \"{system}\" {role}");
        }
    }
    map
}

/// Removes the files that a crashed server left behind. No process may work on the cluster.
pub fn clear(place: &Place) -> io::Result<()> {
    if place.cluster().exists() {
        place.open()?.folder("cluster")?.remove("postmaster.pid")?;
    }
    let socket_folder = OwnedFolder::open(&place.socket_folder, &place.user)?;
    socket_folder.remove(".s.PGSQL.5432")?;
    socket_folder.remove(".s.PGSQL.5432.lock")
}

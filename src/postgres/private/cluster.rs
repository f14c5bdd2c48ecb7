//! A cluster: PostgreSQL's data folder, made by us, with our roles, our database and our rules of access.

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
/// What the server's processes are called by.
pub const CLUSTER_NAME: &str = "conference";

const ROLES_AND_DATABASE: &str = "create role conference_owner login;\n\
                                  create role conference login;\n\
                                  create database conference owner conference_owner;\n\
                                  revoke connect, temporary on database conference from public;\n\
                                  grant connect on database conference to conference;\n";

/// The release that wrote the cluster, if there is one. A folder that is there, with anything in it, must say so.
pub fn written_by(cluster: &Path) -> Result<Option<u32>, Error> {
    if fs::read_dir(cluster).map_or(true, |mut entries| entries.next().is_none()) {
        return Ok(None);
    }
    let version = fs::read_to_string(cluster.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    version.map(Some).ok_or_else(|| Error::Damaged(cluster.display().to_string()))
}

/// Makes the cluster beside its place and moves it there when it is whole: a half-made one is made again. `hold` is the
/// start's lock: initdb holds it too, so that nobody begins anew while an initdb whose starter was killed goes on.
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

/// Starts the server on the cluster. It listens on its socket alone, lets in whom the kernel vouches for, and syncs.
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
    // A folder that was copied or restored may have lost the one mode that PostgreSQL takes.
    cluster.close_to_others()
}

/// What our server insists on; everything else can be set in the cluster's `postgresql.conf`.
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
            // The log names no person: statements and their values stay out of it.
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
    "# Written at each start. The kernel says who is at the other end of the socket; no password, no network.\n\
     local all all peer map=house\n\
     host  all all all  reject\n"
        .to_owned()
}

fn user_map(user: &str) -> String {
    let mut map = "# Written at each start: who may take which role.\n".to_owned();
    for system in [user, "root"] {
        for role in [OWNER, SERVING, "postgres"] {
            let _ = writeln!(map, "house \"{system}\" {role}");
        }
    }
    map
}

/// Removes what a crashed server left behind; nobody may be inside.
pub fn clear(place: &Place) -> io::Result<()> {
    if place.cluster().exists() {
        place.open()?.folder("cluster")?.remove("postmaster.pid")?;
    }
    let socket_folder = OwnedFolder::open(&place.socket_folder, &place.user)?;
    socket_folder.remove(".s.PGSQL.5432")?;
    socket_folder.remove(".s.PGSQL.5432.lock")
}

//! Where the data are: commands find them, and they are safe from other users who can write to the folder.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
};

use crate::program::{Folder, Program, User, command, is_root, run};

#[test]
fn a_command_without_the_services_settings_creates_no_second_database() {
    let folder = Folder::for_user(User::Ordinary);
    for arguments in [&["user", "add", "--email", "anna@city.example", "--role", "staff"][..], &["check"]] {
        let ended = run(&folder, User::Ordinary, arguments);
        assert_eq!(ended.success, arguments == ["check"], "before the first start, check succeeds: {}", ended.said);
        assert!(ended.said.contains("there is no database under DATA_DIR"), "{}", ended.said);
        assert!(ended.said.contains(&folder.data().display().to_string()), "{}", ended.said);
        assert!(ended.said.contains("start the server first"), "{}", ended.said);
        assert!(!folder.data().join("postgres").exists(), "nothing was created");
    }
}

#[test]
fn started_by_root_the_program_follows_no_links_of_the_servers_user() {
    if !is_root() {
        return eprintln!("skipped: only root runs PostgreSQL as another user");
    }
    let folder = Folder::for_user(User::Root);
    Program::start(&folder, User::Root).ends_well();
    let precious = folder.path().join("precious");
    let place = folder.data().join("postgres");
    for (name, hard) in [
        ("start.lock", false),
        ("start.lock", true),
        ("use.lock", false),
        ("server.log", false),
        ("server.log", true),
        ("cluster/pg_ident.conf", false),
        ("cluster/pg_hba.conf", true),
        ("cluster/pg_hba.conf.new", false),
        ("cluster", false),
        ("socket", false),
    ] {
        let (path, aside) = (place.join(name), folder.path().join("aside"));
        if name == "cluster" || name == "socket" {
            fs::create_dir(&precious).expect("root can do this");
        } else {
            fs::write(&precious, "root's own").expect("root can do this");
        }
        fs::set_permissions(&precious, fs::Permissions::from_mode(0o600)).expect("root can do this");
        let _ = fs::rename(&path, &aside);
        let link = if hard { fs::hard_link(&precious, &path) } else { symlink(&precious, &path) };
        link.expect("root can do this, as the server's user can in its own folder");
        let mut program = Program::spawn(command(&folder, User::Root, &[]), &folder);
        if name.contains("/pg_") {
            program.waits_for("The conference is open at");
            program.ends_well();
        } else {
            let ended = program.ended();
            assert!(!ended.success && ended.said.contains("cannot be used (it "), "{name}: {}", ended.said);
            assert_eq!(ended.said.trim().lines().count(), 1, "one sentence: {}", ended.said);
        }
        let meta = fs::metadata(&precious).expect("it is still there");
        assert_eq!((meta.uid(), meta.mode() & 0o777), (0, 0o600), "{name}");
        if meta.is_dir() {
            assert_eq!(fs::read_dir(&precious).expect("root can do this").count(), 0, "{name}");
            fs::remove_dir(&precious).expect("root can do this");
        } else {
            assert_eq!(fs::read_to_string(&precious).expect("root can do this"), "root's own", "{name}");
            fs::remove_file(&precious).expect("root can do this");
        }
        let _ = fs::remove_file(&path);
        if aside.exists() {
            fs::rename(&aside, &path).expect("root can do this");
        }
    }
    Program::start(&folder, User::Root).ends_well();
}

#[test]
fn files_that_root_creates_in_another_users_folder_belong_to_that_user() {
    if !is_root() {
        return eprintln!("skipped: only root creates files for other users");
    }
    let folder = Folder::for_user(User::Ordinary);
    Program::start(&folder, User::Ordinary).ends_well();
    assert!(run(&folder, User::Root, &["check"]).success);
    let meta = fs::metadata(folder.data().join("mail")).expect("check creates it");
    assert_eq!(meta.uid(), fs::metadata(folder.data()).expect("it is there").uid());
    let good = run(&folder, User::Ordinary, &["check"]);
    assert!(good.success, "{}", good.said);
}

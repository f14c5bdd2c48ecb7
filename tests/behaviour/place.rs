//! Where the data are: found again by commands, and safe from those who share the folder.
#![allow(clippy::disallowed_methods, reason = "these tests watch processes from outside, without a runtime")]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
};

use crate::program::{Folder, Program, User, command, is_root, run};

#[test]
fn a_command_without_the_services_settings_makes_no_second_database() {
    let folder = Folder::for_user(User::Ordinary);
    for arguments in [&["user", "add", "--email", "anna@city.example", "--role", "staff"][..], &["check"]] {
        let ended = run(&folder, User::Ordinary, arguments);
        assert_eq!(ended.success, arguments == ["check"], "before a first start nothing is wrong: {}", ended.said);
        assert!(ended.said.contains("there is no database under DATA_DIR"), "{}", ended.said);
        assert!(ended.said.contains(&folder.data().display().to_string()), "{}", ended.said);
        assert!(ended.said.contains("start the program first"), "{}", ended.said);
        assert!(!folder.data().join("postgres").exists(), "nothing was begun");
    }
}

#[test]
fn started_by_root_it_touches_nothing_through_links_of_the_servers_user() {
    if !is_root() {
        return eprintln!("skipped: only root runs PostgreSQL as somebody else");
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
            fs::create_dir(&precious).expect("root may");
        } else {
            fs::write(&precious, "root's own").expect("root may");
        }
        fs::set_permissions(&precious, fs::Permissions::from_mode(0o600)).expect("root may");
        let _ = fs::rename(&path, &aside);
        let link = if hard { fs::hard_link(&precious, &path) } else { symlink(&precious, &path) };
        link.expect("root may, and the server's user for its own folder");
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
            assert_eq!(fs::read_dir(&precious).expect("root may").count(), 0, "{name}");
            fs::remove_dir(&precious).expect("root may");
        } else {
            assert_eq!(fs::read_to_string(&precious).expect("root may"), "root's own", "{name}");
            fs::remove_file(&precious).expect("root may");
        }
        let _ = fs::remove_file(&path);
        if aside.exists() {
            fs::rename(&aside, &path).expect("root may");
        }
    }
    Program::start(&folder, User::Root).ends_well();
}

#[test]
fn what_root_makes_in_somebody_elses_folder_they_can_go_on_with() {
    if !is_root() {
        return eprintln!("skipped: only root makes folders for others");
    }
    let folder = Folder::for_user(User::Ordinary);
    Program::start(&folder, User::Ordinary).ends_well();
    assert!(run(&folder, User::Root, &["check"]).success);
    let meta = fs::metadata(folder.data().join("mail")).expect("check has made it");
    assert_eq!(meta.uid(), fs::metadata(folder.data()).expect("it is there").uid());
    let good = run(&folder, User::Ordinary, &["check"]);
    assert!(good.success, "{}", good.said);
}

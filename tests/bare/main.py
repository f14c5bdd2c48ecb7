"""Tests the first start on a bare Debian. Started by tests/bare/run."""

import fcntl
import glob
import os
import shutil
import subprocess
import sys
import traceback

from machine import BARE, PASSWORD, Machine, Session, run

AS_ROOT = "apt-get update && env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends postgresql"
WITH_SUDO = AS_ROOT.replace("apt-get update", "sudo apt-get update").replace("env DEBIAN", "sudo env DEBIAN")
QUESTION = "Run it now? [Y/n] "
CHECKOUT, CARGO = os.path.join(BARE, "checkout"), os.path.join(BARE, "cargo")
PATIENCE_WITH_BUILD = 1800
ASKS_FOR_PASSWORD = "[sudo] password for anna:"


def root_on_a_terminal_answers_with_enter(machine):
    start = machine.start("root").waits_for(f"    {AS_ROOT}\n").waits_for(QUESTION)
    assert not os.path.exists(machine.path("/root/data")), "something was begun before the answer"
    start.types("\n").serves()
    assert start.said.count(QUESTION) == 1
    place = start.said.split("Data:")[1].split()[0]
    assert machine.holds(place) == "postgres", machine.holds(place)
    again = machine.start("root")
    again.serves()
    assert QUESTION not in again.said


def anna_on_a_terminal_answers_yes_and_gives_her_password(machine):
    start = machine.start("anna").waits_for(f"    {WITH_SUDO}\n").waits_for(QUESTION).types("y\n")
    start.waits_for(ASKS_FOR_PASSWORD).types(f"{PASSWORD}\n").serves()
    assert start.said.count(QUESTION) == 1 and start.said.count(ASKS_FOR_PASSWORD) == 1
    assert machine.holds("/home/anna/data/postgres/cluster") == "anna"
    again = machine.start("anna", terminal=False)
    again.serves()


def root_with_the_option_is_not_asked(machine):
    start = machine.start("root", "--install", terminal=False)
    start.serves()
    assert AS_ROOT in start.said and QUESTION not in start.said


def anna_with_the_option_is_asked_for_her_password_only(machine):
    start = machine.start("anna", "--install").waits_for(WITH_SUDO).waits_for(ASKS_FOR_PASSWORD).types(f"{PASSWORD}\n")
    start.serves()
    assert QUESTION not in start.said


def anna_without_a_password_needs_no_terminal(machine):
    machine.write("/etc/sudoers.d/anna", "anna ALL=(ALL) NOPASSWD: ALL\n")
    machine.start("anna", "--install", terminal=False).serves()


def elsewhere_both_are_said(machine):
    for user, line in (("root", AS_ROOT), ("anna", WITH_SUDO)):
        words = (f"`{line}`", "`conference --install`", "`cargo run -- --install`")
        machine.start(user, terminal=False).fails_with(*words)


def a_refusal(machine):
    for user, line in (("root", AS_ROOT), ("anna", WITH_SUDO)):
        refused = machine.start(user).waits_for(QUESTION).types("n\n")
        refused.fails_with("because you answered no", f"run `{line}` yourself")
    ended = machine.start("anna").waits_for(QUESTION).types("\x03")
    assert ended.ends() == 0, ended.said
    assert not glob.glob(machine.path("/usr/lib/postgresql/*"))


def no_network(machine):
    for lists in (True, False):
        if not lists:
            shutil.rmtree(machine.path("/var/lib/apt/lists"))
        start = machine.start("root", network=False).waits_for(QUESTION).types("\n")
        start.fails_with("could not be downloaded", "connect this machine to the network")
        start = machine.start("anna", network=False).waits_for(QUESTION).types("\n")
        start.waits_for(ASKS_FOR_PASSWORD).types(f"{PASSWORD}\n")
        start.fails_with("could not be downloaded", "connect this machine to the network")
    machine.start("root", "--install", terminal=False, network=False).fails_with("could not be downloaded")


def no_package_manager(machine):
    machine.remove("/usr/bin/apt-get")
    for user in ("root", "anna"):
        for terminal in (True, False):
            start = machine.start(user, terminal=terminal)
            start.fails_with("no package manager that could install it was found", "DATABASE_URL")


def no_sudo(machine):
    machine.remove("/usr/bin/sudo")
    machine.start("anna").fails_with(f"run `{AS_ROOT}` as root")


def a_failed_installation(machine):
    # Another installation is running.
    with open(machine.path("/var/lib/dpkg/lock-frontend"), "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        start = machine.start("root").waits_for(QUESTION).types("\n")
        start.fails_with("postgresql` failed (E: ", "put that right, then start again")
    # The password is wrong, or nobody can type one.
    start = machine.start("anna").waits_for(QUESTION).types("\n")
    for times in (1, 2, 3):
        while start.said.count(ASKS_FOR_PASSWORD) < times:
            assert start.reads(), start.said
        start.types("wrong\n")
    start.fails_with("`sudo apt-get update` failed (sudo: ")
    machine.start("anna", "--install", terminal=False).fails_with("`sudo apt-get update` failed (sudo: ")
    assert not glob.glob(machine.path("/usr/lib/postgresql/*"))


CASES = [
    root_on_a_terminal_answers_with_enter,
    anna_on_a_terminal_answers_yes_and_gives_her_password,
    root_with_the_option_is_not_asked,
    anna_with_the_option_is_asked_for_her_password_only,
    anna_without_a_password_needs_no_terminal,
    elsewhere_both_are_said,
    a_refusal,
    no_network,
    no_package_manager,
    no_sudo,
    a_failed_installation,
]


def with_cargo(machine, user, *arguments, terminal=True):
    """Starts `cargo run` in a fresh checkout. Later runs use what the first one has built."""
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    machine.chroot(*quietly, "update")
    machine.chroot(*quietly, "install", "--yes", "--no-install-recommends", "gcc", "libc6-dev")
    shutil.rmtree(os.path.join(CHECKOUT, "data"), ignore_errors=True)
    run("chmod", "--recursive", "a+rwX", CHECKOUT, CARGO)
    folders = "/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/bin"
    command = ["sh", "-c", 'umask 0; cd /srv/conference && exec cargo run "$@"', "sh", *arguments]
    return Session(machine.argv(user, command, {"CARGO_HOME": "/srv/cargo", "PATH": folders}), terminal)


def cargo_run_as_anna(machine):
    start = with_cargo(machine, "anna").waits_for(QUESTION, PATIENCE_WITH_BUILD).types("\n")
    start.waits_for(ASKS_FOR_PASSWORD).types(f"{PASSWORD}\n").serves()


def cargo_run_as_root(machine):
    with_cargo(machine, "root").waits_for(QUESTION, PATIENCE_WITH_BUILD).types("\n").serves()


def cargo_run_with_the_option(machine):
    start = with_cargo(machine, "root", "--", "--install", terminal=False)
    start.waits_for(AS_ROOT, PATIENCE_WITH_BUILD).serves()
    assert QUESTION not in start.said


CASES_WITH_CARGO = [cargo_run_as_anna, cargo_run_as_root, cargo_run_with_the_option]


def prepare_cargo():
    """Copies the repository and cargo's downloads, and returns the folders to mount, including this machine's Rust."""
    clear_cargo()
    for folder in (CHECKOUT, CARGO):
        os.makedirs(folder)
    files = subprocess.run(["git", "ls-files", "-z"], check=True, stdout=subprocess.PIPE).stdout
    run("xargs", "-0", "cp", "--parents", "--target-directory", CHECKOUT, input=files.decode())
    fetched = os.path.join(os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo")), "registry")
    for part in ("index", "cache"):
        if os.path.isdir(os.path.join(fetched, part)):
            shutil.copytree(os.path.join(fetched, part), os.path.join(CARGO, "registry", part))
    rust = subprocess.run(["rustc", "--print", "sysroot"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return [(CHECKOUT, "/srv/conference"), (CARGO, "/srv/cargo"), (rust, "/opt/rust")]


def clear_cargo():
    for folder in (CHECKOUT, CARGO):
        shutil.rmtree(folder, ignore_errors=True)


def main():
    program, *wanted = sys.argv[1:]
    cases, shared = CASES, []
    if "--cargo" in wanted:
        wanted.remove("--cargo")
        shared = prepare_cargo()
        cases = [*CASES, *CASES_WITH_CARGO]
    if wanted:
        cases = [case for case in cases if any(word in case.__name__ for word in wanted)]
    failed = 0
    for case in cases:
        name = case.__name__.replace("_", " ")
        try:
            with Machine(program, shared) as machine:
                case(machine)
            print(f"ok    {name}", flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError):
            failed += 1
            print(f"WRONG {name}\n{traceback.format_exc()}", flush=True)
    clear_cargo()
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

"""A bare Debian whose changes are discarded, and programs that run on it with or without a terminal."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import urllib.request

BARE = os.path.abspath("target/bare")
PASSWORD = "tram-42-leipzig"
# An installation downloads about 60 MB.
PATIENCE = 300


class Machine:
    """A fresh copy of the bare Debian with an ordinary user, `anna`, who may use sudo with her password."""

    def __init__(self, program, shared=()):
        self.root = os.path.join(BARE, "machine")
        self.shared = shared
        self.program = program

    def __enter__(self):
        layers = os.path.join(BARE, "layers")
        for folder in (self.root, layers):
            os.makedirs(folder, exist_ok=True)
        run("mount", "-t", "tmpfs", "none", layers)
        upper, work = os.path.join(layers, "upper"), os.path.join(layers, "work")
        os.mkdir(upper)
        os.mkdir(work)
        options = f"lowerdir={BARE}/debian,upperdir={upper},workdir={work}"
        run("mount", "-t", "overlay", "-o", options, "none", self.root)
        run("mount", "-t", "proc", "none", self.path("/proc"))
        run("mount", "--rbind", "/dev", self.path("/dev"))
        run("mount", "--make-rslave", self.path("/dev"))
        for source, target in self.shared:
            os.makedirs(self.path(target))
            run("mount", "--bind", source, self.path(target))
        self.reach_packages()
        shutil.copy(self.program, self.path("/usr/local/bin/conference"))
        self.chroot("useradd", "--create-home", "--shell", "/bin/bash", "--groups", "sudo", "anna")
        run("chroot", self.root, "chpasswd", input=f"anna:{PASSWORD}\n")
        return self

    def __exit__(self, *_):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/root") == self.root:
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.5)
        run("umount", "--recursive", "--lazy", self.root)
        run("umount", "--lazy", os.path.join(BARE, "layers"))

    def reach_packages(self):
        """Copies this machine's configuration of package sources: host names, proxies, certificates."""
        shutil.copy("/etc/resolv.conf", self.path("/etc/resolv.conf"))
        settings = subprocess.run(["apt-config", "dump"], check=True, stdout=subprocess.PIPE, text=True).stdout
        wanted = r"Acquire::(https?::|Check-|Retries|ForceIPv)"
        kept = [line for line in settings.splitlines() if re.match(wanted, line)]
        self.write("/etc/apt/apt.conf.d/90this-machine", "\n".join(kept) + "\n")
        bundle = "/etc/ssl/certs/ca-certificates.crt"
        if os.path.exists(bundle):
            shutil.copy(bundle, self.path(bundle))

    def path(self, path):
        return self.root + path

    def write(self, path, text):
        with open(self.path(path), "w") as file:
            file.write(text)

    def remove(self, path):
        os.unlink(self.path(path))

    def chroot(self, *command):
        run(*self.argv("root", command, {}), stdout=subprocess.DEVNULL)

    def argv(self, user, command, settings, network=True):
        home = "/root" if user == "root" else f"/home/{user}"
        folders = "/usr/local/bin:/usr/bin:/bin"
        if user == "root":
            folders = f"/usr/local/sbin:{folders}:/usr/sbin:/sbin"
        known = {"HOME": home, "USER": user, "PATH": folders, "TERM": "xterm", "LISTEN": "127.0.0.1:0", **settings}
        enter = ["chroot", f"--userspec={user}", self.root, "env", "--ignore-environment", f"--chdir={home}"]
        enter += [f"{name}={value}" for name, value in known.items()]
        if not network:
            enter = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *enter]
        return [*enter, *command]

    def start(self, user, *arguments, terminal=True, network=True):
        """Starts the program as this user."""
        return Session(self.argv(user, ["conference", *arguments], {}, network), terminal)

    def holds(self, data):
        """Returns the owner of this folder."""
        uid = os.stat(self.path(data)).st_uid
        with open(self.path("/etc/passwd")) as users:
            return next(line.split(":")[0] for line in users if line.split(":")[2] == str(uid))


class Session:
    """A running process, with or without its own terminal."""

    def __init__(self, argv, terminal=True):
        self.said = ""
        if terminal:
            self.pid, self.output = pty.fork()
            if self.pid == 0:
                os.execvp(argv[0], argv)
        else:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.pid, self.output, self.process = process.pid, process.stdout.fileno(), process

    def waits_for(self, words, patience=PATIENCE):
        end = time.monotonic() + patience
        while words not in self.said:
            assert time.monotonic() < end, f"it does not say {words!r} but:\n{self.said}"
            assert self.reads(), f"it ended without {words!r} and said:\n{self.said}"
        return self

    def reads(self):
        """Reads the next output. Returns false at its end."""
        if not select.select([self.output], [], [], 1)[0]:
            return True
        try:
            some = os.read(self.output, 65536)
        except OSError:
            return False
        self.said += some.decode(errors="replace").replace("\r\n", "\n")
        return bool(some)

    def types(self, text):
        os.write(self.output, text.encode())
        return self

    def ends(self, patience=PATIENCE):
        """Waits for the end of the process and returns its status."""
        end = time.monotonic() + patience
        while self.reads():
            assert time.monotonic() < end, f"it does not end and said:\n{self.said}"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def fails_with(self, *words):
        """Checks that the process fails with one sentence that contains these words."""
        status = self.ends()
        last = self.said.strip().splitlines()[-1]
        assert status != 0, f"it did not fail:\n{self.said}"
        assert self.said.count("conference: ") == 1, f"not one sentence:\n{self.said}"
        for part in ("conference: ", *words):
            assert part in last, f"no {part!r} at the end of:\n{self.said}"
        print(f"      {last}", flush=True)

    def serves(self):
        """Checks that the program prints its address and serves there, and that Ctrl-C or SIGTERM ends it cleanly."""
        self.waits_for("The conference is open at").waits_for("First administrator")
        address = re.search(r"open at (\S+)", self.said)[1]
        with urllib.request.urlopen(f"{address}/health/ready") as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"{address}/leipzig-2018") as answer:
            assert b"Leipzig" in answer.read()
        if hasattr(self, "process"):
            os.kill(self.pid, signal.SIGTERM)
        else:
            self.types("\x03")
        assert self.ends(30) == 0, self.said


def run(*command, **options):
    subprocess.run(command, check=True, text=True, **options)

"""What the measurements run: a PostgreSQL with fsync on, our program, and small helpers."""

import glob
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path, headers=None):
    """One request: its status, its headers, its body as it came over the wire."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Accept": "text/html", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def spread(values, digits=0):
    return f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"


def pss(pid):
    """The memory of a process in MiB, shared pages counted by share."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        kilobytes = next(line.split()[1] for line in rollup if line.startswith("Pss:"))
    return int(kilobytes) / 1024


def end(process, timeout=15):
    """Asks a process of ours to end, and sees to it that it does."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start_nginx(folder, config):
    """nginx as a process of ours; the folder holds its configuration and its log."""
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(config)
    command = ["nginx", "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process


class Cluster:
    """A throw-away PostgreSQL that keeps what it commits: fsync is on."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "postgres")
        self.log = os.path.join(self.folder, "log")
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        self.bin = found[-1] if found else os.path.dirname(shutil.which("initdb") or "")
        self.user = None
        if os.geteuid() == 0:
            self.user = next(user for user in ("postgres", "nobody") if user in {entry.pw_name for entry in pwd.getpwall()})

    def __enter__(self):
        os.mkdir(self.folder)
        if self.user:
            shutil.chown(self.folder, self.user)
        self.own("initdb", "-D", "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres")
        # The log as JSON gives the statements of a registration, each with its values.
        settings = {
            "listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "max_connections": "100",
            "logging_collector": "on", "log_destination": "jsonlog", "log_directory": self.log, "log_filename": "server",
            "log_file_mode": "0644", "log_parameter_max_length": "-1",
        }
        options = f"-k {self.folder} " + " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
        self.own("pg_ctl", "start", "-D", "data", "-s", "-w", "-l", "start.log", "-o", options)
        return self

    def __exit__(self, *_):
        self.own("pg_ctl", "stop", "-D", "data", "-s", "-w", "-m", "immediate")

    def own(self, program, *arguments):
        """One of PostgreSQL's programs, as the user who owns the server."""
        with open(os.path.join(os.path.dirname(self.folder), f"{program}.out"), "w+") as out:
            done = subprocess.run([f"{self.bin}/{program}", *arguments], cwd=self.folder, user=self.user, group=self.user,
                                  extra_groups=[] if self.user else None, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            if done.returncode:
                out.seek(0)
                raise SystemExit(f"{program} failed: {out.read()}")

    def client(self, program, *arguments, database):
        """A client of PostgreSQL's; its output."""
        command = [f"{self.bin}/{program}", "-h", self.folder, "-U", "postgres", *arguments, database]
        # As on our own connections: nothing is compiled, and each statement is planned once and goes by an index.
        settings = {**os.environ, "PGOPTIONS": "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"}
        done = subprocess.run(command, env=settings, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr[-2000:]}")
        return done.stdout

    def ask(self, database, sql):
        """The answer to a statement, as text."""
        return self.client("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, database=database).strip()

    def migrate(self, program, database):
        """A database as the program makes it at its first start."""
        self.ask("postgres", f"create database {database}")
        with Program(program, self.url(database), os.path.dirname(self.folder)):
            pass

    def copy(self, base, name):
        """A fresh copy of a database, and no other copy beside it."""
        self.ask("postgres", f"drop database if exists {name}")
        self.ask("postgres", f"create database {name} template {base}")
        self.ask(name, "vacuum analyze")
        self.ask("postgres", "checkpoint")

    def url(self, database):
        return f"postgres://postgres@localhost/{database}?host={self.folder}"


class Program:
    """Our server on a database; it answers when the block begins, and `started` says how many seconds that took."""

    def __init__(self, program, url, folder, **settings):
        self.program, self.folder = program, folder
        self.port = free_port()
        self.settings = {
            "PATH": os.environ["PATH"], "LISTEN": f"127.0.0.1:{self.port}", "DATA_DIR": os.path.join(folder, "data"),
            "TRUSTED_PROXIES": "127.0.0.1", **({"DATABASE_URL": url} if url else {}), **settings,
        }

    def __enter__(self):
        with open(os.path.join(self.folder, "program.log"), "w") as log:
            begun = time.perf_counter()
            self.process = subprocess.Popen([self.program], env=self.settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while True:
            try:
                status, _, _ = get(self.port, "/")
                if status == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.perf_counter() - begun > 60:
                end(self.process)
                with open(os.path.join(self.folder, "program.log")) as log:
                    raise SystemExit(f"the program did not start: {log.read()[-2000:]}")
            time.sleep(0.001)
        self.started = time.perf_counter() - begun
        return self

    def __exit__(self, *_):
        end(self.process)

    @property
    def memory(self):
        return pss(self.process.pid)

"""What the measurements share: a PostgreSQL server with fsync on, our program, and small helpers."""

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
    """Sends a GET request and returns the status, the headers and the body, still compressed if it is."""
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
    """Returns the memory of a process in MiB: its proportional set size, which counts a page that n processes share as 1/n."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        kilobytes = next(line.split()[1] for line in rollup if line.startswith("Pss:"))
    return int(kilobytes) / 1024


def stop(process, timeout=15):
    """Asks a process to stop (SIGTERM) and kills it if it does not stop in time."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start_nginx(folder, config):
    """Starts nginx in the foreground, with its configuration and its log in the folder."""
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(config)
    command = ["nginx", "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process


class Cluster:
    """A temporary PostgreSQL server with fsync on, as in production."""

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
        self.run_as_owner("initdb", "-D", "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres")
        # The JSON log holds the statements of a registration with their values.
        settings = {
            "listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "max_connections": "100",
            "logging_collector": "on", "log_destination": "jsonlog", "log_directory": self.log, "log_filename": "server",
            "log_file_mode": "0644", "log_parameter_max_length": "-1",
        }
        options = f"-k {self.folder} " + " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
        self.run_as_owner("pg_ctl", "start", "-D", "data", "-s", "-w", "-l", "start.log", "-o", options)
        return self

    def __exit__(self, *_):
        self.run_as_owner("pg_ctl", "stop", "-D", "data", "-s", "-w", "-m", "immediate")

    def run_as_owner(self, program, *arguments):
        """Runs one of PostgreSQL's programs as the user who owns the server."""
        with open(os.path.join(os.path.dirname(self.folder), f"{program}.out"), "w+") as out:
            done = subprocess.run([f"{self.bin}/{program}", *arguments], cwd=self.folder, user=self.user, group=self.user,
                                  extra_groups=[] if self.user else None, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            if done.returncode:
                out.seek(0)
                raise SystemExit(f"{program} failed: {out.read()}")

    def client(self, program, *arguments, database):
        """Runs one of PostgreSQL's client programs and returns its output."""
        command = [f"{self.bin}/{program}", "-h", self.folder, "-U", "postgres", *arguments, database]
        # The same settings as on the program's own connections: no JIT compilation, generic plans, no sequential scans.
        settings = {**os.environ, "PGOPTIONS": "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"}
        done = subprocess.run(command, env=settings, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr[-2000:]}")
        return done.stdout

    def query(self, database, sql):
        """Runs a statement and returns its result as text."""
        return self.client("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, database=database).strip()

    def migrate(self, program, database):
        """Creates a database and starts the program on it once, which migrates and fills it."""
        self.query("postgres", f"create database {database}")
        with Program(program, self.url(database), os.path.dirname(self.folder)):
            pass

    def demonstrate(self, program, database, sessions, attendees=0):
        """Adds a demonstration with these numbers of sessions and attendees to a database and returns its slug."""
        settings = {"PATH": os.environ["PATH"], "DATABASE_URL": self.url(database)}
        command = [program, "demo", "--sessions", str(sessions), *(["--attendees", str(attendees)] if attendees else [])]
        begun = time.perf_counter()
        out = subprocess.run(command, env=settings, cwd=self.folder, capture_output=True, text=True, check=True).stdout
        size = f"{sessions} sessions" + (f" and {attendees:,} attendees" if attendees else "")
        print(f"  a demonstration with {size} was added in {time.perf_counter() - begun:.1f} s", flush=True)
        self.query(database, "vacuum analyze")
        return out.split()[0]

    def copy(self, base, name):
        """Copies a database, replacing an earlier copy of the same name."""
        self.query("postgres", f"drop database if exists {name}")
        self.query("postgres", f"create database {name} template {base}")
        self.query(name, "vacuum analyze")
        self.query("postgres", "checkpoint")

    def url(self, database):
        return f"postgres://postgres@localhost/{database}?host={self.folder}"


class Program:
    """Our program as a context manager. It answers requests when the block begins; `started` is how many seconds that took."""

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
                stop(self.process)
                with open(os.path.join(self.folder, "program.log")) as log:
                    raise SystemExit(f"the program did not start: {log.read()[-2000:]}")
            time.sleep(0.001)
        self.started = time.perf_counter() - begun
        return self

    def __exit__(self, *_):
        stop(self.process)

    @property
    def memory(self):
        return pss(self.process.pid)

"""Compares registrations with pgbench, which commits the same statements on the same server, in turn and on fresh copies of
one database. Then measures how long a registration takes at half of the maximum rate, again both in turn."""

import asyncio
import gc
import glob
import os
import random
import re
import statistics
import subprocess
import time
from urllib.parse import urlencode

import statements
from parts import Program, get, spread

CLIENTS = 8
FLOOR = 0.70
# The first seconds, which are left out of the measured times: each connection to the database, on either side, begins
# with empty caches. Our connections are all open by then, because a short burst of registrations comes first.
WARM_UP = 2
HERE = os.path.dirname(os.path.abspath(__file__))


class Form:
    """The registration form of a running server, filled in for one attendee, with placeholders for what differs each time."""

    def __init__(self, port, path=None, category=None):
        _, _, sitemap = get(port, "/sitemap.xml")
        self.path = path or re.search(r"<loc>https?://[^/]+(/[^/<]+)</loc>", sitemap.decode())[1] + "/register"
        status, _, page = get(port, self.path)
        assert status == 200, status
        page = page.decode()
        for pattern in (r'name="attendee-1-category"[^>]*value="([0-9a-f-]{36})"',
                        r'<select[^>]*name="attendee-1-category".*?value="([0-9a-f-]{36})"'):
            match = re.search(pattern, page, re.DOTALL)
            category = category or (match and match[1])
        fields = {
            "privacy": re.search(r'name="privacy" value="([^"]+)"', page)[1], "name": "Anna Müller",
            "organisation": "City of Graz", "country": "AT", "city": "Graz", "attends": "me",
            "attendee-1-category": category, "submission": "@SUBMISSION@", "email": "anna@NUMBER@@city.example",
        }
        assert 'name="submission"' in page
        # What the form says it has shown, at a conference with fees and questions.
        for field in ("waiting", "asked", "fees"):
            if shown := re.findall(rf'<input type="hidden" name="{field}" value="([^"]+)">', page):
                fields[field] = shown
        self.body = urlencode(fields, doseq=True).replace("%40SUBMISSION%40", "@SUBMISSION@").replace("%40NUMBER%40", "@NUMBER@")

    def body_of(self, number):
        """Returns the body of one registration."""
        submission = f"{number:08x}-0000-7000-8000-{number:012x}"
        return self.body.replace("@SUBMISSION@", submission).replace("@NUMBER@", str(number))

    def request(self, number):
        """Returns the complete request, each from a different network."""
        body = self.body_of(number).encode()
        network = f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        head = (f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nX-Forwarded-For: {network}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n")
        return head.encode() + body


def measure(table, program, cluster, wanted, rounds, seconds):
    folder = os.path.dirname(cluster.folder)
    script = capture(program, cluster, folder)
    ours, theirs, peak = [], [], 0
    for round_number in range(rounds):
        cluster.copy("base", "round")
        with Program(program, cluster.url("round"), folder) as server:
            rate, memory = by_wrk(server, cluster, round_number, seconds)
        ours.append(rate)
        peak = max(peak, memory)
        cluster.copy("base", "round")
        theirs.append(by_pgbench(cluster, script, seconds))
    if "registrations" in wanted:
        table.ratio("registrations, saved with their mails", ours, theirs, FLOOR)
        half = statistics.median(ours) / 2
        ours, theirs = [], []
        for _ in range(rounds):
            cluster.copy("base", "round")
            with Program(program, cluster.url("round"), folder) as server:
                run_wrk(server, Form(server.port), 1, 1)
                ours.append(p99(asyncio.run(at_rate(server, half, WARM_UP + seconds))))
            theirs.append(p99(pgbench_at_rate(cluster, script, half, WARM_UP + seconds)))
        what = f"a registration at {half:,.0f}/s, half of that: p99"
        table.limit(what, ours, 30, "ms", f"{statistics.median(theirs):,.1f} ms ({spread(theirs, 1)})")
    if "memory" in wanted:
        table.limit("memory, under full load of registrations", [peak], 40, "MiB")


def p99(taken):
    """Returns the 99th percentile in ms, from pairs (seconds since the beginning, seconds taken)."""
    return statistics.quantiles([took for due, took in taken if due >= WARM_UP], n=100)[98] * 1000


def capture(program, cluster, folder):
    """Writes the script for pgbench from two registrations of the same form and returns its path."""
    cluster.copy("base", "captured")
    with Program(program, cluster.url("captured"), folder) as server:
        form = Form(server.port)
        # Logging applies to new connections only, so the pool's connections are closed.
        cluster.query("captured", "alter database captured set log_statement = 'all'")
        cluster.query("captured", "select pg_terminate_backend(pid) from pg_stat_activity"
                                " where datname = 'captured' and pid <> pg_backend_pid()")
        taken = []
        for number in range(4):
            time.sleep(2.5)
            offset = os.path.getsize(f"{cluster.log}/server.json")
            asyncio.run(at_rate(server, 1000, 0.001, 1_000_000_001 + number, form))
            entries = statements.logged(f"{cluster.log}/server.json", offset)
            taken.append(statements.of_one_registration(entries))

    def types(statement):
        """Returns the types of a statement's parameters, as PostgreSQL infers them."""
        sql = f"prepare asked as {statement}; select unnest(parameter_types) from pg_prepared_statements"
        return cluster.query("captured", sql).splitlines()

    text, generated = statements.script(taken[-2], taken[-1], types)
    path = os.path.join(folder, "registration.sql")
    with open(path, "w") as file:
        file.write(text)
    before = row_counts(cluster, "captured")
    cluster.client("pgbench", "-n", "-M", "prepared", "-t", "2", "-D", "n=0", "-f", path, database="captured")
    if row_counts(cluster, "captured") != tuple(count + 2 * each for count, each in zip(before, (1, 1, 2))):
        raise SystemExit("the script for pgbench does not add the same rows as a registration")
    print(f"  a registration is {len(taken[-1])} statements, {generated} values are generated each time; pgbench does the same")
    return path


def row_counts(cluster, database):
    """Counts the registrations, attendees and mails."""
    counts = ", ".join(f"(select count(*) from {table})" for table in ("registration", "attendee", "message"))
    return tuple(map(int, cluster.query(database, f"select {counts}").split("|")))


def by_wrk(server, cluster, seed, seconds):
    """Returns the registrations per second, checked against the rows in the database, and the peak memory."""
    form = Form(server.port)
    run_wrk(server, form, 2 * seed + 1, 1)
    before, peak = row_counts(cluster, "round"), 0
    with run_wrk(server, form, 2 * seed + 2, seconds, wait=False) as wrk:
        while wrk.poll() is None:
            peak = max(peak, server.memory)
            time.sleep(0.2)
        out = wrk.stdout.read()
    # Requests that were under way when a run ended are saved but not counted as answered, up to one for each connection
    # and run.
    took = float(re.search(r"requests in ([\d.]+)s", out)[1])
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    grown = tuple(now - then for now, then in zip(row_counts(cluster, "round"), before))
    answered = int(re.search(r"(\d+) requests in", out)[1])
    assert grown[0] == grown[1] and grown[2] == 2 * grown[0] and answered <= grown[0] <= answered + 2 * CLIENTS, (answered, grown)
    return answered / took, peak


def run_wrk(server, form, seed, seconds, wait=True):
    command = ["wrk", "-t", "1", "-c", str(CLIENTS), "-d", f"{max(1, round(seconds))}s", "-s", f"{HERE}/register.lua"]
    environment = {**os.environ, "FORM": form.body, "FORM_PATH": form.path, "SEED": str(seed)}
    process = subprocess.Popen([*command, f"http://127.0.0.1:{server.port}"], env=environment, text=True, stdout=subprocess.PIPE)
    if wait:
        process.communicate()
    return process


def by_pgbench(cluster, script, seconds):
    """Returns the transactions per second of pgbench with as many clients and the same statements, prepared."""
    out = cluster.client("pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds))),
                         "-D", "n=0", "-f", script, database="round")
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def pgbench_at_rate(cluster, script, rate, seconds):
    """Runs the same statements with pgbench at this rate and returns the same pairs as `at_rate`: the time that the database
    and the machine take without the program."""
    cluster.copy("base", "round")
    logs = os.path.join(os.path.dirname(cluster.folder), "at-rate")
    cluster.client("pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(round(seconds)), "-R", f"{rate:.0f}",
                   "-D", "n=0", "-f", script, "-l", f"--log-prefix={logs}", database="round")
    taken = []
    for path in glob.glob(f"{logs}.*"):
        with open(path) as log:
            # The fields: client, transaction, time in µs including the delay of its start, script, second and
            # microsecond of its end.
            for _, _, took, _, second, micro, *_ in map(str.split, log):
                taken.append((int(second) + (int(micro) - int(took)) / 1e6, int(took) / 1e6))
        os.remove(path)
    begun = min(due for due, _ in taken)
    return [(due - begun, took) for due, took in taken]


async def at_rate(server, rate, seconds, first=1, form=None):
    """Sends registrations at random times at this average rate (a Poisson process, as in pgbench), without waiting for
    earlier responses. Returns pairs: when each was due, from the beginning, and how long it took from then to its response,
    both in seconds."""
    form = form or Form(server.port)
    count = max(1, round(rate * seconds))
    requests = [form.request(first + number) for number in range(count)]
    # At a low rate, all connections are used in turn, because the server closes one that is idle for long.
    idle, taken = asyncio.Queue() if rate < 100 else asyncio.LifoQueue(), []
    for _ in range(min(CLIENTS * 2, count)):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", server.port))

    async def one(request, due):
        reader, writer = await idle.get()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 303"):
            raise SystemExit(f"a registration was answered with {head.decode()}")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length:
            await reader.readexactly(int(length[1]))
        taken.append((due - begun, time.perf_counter() - due))
        idle.put_nowait((reader, writer))

    gc.disable()
    begun, tasks = time.perf_counter(), []
    due = begun
    for request in requests:
        due += random.expovariate(rate)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        tasks.append(asyncio.create_task(one(request, due)))
    await asyncio.gather(*tasks)
    gc.enable()
    while not idle.empty():
        idle.get_nowait()[1].close()
    return taken

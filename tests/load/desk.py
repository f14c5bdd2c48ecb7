"""Measures the desk of a conference with 100,000 attendees: every list, search, filter, order and page, one request at a time, and
the same while people register; then files of all attendees, and what slow readers of them hold."""

import asyncio
import contextlib
import math
import multiprocessing
import os
import select
import statistics
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import cost
import editor
from desk_requests import requests_of
from parts import Program, get
from registrations import Form, at_rate

LATENCY, CPU = 25, 15  # ms
# The machine counts as quiet if other programs use less than this share of one core meanwhile.
QUIET = 0.10
SLOW_READERS = 18
EXTRA_MEMORY = 8  # MiB
TICKS = os.sysconf("SC_CLK_TCK")


def measure(table, program, cluster, folder, attendees, requests, seconds):
    """Measures everything on one demonstration with so many attendees."""
    cluster.copy("base", "desk")
    slug = cluster.demonstrate(program, "desk", 60, attendees)
    cluster.query("desk", f"update conference set registration_closes = null where slug = '{slug}'")
    with Program(program, cluster.url("desk"), folder) as server:
        publish_notice(server, slug)
        fill_in(cluster, attendees)
        desk = Desk(server, cluster, slug)
        alone = {what: desk.repeat(request, requests) for what, request in desk.requests.items()}
        during, registering = desk.while_registering(seconds)
        for what, measured in alone.items():
            add_line(table, what, measured, during[what], len(alone))
        quick = sorted(took for due, took in registering)
        print(f"  {len(quick)} registrations meanwhile, 20 a second: p99 {p99(quick) * 1000:.1f} ms", flush=True)
        files(table, server, desk, attendees)
        slow_readers(table, program, server, cluster, desk)


def publish_notice(server, slug):
    """Publishes a privacy notice, without which nobody can register for a demonstration."""
    email, path = "organiser@city.example", f"/organisers/{slug}/pages/new"
    cost.add_account(server.program, server, "organiser", email)
    cookie = {"Cookie": cost.sign_in(server, "10.0.0.3", email)}
    _, _, page = get(server.port, path, cookie)
    fields = editor.Form("editor", page.decode()).fields | {"title": ["Privacy"], "text": ["Nothing is kept."]}
    cost.post(server, path, "10.0.0.3", fields, cookie)


def fill_in(cluster, attendees):
    """Waits until the list is filled in, which one job does after so many people were added at once."""
    begun = time.perf_counter()
    while int(cluster.query("desk", "select count(*) from attendee_listing where is_pending or answers is null")):
        if time.perf_counter() - begun > 300:
            raise SystemExit("the list of attendees is not filled in")
        time.sleep(0.2)
    print(f"  the list of {attendees:,} attendees was filled in after {time.perf_counter() - begun:.1f} s", flush=True)
    cluster.query("desk", "vacuum analyze")
    cluster.query("desk", "checkpoint")


class Measured:
    """What many equal requests took."""

    def __init__(self, times, cpu, others):
        self.times, self.cpu, self.others = sorted(times), cpu, others

    @property
    def is_quiet(self):
        return self.others < QUIET

    def __str__(self):
        return f"p50 {statistics.median(self.times):.1f}, p99 {p99(self.times):.1f}, CPU {self.cpu:.1f} ms"


class Desk:
    """Somebody at the desk who sends one request after the other on one connection."""

    def __init__(self, server, cluster, slug):
        self.server, self.cluster, self.slug = server, cluster, slug
        cost.add_account(server.program, server, "staff")
        self.cookie = cost.sign_in(server, "10.0.0.2")
        self.requests = requests_of(cluster, slug)
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        with open(os.path.join(cluster.folder, "data", "postmaster.pid")) as file:
            self.postmaster = int(file.readline())

    def send(self, request):
        """Sends a request and returns how long its response took, in ms."""
        path, headers = request
        begun = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept": "text/html", "Cookie": self.cookie, **headers})
        response = self.connection.getresponse()
        response.read()
        took = (time.perf_counter() - begun) * 1000
        assert response.status == 200, (path, response.status)
        return took

    def repeat(self, request, count):
        """Sends the same request so many times."""
        # The server closes a connection that was idle for long.
        self.connection.close()
        self.send(request)
        others, spent, begun = other_programs(self), self.cpu(), time.perf_counter()
        times = [self.send(request) for _ in range(count)]
        share = max(0, (other_programs(self) - others) / (time.perf_counter() - begun))
        measured = Measured(times, (self.cpu() - spent) * 1000 / count, share)
        print(f"  {request[0][:90]}: {measured}", flush=True)
        return measured

    def while_registering(self, seconds):
        """Sends all requests in turn while people register, 20 a second. Returns the times of each, and those of the
        registrations."""
        category = self.cluster.query("desk", "select category.id from category join conference on conference.id = conference_id"
                                              f" where conference.slug = '{self.slug}' and category.slug = 'university'")
        with registering(self.server, f"/{self.slug}/register", category, seconds) as results:
            times, end = {what: [] for what in self.requests}, time.perf_counter() + seconds
            while time.perf_counter() < end:
                for what, request in self.requests.items():
                    times[what].append(self.send(request))
            return {what: sorted(taken) for what, taken in times.items()}, results.get(timeout=60)

    def cpu(self):
        """Returns the CPU time in seconds that the program and its PostgreSQL have used so far."""
        total = 0
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            with contextlib.suppress(OSError), open(f"/proc/{entry}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
                if int(entry) in (self.server.process.pid, self.postmaster) or int(fields[1]) == self.postmaster:
                    total += int(fields[11]) + int(fields[12])
                # The CPU time of connections and parallel workers that have ended.
                if int(entry) == self.postmaster:
                    total += int(fields[13]) + int(fields[14])
        return total / TICKS


def other_programs(desk):
    """Returns the CPU time in seconds that everything else on the machine has used so far, stolen time included."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal, *_ = map(int, file.readline().split()[1:])
    return (user + nice + system + irq + softirq + steal) / TICKS - desk.cpu() - sum(os.times()[:2])


@contextlib.contextmanager
def registering(server, path, category, seconds):
    """Registers people from a process of its own."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    form = Form(server.port, path, category)

    def work():
        results.put(asyncio.run(at_rate(server, 20, seconds, form=form)))

    process = context.Process(target=work)
    process.start()
    try:
        yield results
    finally:
        process.join(30)
        process.kill()


def add_line(table, what, alone, during, kinds):
    """Adds the line of one kind of request. The time counts on a quiet machine only, the CPU time always."""
    reached = alone.cpu <= CPU and (p99(alone.times) <= LATENCY or not alone.is_quiet)
    target = f"CPU <= {CPU}, p99 <= {LATENCY} ms" if alone.is_quiet else f"CPU <= {CPU} ms; {alone.others:.1f} cores busy"
    beside = f"registering: p50 {statistics.median(during):.1f}, p99 {p99(during):.1f} ms"
    table.add(f"desk: {what}", str(alone), beside, None, target, reached)


def p99(taken):
    """Returns the 99th percentile of sorted times."""
    return taken[math.ceil(len(taken) * 0.99) - 1]


def files(table, server, desk, attendees):
    """Measures the time and the memory of files with all attendees."""
    for what, name, fields in [
        ("CSV, everyone", "attendees.csv", {"recipe": "everyone"}), ("XLSX, everyone", "attendees.xlsx", {"recipe": "everyone"}),
        ("CSV, invoices", "attendees.csv", {"recipe": "invoices"}), ("XLSX, invoices", "attendees.xlsx", {"recipe": "invoices"}),
    ]:
        before, peak, size, begun = server.memory, 0, 0, time.perf_counter()
        for part in download(server, desk.cookie, f"/staff/{desk.slug}/{name}?{urlencode(fields)}"):
            size += part
            peak = max(peak, server.memory)
        took = time.perf_counter() - begun
        print(f"  {what}: {took:.1f} s, {size / 1e6:.1f} MB", flush=True)
        table.limit(f"extra memory for {what}, {attendees:,} attendees, {took:.1f} s", [max(0, peak - before)], EXTRA_MEMORY, "MiB")


def download(server, cookie, path):
    """Requests a file, looks at the memory while it is written, and yields the sizes of its parts."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie})
    while not ready(connection.sock):
        yield 0
    response = connection.getresponse()
    assert response.status == 200, (path, response.status)
    while part := response.read(1 << 20):
        yield len(part)
    connection.close()


def ready(sock):
    return select.select([sock], [], [], 0.02)[0]


def slow_readers(table, program, server, cluster, desk):
    """Looks at what people hold who each read the beginning of a file and then nothing, and how long a list takes meanwhile."""
    before, open_ones = server.memory, []
    for number in range(SLOW_READERS):
        email = f"slow{number}@city.example"
        cost.add_account(program, server, "staff", email)
        cookie = cost.sign_in(server, f"10.0.1.{number}", email)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", f"/staff/{desk.slug}/attendees.csv?recipe=everyone", headers={"Cookie": cookie})
        response = connection.getresponse()
        assert response.status == 200 and response.read(1000), response.status
        open_ones.append((connection, response))
    time.sleep(1)
    held = cluster.query("desk", "select count(*) from pg_stat_activity where datname = 'desk' and pid <> pg_backend_pid()"
                                 " and state <> 'idle'")
    table.limit(f"database connections that {SLOW_READERS} slow readers hold", [int(held)], 0, "connections")
    table.limit(f"extra memory for {SLOW_READERS} slow readers", [max(0, server.memory - before)], EXTRA_MEMORY, "MiB")
    print(f"  the list, beside {SLOW_READERS} slow readers:", flush=True)
    desk.repeat(desk.requests["the list"], 50)
    for connection, _ in open_ones:
        connection.close()

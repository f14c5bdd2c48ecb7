"""Measures large conferences: a programme of 300 sessions in 12 rooms, and a desk with 100,000 attendees."""

import contextlib
import math
import os
import re
import statistics
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import cost
import pages
from editor import Publishing
from parts import Program, get
from registrations import by_wrk

# Three attendees on each registration, with names drawn from a few hundred first and last names.
ATTENDEES = """
create function word(n bigint) returns text language sql immutable as $$
    select string_agg(substr('aeioubdfgklmnprstvz', 1 + abs(hashint8(n * 100 + k)) % 19, 1), '') from generate_series(1, 4 + n % 4) k
$$;
create table drawn as
    select n, initcap(word(n % 400)) as first, initcap(word(1000 + n % 900)) as last,
        (select string_agg(substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', (n * 7 / (31 ^ k)::bigint % 31)::int + 1, 1), '' order by k)
         from generate_series(0, 6) k) as code
    from generate_series(1, {registrations}) n;
insert into registration (id, conference_id, reference, contact_name, contact_email, contact_telephone, organisation,
    country, city, purchase_order, invoice_address, privacy_revision_id, submission_hash, created_at)
select gen_random_uuid(), conference.id, left(code, 3) || '-' || right(code, 4), first || ' ' || last,
    lower(first || '.' || last) || '@city' || n % 500 || '.example', '', 'City of ' || initcap(word(5000 + n % 500)),
    'AT', initcap(word(5000 + n % 500)), '', '', page.published_id, '', now() - n * interval '10 seconds'
from drawn, conference join item page on page.conference_id = conference.id
    join revision on revision.id = page.published_id and revision.slug = 'privacy';
insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title,
    category_id, state, created_at)
select gen_random_uuid(), registration.conference_id, registration.id, position, named.name, lower(named.name), email, email, '',
    category.id, 'confirmed', registration.created_at
from registration
join drawn on left(code, 3) || '-' || right(code, 4) = reference, generate_series(1, 3) position
cross join lateral (select initcap(word(n * 3 + position)) || ' ' || initcap(word(2000 + (n * 3 + position) % 700)) as name) named
cross join lateral (select replace(lower(named.name), ' ', '.') || '.' || n || '@city' || n % 500 || '.example' as email) written
join category on category.slug = 'member-city';
drop table drawn;
"""


def crowd(table, program, cluster, registrations, rounds, seconds):
    """Compares registrations in a database that has many already with those in one that has none."""
    cluster.copy("base", "crowd")
    cluster.query("crowd", ATTENDEES.format(registrations=registrations))
    cluster.query("crowd", "vacuum analyze")
    few, many = [], []
    for number in range(rounds):
        for rates, base in ((few, "base"), (many, "crowd")):
            cluster.copy(base, "round")
            with Program(program, cluster.url("round"), os.path.dirname(cluster.folder)) as server:
                rates.append(by_wrk(server, cluster, number, seconds)[0])
    table.ratio(f"registrations, with {registrations:,} of three people before them", many, few, 0.90)


def programme(table, program, cluster, folder, rounds, seconds, sessions):
    """Compares the pages of a large programme with nginx, unchanged and while another instance publishes a change every second,
    and measures the weight of the largest."""
    cluster.copy("base", "programme")
    slug = cluster.demonstrate(program, "programme", sessions)
    url = cluster.url("programme")
    with Program(program, url, folder) as server, pages.Nginx(folder) as nginx:
        _, _, page = get(server.port, f"/{slug}/programme")
        session = re.search(rf'/{slug}/sessions/[^"]+', page.decode())[0]
        measured = [("programme", f"/{slug}/programme"), ("speakers", f"/{slug}/speakers"), ("a session", session),
                    ("calendar", f"/{slug}/programme.ics")]
        for words, publishing in (("", contextlib.nullcontext()), (", publishing", Publishing(program, url, folder, slug))):
            with publishing:
                for name, path in measured:
                    _, response_headers, body = get(server.port, path, {"Accept-Encoding": "br"})
                    assert response_headers.get("Content-Encoding") == "br", (path, response_headers)
                    file = f"/br/{name.replace(' ', '-')}"
                    nginx.serve(file, body)
                    ours, theirs = [], []
                    for _ in range(rounds):
                        ours.append(pages.wrk(server.port, path, seconds, "Accept-Encoding: br"))
                        theirs.append(pages.wrk(nginx.port, file, seconds, "Accept-Encoding: br"))
                    table.ratio(f"{name} of {sessions} sessions, {len(body):,} bytes{words}", ours, theirs, 0.90)
        weight = cost.weigh(server, f"/{slug}/programme") / 1000
        table.limit(f"weight of the programme of {sessions} sessions", [weight], 70, "kB")


def desk(table, program, cluster, folder, registrations, requests):
    """Measures how long lists and searches take at the desk, one request at a time, and how much CPU time they use; then the
    memory for the whole list as a file."""
    cluster.copy("base", "desk")
    cluster.query("desk", ATTENDEES.format(registrations=registrations))
    cluster.query("desk", "vacuum analyze")
    with Program(program, cluster.url("desk"), folder) as server:
        cost.add_account(program, server, "staff")
        cookie = cost.sign_in(server, "10.0.0.2")
        home = next(path for name, path in pages.measured_pages(server) if name == "home")
        attendees = f"/staff{home}/attendees"
        name = cluster.query("desk", "select name from attendee order by id limit 1 offset 100")
        slowest, dearest = 0, 0
        for what, query in searches(name, cluster).items():
            path = f"{attendees}?{urlencode(query)}"
            fetch(server, path, cookie)
            before, times = cpu(server, cluster), []
            for _ in range(requests):
                begun = time.perf_counter()
                fetch(server, path, cookie)
                times.append((time.perf_counter() - begun) * 1000)
            spent = (cpu(server, cluster) - before) * 1000 / requests
            times.sort()
            p99 = times[math.ceil(len(times) * 0.99) - 1]
            print(f"  desk, {what}: median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms, {spent:.1f} ms of CPU", flush=True)
            slowest, dearest = max(slowest, p99), max(dearest, spent)
        size = f"{3 * registrations:,} attendees"
        table.limit(f"desk with {size}, p99 of the slowest list or search", [slowest], 25, "ms")
        table.limit(f"desk with {size}, CPU time of the most expensive one", [dearest], 15, "ms")
        before, peak = server.memory, 0
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", f"{attendees}.csv", headers={"Cookie": cookie})
        answer = connection.getresponse()
        begun, lines = time.perf_counter(), 0
        while part := answer.read(1 << 20):
            lines += part.count(b"\r\n")
            peak = max(peak, server.memory)
        connection.close()
        assert lines == 3 * registrations + 1, lines
        print(f"  the list as a file: {time.perf_counter() - begun:.1f} s", flush=True)
        table.limit(f"extra memory for a file of {size}", [max(0, peak - before)], 4, "MiB")


def searches(name, cluster):
    """Returns the queries to measure, by what they are called in the output."""
    first, last = name.split()
    reference = cluster.query("desk", "select reference from registration order by id limit 1 offset 100")
    category = cluster.query("desk", "select id from category where slug = 'member-city'")
    return {
        "the whole list": {}, "a name": {"q": name}, "a last name": {"q": last}, "its beginning": {"q": last[:3]},
        "two letters": {"q": first[:2]}, "two letters inside words": {"q": "qx"},
        "a reference": {"q": reference}, "a word of everybody": {"q": "city"},
        "an address": {"q": "city17.example"}, "nobody": {"q": "Quixotic"}, "a sign": {"q": "%"},
        "by organisation": {"sort": "organisation"}, "the newest": {"sort": "newest"},
        "a state": {"state": "confirmed"}, "nobody in a state": {"state": "cancelled"}, "a category": {"category": category},
        "a name in a category": {"q": last, "category": category, "sort": "newest"},
    }


def fetch(server, path, cookie):
    status, _, _ = get(server.port, path, {"Cookie": cookie})
    assert status == 200, (path, status)


def cpu(server, cluster):
    """Returns the CPU time in seconds that the program and its PostgreSQL have used so far."""
    with open(os.path.join(cluster.folder, "data", "postmaster.pid")) as file:
        postmaster = int(file.readline())
    total = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(entry) in (server.process.pid, postmaster) or int(fields[1]) == postmaster:
                total += int(fields[11]) + int(fields[12])
            # The CPU time of connections and parallel workers that have ended.
            if int(entry) == postmaster:
                total += int(fields[13]) + int(fields[14])
    return total / os.sysconf("SC_CLK_TCK")

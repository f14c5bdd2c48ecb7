"""Measures large conferences: a programme of 300 sessions in 12 rooms, and registrations after 300,000 others."""

import contextlib
import os
import re

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

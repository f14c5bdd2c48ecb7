"""200 delegates want the last 50 places at once, of two instances that are killed in between: exactly 50 get one, and the rest
wait in the order in which they came. Then ten more places go to the first ten of them."""

import asyncio
import random
import re
import time

from parts import Program
from registrations import Form

CLIENTS = 200
PLACES = 50
MORE = 10


class Delegate:
    """Somebody who sends one registration until it is answered."""

    def __init__(self, number):
        self.number = number
        # When the form was first sent and when it was answered.
        self.began = self.ended = None

    async def registers(self, form, category, ports):
        body, waiting = form.body_of(self.number), ""
        self.began = time.perf_counter()
        while True:
            # After a fault, a browser sends the same form again; another instance may answer.
            try:
                status, page = await asyncio.wait_for(post(random.choice(ports), form.path, body + waiting, self.number), 15)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                await asyncio.sleep(0.05)
                continue
            if status == 303:
                self.ended = time.perf_counter()
                return
            if status == 422 and b"waiting list" in page and not waiting:
                # The form came back and said that there is only the waiting list.
                waiting = f"&waiting={category}"
            elif status != 503:
                raise SystemExit(f"a registration was answered with {status}: {re.sub(rb'<[^>]+>', b' ', page)[:2000]}")


async def post(port, path, body, number):
    """Sends a form on a connection of its own and returns the status and the page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html\r\n"
                f"X-Forwarded-For: 12.0.{number >> 8}.{number & 255}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n")
        writer.write(head.encode() + body.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        return int(answer.split(b" ", 2)[1]), await reader.read()
    finally:
        writer.close()


def measure(table, program, cluster, folder, rounds):
    wrong, kills = 0, 0
    for _ in range(rounds):
        cluster.copy("base", "places")
        cluster.query("places", f"update capacity set places = {PLACES} where category_id is null")
        url = cluster.url("places")
        instances = [Program(program, url, folder), Program(program, url, folder)]
        try:
            for instance in instances:
                instance.__enter__()
            delegates, killed = asyncio.run(one_round(instances))
            kills += killed
            found = check(cluster, delegates) + check_more(cluster)
            wrong += bool(found)
            if found:
                print("  " + "\n  ".join(found[:10]))
        finally:
            for instance in instances:
                instance.__exit__()
    what = f"rounds of {rounds} in which {CLIENTS} for {PLACES} places went wrong, with {kills} kills"
    table.limit(what, [wrong], 0, "")


async def one_round(instances):
    form = Form(instances[0].port)
    category = re.search(r"attendee-1-category=([0-9a-f-]{36})", form.body)[1]
    ports = [instance.port for instance in instances]
    delegates = [Delegate(number + 1) for number in range(CLIENTS)]
    random.shuffle(delegates)
    over, killed = asyncio.Event(), 0

    async def kill():
        nonlocal killed
        while not over.is_set():
            await asyncio.sleep(random.uniform(0.02, 0.15))
            if over.is_set():
                return
            instance = random.choice(instances)
            instance.process.kill()
            instance.process.wait()
            killed += 1
            await asyncio.to_thread(instance.__enter__)

    async def come(delegate):
        # They come within a third of a second, so that places run out in the middle.
        await asyncio.sleep(random.uniform(0, 0.3))
        await delegate.registers(form, category, ports)

    killing = asyncio.create_task(kill())
    await asyncio.gather(*(come(delegate) for delegate in delegates))
    over.set()
    await killing
    return delegates, killed


def check(cluster, delegates):
    """Returns what is wrong about who has a place and who waits."""
    rows = cluster.query("places", "select substring(email from 'anna(\\d+)@'), state, coalesce(rank() over (order by queue_rank), 0)"
                                   " from attendee").splitlines()
    found = {int(number): (state, int(rank)) for number, state, rank in (row.split("|") for row in rows)}
    wrong = []
    if len(rows) != CLIENTS or len(found) != CLIENTS:
        wrong.append(f"{len(rows)} attendees, {len(found)} of them different")
    places = sum(state == "confirmed" for state, _ in found.values())
    if places != PLACES:
        wrong.append(f"{places} have a place")
    counted = cluster.query("places", "select taken from capacity where category_id is null")
    if int(counted) != PLACES:
        wrong.append(f"{counted} places are counted")
    # Whoever was answered before somebody else began comes before them.
    waiting = sorted((one for one in delegates if found[one.number][0] == "waiting"), key=lambda one: found[one.number][1])
    for index, one in enumerate(waiting):
        wrong += [f"number {found[one.number][1]} was answered after {found[later.number][1]} began"
                  for later in waiting[:index] if one.ended < later.began]
    first = min((one.ended for one in waiting), default=0)
    wrong += [f"delegate {one.number} got a place after somebody had to wait" for one in delegates
              if found[one.number][0] == "confirmed" and one.began > first]
    return wrong


def check_more(cluster):
    """Adds places, waits until they are offered, and returns what is wrong about it."""
    first = cluster.query("places", f"select id from attendee where queue_rank is not null order by queue_rank limit {MORE}")
    cluster.query("places", f"update capacity set places = {PLACES + MORE} where category_id is null")
    for _ in range(100):
        offered = cluster.query("places", "select attendee_id from offer order by id")
        if len(offered.splitlines()) >= MORE:
            break
        time.sleep(0.1)
    return [] if sorted(offered.splitlines()) == sorted(first.splitlines()) else ["more places went to others than the first"]

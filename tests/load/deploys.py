"""Replaces two instances behind nginx one after the other while delegates register and read pages: no request may fail."""

import asyncio
import itertools
import os
import re

from parts import Program, free_port, start_nginx, stop
from registrations import Form

CLIENTS = 16
READERS = 4

# The configuration in the README, without TLS and the access log.
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    upstream conference {{
        server 127.0.0.1:{one} max_fails=0;
        server 127.0.0.1:{other} max_fails=0;
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header Forwarded "";
        location / {{
            proxy_pass http://conference;
        }}
        location ~ ^/[a-z-]+-[0-9]+/register$ {{
            proxy_pass http://conference;
            proxy_next_upstream error timeout non_idempotent;
        }}
    }}
}}
"""


class Proxy:
    """nginx in front of the two instances."""

    def __init__(self, folder, one, other):
        self.folder, self.port = os.path.join(folder, "proxy"), free_port()
        os.makedirs(self.folder)
        self.config = NGINX.format(folder=self.folder, port=self.port, one=one, other=other)

    def __enter__(self):
        self.process = start_nginx(self.folder, self.config)
        return self

    def __exit__(self, *_):
        stop(self.process)


def measure(table, program, cluster, folder, replacements):
    cluster.copy("base", "deploys")
    url = cluster.url("deploys")
    instances = [Program(program, url, folder), Program(program, url, folder)]
    try:
        for instance in instances:
            instance.__enter__()
        with Proxy(folder, *(instance.port for instance in instances)) as proxy:
            good, failed = asyncio.run(under_load(proxy.port, instances, replacements))
    finally:
        for instance in instances:
            instance.__exit__()
    if failed:
        print("  " + "\n  ".join(failed[:10]))
    what = f"failed requests of {good + len(failed):,} while {replacements} instances are replaced"
    table.limit(what, [len(failed)], 0, "")


async def under_load(port, instances, replacements):
    form, failed, counts = Form(port), [], [0]
    over, numbers = asyncio.Event(), itertools.count(1)
    page = f"GET {form.path.rsplit('/', 1)[0]}/programme HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    async def client(request, wanted):
        connection = None
        while not over.is_set():
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                reader, writer = connection
                writer.write(request())
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 15)
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                if head.startswith(wanted):
                    counts[0] += 1
                else:
                    failed.append(head.split(b"\r\n", 1)[0].decode())
                if re.search(rb"(?i)connection: close", head):
                    writer.close()
                    connection = None
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                failed.append(repr(error))
                connection = None
            await asyncio.sleep(0.02)

    async def replace():
        for number in range(replacements):
            instance = instances[number % 2]
            await asyncio.to_thread(instance.__exit__)
            await asyncio.to_thread(instance.__enter__)
            await asyncio.sleep(0.2)
        over.set()

    clients = [client(lambda: form.request(next(numbers)), b"HTTP/1.1 303") for _ in range(CLIENTS)]
    readers = [client(lambda: page, b"HTTP/1.1 200") for _ in range(READERS)]
    await asyncio.gather(replace(), *clients, *readers)
    return counts[0], failed

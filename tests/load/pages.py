"""Compares public pages with nginx, which serves files with the same bytes. wrk measures both in turn with 16 connections."""

import os
import re
import subprocess

import cost
from parts import Program, free_port, get, start_nginx, stop

CONNECTIONS = 16
FLOOR = 1.00

# nginx at its fastest: whole files by sendfile, no access log, one worker for each core.
NGINX = """
daemon off; worker_processes {cores}; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_timeout 60; keepalive_requests 100000000;
    default_type "text/html; charset=utf-8"; types {{ }}
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{port}; root {folder};
        location /br/ {{ add_header Content-Encoding br; }}
    }}
}}
"""


class Nginx:
    """nginx with a copy of each page as a file."""

    def __init__(self, folder):
        self.folder, self.port = os.path.join(folder, "nginx"), free_port()

    def __enter__(self):
        os.makedirs(f"{self.folder}/br", exist_ok=True)
        os.makedirs(f"{self.folder}/plain", exist_ok=True)
        config = NGINX.format(folder=self.folder, port=self.port, cores=os.cpu_count())
        self.process = start_nginx(self.folder, config)
        return self

    def __exit__(self, *_):
        stop(self.process)

    def serve(self, path, body):
        with open(self.folder + path, "wb") as file:
            file.write(body)
        status, _, served = get(self.port, path)
        assert (status, served) == (200, body), "nginx does not serve the same bytes"


def wrk(port, path, seconds, *headers):
    """Returns the requests per second. A response other than 2xx or a socket error ends the measurement."""
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s", "-H", "Accept: text/html"]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def measure(table, program, cluster, folder, wanted, rounds, seconds):
    with Program(program, cluster.url("base"), folder) as server:
        if "memory" in wanted:
            cost.idle(table, server)
        if "weight" in wanted:
            cost.weight(table, server)
        if "pages" not in wanted:
            return
        peak = 0
        with Nginx(folder) as nginx:
            print(f"  the baseline: nginx, {os.cpu_count()} workers, sendfile, tcp_nopush, no log; we log every request")
            for name, path in measured_pages(server):
                for words, folder_name, headers in (("", "plain", []), (", br", "br", ["Accept-Encoding: br"])):
                    _, response_headers, body = get(server.port, path, {"Accept-Encoding": "br"} if headers else None)
                    assert (response_headers.get("Content-Encoding") == "br") == bool(headers), response_headers
                    file = f"/{folder_name}/{name}"
                    nginx.serve(file, body)
                    ours, theirs = [], []
                    for _ in range(rounds):
                        ours.append(wrk(server.port, path, seconds, *headers))
                        peak = max(peak, server.memory)
                        theirs.append(wrk(nginx.port, file, seconds, *headers))
                    table.ratio(f"{name} page, {len(body):,} bytes{words}", ours, theirs, FLOOR)
        if "memory" in wanted:
            table.limit("memory, under full load of pages", [peak], 40, "MiB")


def measured_pages(server):
    """Finds the paths of the home page, the programme and one session in the sitemap."""
    _, _, sitemap = get(server.port, "/sitemap.xml")
    paths = [re.sub(r"^https?://[^/]+", "", address) for address in re.findall(r"<loc>([^<]+)</loc>", sitemap.decode())]
    home = next(path for path in paths if path.count("/") == 1)
    programme = f"{home.rstrip('/')}/programme"
    session = next(path for path in paths if path.startswith(f"{home.rstrip('/')}/sessions/"))
    return ("home", home), ("programme", programme), ("session", session)

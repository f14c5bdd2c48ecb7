"""Measures how long a start takes, how much memory the program uses, and how many bytes the first view of a page transfers."""

import http.client
import os
import re
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urljoin, urlsplit

from parts import Program, get

EMAIL, PASSWORD = "anna@city.example", "correct horse battery staple"
BROWSER = {"Accept-Encoding": "br, gzip"}


def start(table, program, cluster, folder, rounds):
    """Measures the time from the start of the process to its first page."""
    times = []
    for _ in range(rounds):
        with Program(program, cluster.url("base"), folder) as server:
            times.append(server.started * 1000)
    table.limit("start, database up and migrated", times, 100, "ms")
    times = []
    for _ in range(min(rounds, 3)):
        with tempfile.TemporaryDirectory(dir=folder) as empty:
            os.chmod(empty, 0o755)
            with Program(program, None, empty) as server:
                times.append(server.started)
            shutil.rmtree(os.path.join(empty, "data"))
    table.limit("start from nothing, own PostgreSQL", times, 3, "s")


def idle(table, server):
    """Measures the memory three seconds after the start, with one page read."""
    time.sleep(3)
    table.limit("memory, idle", [server.memory], 20, "MiB")


def sign_ins(table, program, cluster, folder, count):
    """Measures the memory after `count` sign-ins, eight at a time. Each comes from a different network, because sign-ins are
    limited for each network."""
    cluster.copy("base", "signing")
    with Program(program, cluster.url("signing"), folder) as server:
        add_account(program, server, "staff")

        def sign_in_from(number):
            sign_in(server, f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")

        with ThreadPoolExecutor(8) as people:
            list(people.map(sign_in_from, range(count)))
        table.limit(f"memory, after {count:,} sign-ins", [server.memory], 45, "MiB")


def add_account(program, server, role, email=EMAIL):
    """Creates an account with this role and a password."""
    command = [program, "user", "add", "--email", email, "--role", role]
    output = subprocess.run(command, env=server.settings, capture_output=True, text=True, check=True).stdout
    link = re.search(r"/set-password/\S+", output)[0]
    post(server, link, "10.0.0.1", {"new-password": PASSWORD, "repeated-password": PASSWORD})


def sign_in(server, network, email=EMAIL):
    """Signs that account in and returns the cookie for later requests."""
    cookie = post(server, "/sign-in", network, {"email": email, "password": PASSWORD})["Set-Cookie"]
    assert "login=" in cookie, cookie
    return cookie.split(";")[0]


def post(server, path, network, fields, more_headers=None):
    """Sends a form, checks that the response is a redirect, and returns its headers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        headers = {"X-Forwarded-For": network, "Sec-Fetch-Site": "same-origin", **(more_headers or {})}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST", path, urlencode(fields, doseq=True), headers)
        response = connection.getresponse()
        assert response.status == 303, (path, response.status)
        return response.headers
    finally:
        connection.close()


def weight(table, server):
    """Measures what a browser transfers for the first view of the heaviest page: the page with everything it loads, and all
    response headers."""
    status, _, sitemap = get(server.port, "/sitemap.xml")
    assert status == 200, status
    paths = [urlsplit(address).path for address in re.findall(r"<loc>([^<]+)</loc>", sitemap.decode())]
    assert len(paths) > 5, paths
    home = next(path for path in paths if path.count("/") == 1)
    paths += [f"{home}/register", "/sign-in"]
    weights = {path: weigh(server, path) for path in paths}
    heaviest = max(weights, key=weights.get)
    table.limit(f"weight of {heaviest}, heaviest of {len(paths)} pages", [weights[heaviest] / 1000], 40, "kB")


def weigh(server, page):
    wanted, total, seen = [page], 0, set()
    while wanted:
        path = wanted.pop()
        if path in seen:
            continue
        seen.add(path)
        status, headers, body = get(server.port, path, BROWSER)
        assert status == 200, (path, status)
        total += len(body) + sum(len(name) + len(value) + 4 for name, value in headers.items())
        text = plain(headers, body, server, path)
        kind = headers.get_content_type()
        found = []
        if kind == "text/html":
            for tag in re.findall(r"<link\b[^>]*>", text):
                if re.search(r'rel="(?:stylesheet|preload|icon)"', tag):
                    found += re.findall(r'href="([^"]+)"', tag)
            found += re.findall(r'<(?:img|script|source)\b[^>]*\bsrc="([^"]+)"', text)
        elif kind == "text/css":
            # A browser loads a font with a unicode-range only for characters in it. None of our pages needs an
            # "extended" font.
            for face in re.findall(r"@font-face\s*\{[^}]*\}", text):
                if "extended" in face:
                    text = text.replace(face, "")
            found += [address.strip("'\"") for address in re.findall(r"url\(([^)]+)\)", text)]
        wanted += [urljoin(path, address) for address in found if not address.startswith(("data:", "#"))]
    return total


def plain(headers, body, server, path):
    if not headers.get_content_type().startswith("text/"):
        return ""
    if headers.get("Content-Encoding"):
        _, _, body = get(server.port, path)
    return body.decode()

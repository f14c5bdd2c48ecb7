"""Compares speed and cost with their targets and prints a table: our figure, the baseline's, the ratio, the target.
Started by tests/load/run."""

import argparse
import os
import statistics
import sys
import tempfile

import cost
import deploys
import desk
import large
import pages
import places
import registrations
from parts import Cluster, spread

PARTS = ["pages", "registrations", "memory", "start", "weight", "programme", "desk", "crowd", "places", "deploys"]


class Table:
    """The results, line by line, and which of them missed their target."""

    def __init__(self, checks):
        self.checks, self.lines, self.missed = checks, [], []

    def ratio(self, what, ours, theirs, floor):
        """Adds two series that were measured in turn. The ratio of their medians must be at least `floor`."""
        a, b = statistics.median(ours), statistics.median(theirs)
        shown = [f"{middle:,.0f}/s ({spread(side)})" for middle, side in ((a, ours), (b, theirs))]
        self.add(what, *shown, a / b, f">= {floor:.2f}", a / b >= floor)

    def limit(self, what, values, most, unit, theirs=""):
        """Adds one series. Its median must be at most `most`."""
        value = statistics.median(values)
        shown = f"{value:,.1f} {unit}" + (f" ({spread(values, 1)})" if len(values) > 1 else "")
        self.add(what, shown, theirs, None, f"<= {most} {unit}", value <= most)

    def add(self, what, ours, theirs, ratio, floor, reached):
        reached = reached or not self.checks
        self.lines.append((what, ours, theirs, "" if ratio is None else f"{ratio:.2f}", floor, "" if reached else "MISSED"))
        if not reached:
            self.missed.append(what)
        print("  " + "  ".join(part for part in self.lines[-1] if part), flush=True)

    def show(self):
        rows = [("", "ours: median (lowest to highest)", "baseline", "ratio", "target", ""), *self.lines]
        widths = [max(len(row[column]) for row in rows) for column in range(6)]
        print()
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("parts", nargs="*", help=" ".join(PARTS))
    arguments.add_argument("--smoke", action="store_true", help="run everything briefly and check no target")
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument("--seconds", type=float)
    given = arguments.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        arguments.error(f"no part is called {', '.join(sorted(unknown))}; there are: {' '.join(PARTS)}")
    wanted = given.parts or PARTS
    rounds = given.rounds or (1 if given.smoke else 5)
    seconds = given.seconds or (1 if given.smoke else 4)
    table = Table(checks=not given.smoke)
    program = os.path.abspath(given.program)
    print(f"{given.program}, {os.cpu_count()} cores, load before: {os.getloadavg()[0]:.1f}", flush=True)
    # When root runs this, PostgreSQL runs as another user, who must be able to enter the folder.
    with tempfile.TemporaryDirectory(prefix="conference-load-") as folder:
        os.chmod(folder, 0o755)
        with Cluster(folder) as cluster:
            cluster.migrate(program, "base")
            if "start" in wanted:
                cost.start(table, program, cluster, folder, rounds)
            if "memory" in wanted:
                cost.sign_ins(table, program, cluster, folder, 20 if given.smoke else 1000)
            if "pages" in wanted or "memory" in wanted or "weight" in wanted:
                pages.measure(table, program, cluster, folder, wanted, rounds, seconds)
            if "registrations" in wanted or "memory" in wanted:
                registrations.measure(table, program, cluster, wanted, rounds, seconds * 1.5)
            if "programme" in wanted:
                large.programme(table, program, cluster, folder, rounds, seconds, 30 if given.smoke else 300)
            if "desk" in wanted:
                desk.measure(table, program, cluster, folder, *((600, 3, 2) if given.smoke else (100_000, 200, 120)))
            if "crowd" in wanted:
                large.crowd(table, program, cluster, 200 if given.smoke else 100_000, rounds, seconds * 1.5)
            if "places" in wanted:
                places.measure(table, program, cluster, folder, 1 if given.smoke else 20)
            if "deploys" in wanted:
                deploys.measure(table, program, cluster, folder, 2 if given.smoke else 40)
    table.show()
    if given.smoke:
        print("A smoke test: everything ran; the figures mean nothing.")
        print(f"test result: ok. {len(wanted)} passed; 0 failed; no target checked")
    elif table.missed:
        sys.exit("missed: " + "; ".join(table.missed))


main()

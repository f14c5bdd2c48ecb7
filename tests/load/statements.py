"""Turns the statements of one registration, taken from PostgreSQL's log, into a script for pgbench.

Two registrations that differ only in the person are logged with their values. The values that differ between the two are
those that each registration generates (keys, secrets, the reference, the address). pgbench generates them too; all other
values stay as they were logged. So the script always matches the program."""

import json
import re

# What a registration generates, recognised by its shape, and how pgbench generates another one with the number :key.
KEY = "to_hex(:key::bigint)"
SHAPES = [
    ("key", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
     lambda nth, _: f"'{nth:08x}-0000-7000-8000-' || lpad({KEY}, 12, '0')"),
    ("hash", r"[0-9a-f]{32,}", lambda nth, text: f"'{nth:02x}' || lpad({KEY}, {len(text) - 2}, '0')"),
    ("instant", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::\d\d)?)?", lambda *_: "now()::text"),
    ("network", r"\d+\.\d+\.\d+\.\d+", lambda *_: "host('11.0.0.0'::inet + :key::bigint)"),
    ("reference", r"[2-9A-Z]{3}-[2-9A-Z]{4}",
     lambda *_: " || '-' || ".join(f"translate(substr(lpad({KEY}, 7, '0'), {part}), '01abcdef', 'GHABCDEF')" for part in ("1, 3", "4"))),
    ("number", r"\d+", lambda *_: ":key::bigint::text"),
]
GENERATED = re.compile("|".join(f"(?P<{name}>{shape})" for name, shape, _ in SHAPES))


def logged(path, offset):
    """Returns the statements in the log after this offset as (connection, statement, values)."""
    found = []
    with open(path) as log:
        log.seek(offset)
        for line in log:
            entry = json.loads(line)
            match = re.match(r"(?:execute [^:]*|statement): (.*)", entry.get("message", ""), re.DOTALL)
            if match:
                values = re.findall(r"\$\d+ = (NULL|'(?:[^']|'')*')", entry.get("detail", ""))
                found.append((entry["pid"], match[1].strip(), values))
    return found


def of_one_registration(entries):
    """Returns the statements of the connection up to the one that saves the registration, and on to the commit if that is a
    separate statement."""
    last = next(i for i, (_, statement, _) in enumerate(entries) if re.search(r"insert into registration\s", statement))
    connection = entries[last][0]
    mine = [(statement, values) for pid, statement, values in entries[:last + 1] if pid == connection]
    if any(statement.lower() == "begin" for statement, _ in mine):
        for pid, statement, values in entries[last + 1:]:
            if pid == connection:
                mine.append((statement, values))
                if statement.lower() == "commit":
                    break
    return mine


def script(first, second, types):
    """Returns the script, made from the same registration logged twice, and the number of generated values. `types` returns
    the types of a statement's parameters."""
    if [statement for statement, _ in first] != [statement for statement, _ in second]:
        raise SystemExit("two registrations of the same form ran different statements:\n" + repr((first, second)))
    generated = {}
    lines = ["\\set n :n + 1", "\\set key :n * 64 + :client_id"]
    for (statement, values), (_, others) in zip(first, second):
        kinds = types(statement) if values else []
        # pgbench ends an SQL comment at the end of the line too, but overlooks a semicolon in it.
        text = re.sub(r"--[^\n]*", "", statement)
        for number in range(len(values), 0, -1):
            value = expression(values[number - 1], others[number - 1], generated)
            text = re.sub(rf"\${number}(?!\d)", lambda _: f"({value})::{kinds[number - 1]}", text)
        lines.append(text + ";")
    return "\n".join(lines) + "\n", len(generated)


def expression(value, other, generated):
    """Returns a value as SQL: as it was logged, except for the parts that differ in the other registration."""
    if value == "NULL":
        return "null"
    value, other = value[1:-1].replace("''", "'"), other[1:-1].replace("''", "'")
    here, there = list(GENERATED.finditer(value)), list(GENERATED.finditer(other))
    if [match.lastgroup for match in here] != [match.lastgroup for match in there]:
        raise SystemExit(f"two registrations differ in the shape of a value: {value!r}, {other!r}")
    parts, end = [], 0
    for match, twin in zip(here, there):
        if match[0] == twin[0]:
            continue
        make = next(make for name, _, make in SHAPES if name == match.lastgroup)
        made = generated.setdefault(match[0], make(len(generated) + 1, match[0]))
        parts += [literal(value[end:match.start()]), made]
        end = match.end()
    rest = literal(value[end:])
    return " || ".join([part for part in parts if part != "''"] + ([rest] if rest != "''" or not parts else []))


def literal(text):
    """Returns a text as an SQL literal, without colons, which pgbench would take for variables."""
    if not re.search(r"[\\:']", text):
        return f"'{text}'"
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3a") + "'"

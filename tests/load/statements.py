"""The statements of one registration, taken from PostgreSQL's own log, as a script for pgbench.

Two registrations that differ in nothing but the person are logged with their values. What differs between the two is what
each registration makes anew (keys, secrets, the reference, the address); pgbench makes it anew too, all else stays as it was
logged. So the script is never older than the program."""

import json
import re

# What a registration makes anew, by its shape, and how pgbench makes another one of the number :key.
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
MADE_ANEW = re.compile("|".join(f"(?P<{name}>{shape})" for name, shape, _ in SHAPES))


def logged(path, offset):
    """The statements in the log from this place on: (connection, statement, values)."""
    found = []
    with open(path) as log:
        log.seek(offset)
        for line in log:
            entry = json.loads(line)
            said = re.match(r"(?:execute [^:]*|statement): (.*)", entry.get("message", ""), re.DOTALL)
            if said:
                values = re.findall(r"\$\d+ = (NULL|'(?:[^']|'')*')", entry.get("detail", ""))
                found.append((entry["pid"], said[1].strip(), values))
    return found


def of_one_registration(entries):
    """From the first statement of its connection to the one that keeps it, and to the commit if that comes apart."""
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
    """The script, from the same registration logged twice; `types` gives the types of a statement's values."""
    if [statement for statement, _ in first] != [statement for statement, _ in second]:
        raise SystemExit("two registrations alike ran different statements:\n" + repr((first, second)))
    anew = {}
    lines = ["\\set n :n + 1", "\\set key :n * 64 + :client_id"]
    for (statement, values), (_, others) in zip(first, second):
        kinds = types(statement) if values else []
        # A comment of SQL's would end with the line for pgbench as well, but hide a semicolon.
        text = re.sub(r"--[^\n]*", "", statement)
        for number in range(len(values), 0, -1):
            value = expression(values[number - 1], others[number - 1], anew)
            text = re.sub(rf"\${number}(?!\d)", lambda _: f"({value})::{kinds[number - 1]}", text)
        lines.append(text + ";")
    return "\n".join(lines) + "\n", len(anew)


def expression(value, other, anew):
    """A value as SQL: as it was logged, but for what the other registration has made anew."""
    if value == "NULL":
        return "null"
    value, other = value[1:-1].replace("''", "'"), other[1:-1].replace("''", "'")
    here, there = list(MADE_ANEW.finditer(value)), list(MADE_ANEW.finditer(other))
    if [match.lastgroup for match in here] != [match.lastgroup for match in there]:
        raise SystemExit(f"not the same shape in two registrations: {value!r}, {other!r}")
    parts, end = [], 0
    for match, twin in zip(here, there):
        if match[0] == twin[0]:
            continue
        make = next(make for name, _, make in SHAPES if name == match.lastgroup)
        made = anew.setdefault(match[0], make(len(anew) + 1, match[0]))
        parts += [literal(value[end:match.start()]), made]
        end = match.end()
    rest = literal(value[end:])
    return " || ".join([part for part in parts if part != "''"] + ([rest] if rest != "''" or not parts else []))


def literal(text):
    """A text as SQL has it, without a colon that pgbench would take for a variable's."""
    if not re.search(r"[\\:']", text):
        return f"'{text}'"
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3a") + "'"

"""Reads a CSV file or a workbook as other programs do, and prints its tables as JSON: python read_table.py FILE SEPARATOR.

A CSV file has text cells only. A cell of a workbook is [type, number format, value]. With SEPARATOR "xlsx", the file is a workbook.
"""

import csv
import datetime
import json
import sys

path, separator = sys.argv[1:]


def shown(cell):
    value = cell.value
    kind = "nothing" if value is None else type(value).__name__
    if isinstance(value, datetime.datetime):
        value = value.isoformat(" ", "minutes")
    return [kind, cell.number_format, "" if value is None else value]


if separator == "xlsx":
    import openpyxl

    with open(path, "rb") as file:
        book = openpyxl.load_workbook(file)
    tables = [
        {
            "name": sheet.title,
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "widths": [sheet.column_dimensions[letter].width for letter in sorted(sheet.column_dimensions)],
            "rows": [[shown(cell) for cell in row] for row in sheet.iter_rows()],
        }
        for sheet in book.worksheets
    ]
else:
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=separator, strict=True))
    tables = [{"rows": rows}]
json.dump(tables, sys.stdout)

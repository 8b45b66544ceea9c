#!/usr/bin/python3
"""Turns the result lines of tools/lib/results.sh into a JUnit file.
Usage: junit.py RESULTS OUTPUT"""

import collections
import sys
import xml.etree.ElementTree as tree

LOG_BYTES = 20000


def printable(text):
    """XML 1.0 has no way to write most control characters."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")


def end_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return printable(file.read()[-LOG_BYTES:])
    except OSError as error:
        return str(error)


def add_case(parent, suite, row):
    status, name, seconds, log, why = row
    case = tree.SubElement(parent, "testcase", classname=suite, name=name, time=seconds)
    if status == "skip":
        tree.SubElement(case, "skipped", message=printable(why))
    elif status != "ok":
        tree.SubElement(case, "failure", message=printable(why)).text = end_of(log)


def main():
    suites = collections.defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            row = line.rstrip("\n").split("\t")
            suite, _, name = row[1].partition("::")
            suites[suite].append((row[0], name, *row[2:]))
    root = tree.Element("testsuites")
    for suite, rows in suites.items():
        counts = collections.Counter(row[0] for row in rows)
        parent = tree.SubElement(
            root, "testsuite", name=suite, tests=str(len(rows)), failures=str(counts["FAIL"]),
            skipped=str(counts["skip"]), time=f"{sum(float(row[2]) for row in rows):.2f}")
        for row in rows:
            add_case(parent, suite, row)
    tree.indent(root)
    tree.ElementTree(root).write(sys.argv[2], encoding="utf-8", xml_declaration=True)


if __name__ == "__main__":
    main()

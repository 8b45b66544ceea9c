#!/usr/bin/python3
"""Lays three witnesses side by side: the port that H16 says (computed here from the definition, with
hashlib), the mapping that the gateway shows, and the endpoint that the server saw. One row for each
private endpoint named on the command line; exit status 1 when the witnesses of any row differ.

The definition: c_i = the first 16 bits of SHA-256(address (4 bytes) || port (2 bytes) || i (1 byte
when i > 0)), big-endian. The public port is c_i for the least i in 0..15 that is at least 1024
(ICMP identifiers are exempt) and free on the public address that belongs to the private address: the
private prefix is cut evenly, in order, over the public one.

Only the standard library.
"""

import argparse
import hashlib
import ipaddress
import json
import struct
import sys

PROBES = 16
LEAST_PORT = 1024


def candidate(address, port, index):
    message = ipaddress.ip_address(address).packed + struct.pack("!H", port)
    if index > 0:
        message += bytes([index])
    return int.from_bytes(hashlib.sha256(message).digest()[:2], "big")


def paired_address(private, public, address):
    offset = int(ipaddress.ip_address(address)) - int(private.network_address)
    return str(public[offset * public.num_addresses // private.num_addresses])


def split(endpoint):
    address, port = endpoint.rsplit(":", 1)
    return address, int(port)


def expected_place(protocol, endpoint, public_address, mappings):
    """(index, port) by the definition, given who else holds which port."""
    address, port = split(endpoint)
    held = {
        row["public_port"]
        for row in mappings
        if row["protocol"] == protocol
        and row["public_address"] == public_address
        and (row["private_address"], row["private_port"]) != (address, port)
    }
    for index in range(PROBES):
        number = candidate(address, port, index)
        if (protocol == "icmp" or number >= LEAST_PORT) and number not in held:
            return index, number
    return None, None


def compare(name, mappings, sightings, private, public):
    protocol, endpoint = name.split(":", 1)
    address, port = split(endpoint)
    public_address = paired_address(private, public, address)
    index, number = expected_place(protocol, endpoint, public_address, mappings)
    expected = f"{public_address}:{number}"
    shown = [
        row
        for row in mappings
        if row["protocol"] == protocol
        and (row["private_address"], row["private_port"]) == (address, port)
    ]
    seen = [
        row["seen"]
        for row in sightings
        if row["protocol"] == protocol and row["endpoint"] == endpoint
    ]
    verdict = judge(expected, index, shown, seen)
    return {
        "protocol": protocol,
        "endpoint": endpoint,
        "index": index,
        "h16_says": expected,
        "gateway_says": f"{shown[0]['public_address']}:{shown[0]['public_port']}" if shown else None,
        "server_saw": seen[0] if len(seen) == 1 else ", ".join(seen) or None,
        "packets_out": shown[0]["packets_out"] if shown else 0,
        "packets_in": shown[0]["packets_in"] if shown else 0,
        "ok": verdict == "ok",
        "verdict": verdict,
    }


def judge(expected, index, shown, seen):
    if not seen:
        return "the server saw nothing"
    if not shown:
        return "the gateway has no mapping"
    if len(shown) > 1:
        return f"the gateway has {len(shown)} mappings"
    mapped = f"{shown[0]['public_address']}:{shown[0]['public_port']}"
    if mapped != expected:
        return f"the gateway says {mapped}"
    if shown[0]["index"] != index:
        return f"the gateway says index {shown[0]['index']}"
    if seen != [expected]:
        return "the server saw another port"
    if min(shown[0]["packets_out"], shown[0]["packets_in"]) == 0:
        return "the gateway counted no packets"
    return "ok"


HEADINGS = ("endpoint", "i", "H16 says", "server saw", "packets out/in", "verdict")


def print_table(rows, colours):
    cells = [HEADINGS]
    for row in rows:
        cells.append((
            f"{row['protocol']:<4} {row['endpoint']}",
            "-" if row["index"] is None else str(row["index"]),
            row["h16_says"],
            row["server_saw"] or "-",
            f"{row['packets_out']} / {row['packets_in']}",
            row["verdict"],
        ))
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    for number, line in enumerate(cells):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        if colours and number > 0:
            text = f"\033[{'32' if rows[number - 1]['ok'] else '31'}m{text}\033[0m"
        print("  " + text)
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mappings", required=True, metavar="FILE",
                        help="the answer to `show nat mappings` as JSON")
    parser.add_argument("--seen", required=True, metavar="FILE",
                        help="what far_server.py answered to /seen")
    parser.add_argument("--private", type=ipaddress.ip_network, required=True)
    parser.add_argument("--public", type=ipaddress.ip_network, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("endpoints", nargs="+", metavar="PROTOCOL:ADDRESS:PORT")
    arguments = parser.parse_args()

    with open(arguments.mappings, encoding="utf-8") as file:
        answer = json.load(file)
    if not answer.get("ok"):
        sys.exit(f"the gateway refused to show its mappings: {answer}")
    with open(arguments.seen, encoding="utf-8") as file:
        sightings = json.load(file)
    rows = [
        compare(name, answer["data"]["mappings"], sightings, arguments.private, arguments.public)
        for name in arguments.endpoints
    ]
    ok = all(row["ok"] for row in rows)
    if arguments.json:
        print(json.dumps({"ok": ok, "rows": rows}, indent=2))
    else:
        print_table(rows, sys.stdout.isatty())
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

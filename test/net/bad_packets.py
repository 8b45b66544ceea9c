#!/usr/bin/python3
"""Sends frames that nobody should send, from one side of the gateway, and watches the gateway's
counters: each kind must raise the counter of its own reason (lib/wire/drop.h), by as many as were
sent. Prints one result line a kind, in the format of tools/lib/results.sh.

Fragments are not among them: the kernel reassembles for AF_PACKET ports before the gateway sees
anything (test/unit/test_path_bad.c has them). Neither are wrong checksums of UDP and TCP, which
such a port does not check: --damaged sends a datagram of that kind, which must stay damaged.

Needs python3-scapy. Runs inside the namespace of the sender.
"""

import argparse
import json
import logging
import subprocess
import sys
import time

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import (  # noqa: E402  (the logger has to be quiet first)
    ICMP, IP, TCP, UDP, Dot1Q, Ether, IPOption_LSRR, IPOption_SSRR, Raw, conf,
    get_if_hwaddr, raw)

COPIES = 5
PATIENCE_SECONDS = 5

HOST = "10.0.0.1"
SERVER = "198.51.100.254"
POOL = "198.51.100.16"
STRANGER = "198.51.100.99"  # outside, never spoken to
MAPPED_PORT = 49300         # what 10.0.0.1:40000 has, see bad_packets.sh
DATA = Raw(b"binfm" * 4)


def udp(source=HOST, destination=SERVER, sport=40900, dport=9, **header):
    return IP(src=source, dst=destination, **header) / UDP(sport=sport, dport=dport) / DATA


def tcp(flags, source=HOST, destination=SERVER, sport=40900):
    return IP(src=source, dst=destination) / TCP(sport=sport, dport=9, flags=flags)


def cut(packet, length):
    """The packet as sent, without what follows `length` bytes; headers keep their promises."""
    return Raw(raw(packet)[:length])


def quoting(packet, source, destination):
    """An ICMP port unreachable that quotes a packet."""
    return IP(src=source, dst=destination) / ICMP(type=3, code=3) / Raw(raw(packet)[:28])


def bare_ip(protocol, length, source=HOST, destination=SERVER):
    return IP(src=source, dst=destination, proto=protocol) / Raw(b"\x00" * length)


# name, reason, layer 3 packet
INSIDE = [
    ("frame_of_10_bytes", "frame-short", cut(udp(), 10)),
    ("version_6_in_an_ipv4_frame", "ip-version", udp(version=6)),
    ("header_of_16_bytes", "ip-header-length", udp(ihl=4)),
    ("header_past_the_packet", "ip-header-length", cut(IP(src=HOST, dst=SERVER, ihl=15), 20)),
    ("total_length_past_the_frame", "ip-total-length", udp(len=1400)),
    ("total_length_below_the_header", "ip-total-length", udp(len=12)),
    ("truncated_in_the_middle", "ip-total-length", cut(udp(), 30)),
    ("wrong_ip_checksum", "ip-checksum", udp(chksum=0x1234)),
    ("option_past_the_header", "ip-options",
     IP(src=HOST, dst=SERVER, options=[Raw(b"\x44\x28\x05\x00")]) / UDP(sport=1, dport=9)),
    ("loose_source_route", "ip-source-route", udp(options=[IPOption_LSRR(routers=[SERVER])])),
    ("strict_source_route", "ip-source-route", udp(options=[IPOption_SSRR(routers=[SERVER])])),
    ("land", "ip-land", udp(destination=HOST)),
    ("source_is_loopback", "martian-source", udp(source="127.0.0.1")),
    ("source_is_zero", "martian-source", udp(source="0.0.0.0")),
    ("source_is_multicast", "martian-source", udp(source="224.0.0.5")),
    ("source_is_broadcast", "martian-source", udp(source="255.255.255.255")),
    ("destination_is_loopback", "martian-destination", udp(destination="127.0.0.1")),
    ("destination_is_zero", "martian-destination", udp(destination="0.0.0.0")),
    ("destination_is_reserved", "martian-destination", udp(destination="240.0.0.1")),
    ("destination_is_multicast", "multicast", udp(destination="239.1.1.1")),
    ("protocol_gre", "protocol", bare_ip(47, 24)),
    ("udp_of_4_bytes", "l4-short", bare_ip(17, 4)),
    ("tcp_of_10_bytes", "l4-short", bare_ip(6, 10)),
    ("icmp_of_4_bytes", "l4-short", bare_ip(1, 4)),
    ("udp_length_past_the_packet", "l4-length",
     IP(src=HOST, dst=SERVER) / UDP(sport=40900, dport=9, len=600) / DATA),
    ("udp_length_below_its_header", "l4-length",
     IP(src=HOST, dst=SERVER) / UDP(sport=40900, dport=9, len=4) / DATA),
    ("tcp_header_past_the_packet", "l4-length",
     IP(src=HOST, dst=SERVER) / TCP(sport=40900, dport=9, dataofs=15)),
    ("udp_from_port_zero", "zero-port", udp(sport=0)),
    ("udp_to_port_zero", "zero-port", udp(dport=0)),
    ("tcp_from_port_zero", "zero-port", tcp("S", sport=0)),
    ("tcp_without_flags", "tcp-flags", tcp(0)),
    ("tcp_syn_and_fin", "tcp-flags", tcp("SF")),
    ("tcp_syn_and_rst", "tcp-flags", tcp("SR")),
    ("tcp_reset_out_of_the_blue", "tcp-stray", tcp("R", sport=40901)),
    ("icmp_of_unknown_type", "icmp-type", IP(src=HOST, dst=SERVER) / ICMP(type=42) / DATA),
    ("icmp_error_about_nothing", "icmp-inner",
     quoting(udp(source=SERVER, destination=HOST), HOST, SERVER)),
    ("spoofed_source", "spoofed", udp(source="192.0.2.7")),
    ("spoofed_neighbour_prefix", "spoofed", udp(source="10.0.1.1")),
]

OUTSIDE = [
    ("port_that_nobody_holds", "no-mapping", udp(SERVER, POOL, dport=5555)),
    ("remote_never_contacted", "filtered", udp(STRANGER, POOL, dport=MAPPED_PORT)),
    ("address_that_is_not_ours", "not-for-us", udp(SERVER, "198.51.100.77")),
    ("inside_source_from_outside", "spoofed", udp(HOST, POOL, dport=MAPPED_PORT)),
    ("icmp_error_about_no_mapping", "no-mapping",
     quoting(udp(POOL, SERVER, sport=5555), SERVER, POOL)),
    ("land_on_the_pool", "ip-land", udp(POOL, POOL, dport=MAPPED_PORT)),
    ("wrong_ip_checksum_outside", "ip-checksum", udp(SERVER, POOL, dport=MAPPED_PORT, chksum=1)),
]


def damaged(ethernet):
    """What far_server.py would note, were its checksum right."""
    packet = IP(src=HOST, dst=SERVER) / UDP(sport=40000, dport=7000, chksum=0x1234)
    return raw(ethernet / packet / Raw(b'{"endpoint": "damaged", "number": 1}'))


def frames_of(side, ethernet):
    """(name, reason, frame): the packets above and what goes wrong below IPv4."""
    kinds = [(name, reason, ethernet / packet)
             for name, reason, packet in (INSIDE if side == "inside" else OUTSIDE)]
    if side == "inside":
        unknown = Ether(src=ethernet.src, dst=ethernet.dst, type=0x88B5)
        kinds.append(("unknown_ethertype", "ethertype", unknown / DATA))
        tagged = Ether(src=ethernet.src, dst=ethernet.dst, type=0x8100) / Dot1Q(vlan=77)
        kinds.append(("vlan_that_nobody_has", "vlan", tagged / udp()))
        kinds.append(("jumbo", "ip-total-length", ethernet / udp() / Raw(b"." * 6000)))
    return kinds


class Gateway:
    def __init__(self, program, socket):
        self.command = [program, "--socket", socket, "--json", "show", "drops", "all"]

    def drops(self):
        answer = json.loads(subprocess.run(self.command, check=True, capture_output=True).stdout)
        return {row["reason"]: row["packets"] for row in answer["data"]["drops"]}


def try_kind(gateway, sock, reason, frame):
    """None when the counter rises as it should, else a sentence."""
    before = gateway.drops()
    for _ in range(COPIES):
        sock.send(frame)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        after = gateway.drops()
        risen = {name: count - before.get(name, 0) for name, count in after.items()
                 if count != before.get(name, 0)}
        if risen.get(reason, 0) >= COPIES:
            return None
        if time.monotonic() > deadline:
            return f"sent {COPIES}, expected under {reason}, counted: {risen or 'nothing'}"
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", choices=("inside", "outside"), required=True)
    parser.add_argument("--interface", required=True)
    parser.add_argument("--gateway-mac", required=True)
    parser.add_argument("--damaged", action="store_true", help="send such a datagram and end")
    parser.add_argument("--cli", required=True, help="path of binfm-cli")
    parser.add_argument("--socket", required=True, help="the gateway's prompt")
    arguments = parser.parse_args()

    gateway = Gateway(arguments.cli, arguments.socket)
    sock = conf.L2socket(iface=arguments.interface)
    ethernet = Ether(src=get_if_hwaddr(arguments.interface), dst=arguments.gateway_mac,
                     type=0x0800)
    if arguments.damaged:
        sock.send(damaged(ethernet))
        return 0
    failed = 0
    for name, reason, frame in frames_of(arguments.side, ethernet):
        start = time.monotonic()
        complaint = try_kind(gateway, sock, reason, raw(frame))
        word = "FAIL" if complaint else "ok  "
        print(f"{word} bad_packets::{name} ({time.monotonic() - start:.2f} s)", flush=True)
        if complaint:
            print(f"    {complaint}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

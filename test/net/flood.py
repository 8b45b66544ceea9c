#!/usr/bin/python3
"""Sends frames of one kind as fast as it can, by a packet socket, from a fixed seed.

  flood.py INTERFACE GATEWAY-MAC KIND COUNT

SOURCE is 10.0.0.1 unless a kind says otherwise; the lists below say what each kind does.
"""

import random
import socket
import struct
import sys

SOURCE = "10.0.0.1"
GATEWAY = "10.0.0.254"
PUBLIC = "198.51.100.16"
SERVER = "198.51.100.254"
DIFFERENT = 20000  # frames that are made; beyond that they repeat

pick = random.Random(16)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, destination, protocol, payload, total=None, fragment=0, options=b""):
    words = 5 + len(options) // 4
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(payload) if total is None else total,
        0, fragment, 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(destination))
    header += options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def udp(source_port, destination_port, data=b"flooding"):
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(data), 0) + data


def syn(source_port, destination_port):
    return struct.pack("!HHIIBBHHH", source_port, destination_port, 1, 0, 0x50, 2, 65535, 0, 0)


def port():
    return pick.randrange(1, 65536)


def remote():
    return f"203.0.{pick.randrange(256)}.{pick.randrange(1, 255)}"


def noise(most):
    return bytes(pick.getrandbits(8) for _ in range(pick.randrange(most)))


def damaged(packet):
    packet = bytearray(packet)
    for _ in range(pick.randrange(1, 5)):
        packet[pick.randrange(len(packet))] = pick.randrange(256)
    return bytes(packet)


def arp(sender, target, operation, mac):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, operation, mac, socket.inet_aton(sender),
                       bytes(6), socket.inet_aton(target))


def icmp_error(quoted):
    body = struct.pack("!BBHI", 3, pick.randrange(16), 0, pick.randrange(1500)) + quoted
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def random_mac():
    return bytes([2]) + bytes(pick.getrandbits(8) for _ in range(5))


def inside_host():
    return f"10.0.0.{pick.randrange(3, 127)}"


IPV4 = {
    # new connections and mappings: one host, one port of it, all hosts of the subnet
    "syn": lambda: ipv4(SOURCE, remote(), 6, syn(port(), port())),
    "syn-one-port": lambda: ipv4(SOURCE, remote(), 6, syn(4444, port())),
    "udp": lambda: ipv4(SOURCE, remote(), 17, udp(port(), port())),
    "hosts": lambda: ipv4(inside_host(), remote(), 17, udp(port(), 53)),
    # addresses inside that nobody has, and the gateway itself
    "scan": lambda: ipv4(SOURCE, inside_host(), 17, udp(9, 9)),
    "self": lambda: ipv4(SOURCE, GATEWAY, 17, udp(9, port())),
    # from the world, to any port of the pool
    "world": lambda: ipv4(remote(), PUBLIC, pick.choice([6, 17]), syn(port(), port())),
    "icmp-errors": lambda: ipv4(
        remote(), PUBLIC, 1, icmp_error(damaged(ipv4(PUBLIC, remote(), 17, udp(port(), 53))))),
    # nonsense of all kinds
    "noise": lambda: b"\x45" + noise(200),
    "lengths": lambda: ipv4(SOURCE, remote(), 17, udp(port(), 53), total=pick.randrange(65536)),
    "fragments": lambda: ipv4(
        SOURCE, remote(), 17, udp(port(), 53), fragment=pick.randrange(65536)),
    "options": lambda: ipv4(SOURCE, remote(), 17, udp(port(), 53), options=noise(11) * 4),
    "damaged": lambda: damaged(ipv4(SOURCE, remote(), 6, syn(port(), port()))),
    "cut": lambda: ipv4(SOURCE, remote(), 6, syn(port(), port()))[:pick.randrange(40)],
}

ARP = {
    "arp": lambda mac: arp(inside_host(), GATEWAY, pick.choice([1, 2]), random_mac()),
    "arp-stolen": lambda mac: arp(GATEWAY, GATEWAY, pick.choice([1, 2]), mac),
}


def main():
    interface, destination, kind, count = sys.argv[1:5]
    port_socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port_socket.bind((interface, 0))
    mac = port_socket.getsockname()[4]
    header = bytes.fromhex(destination.replace(":", "")) + mac
    count = int(count)
    if kind in ARP:
        frames = [header + b"\x08\x06" + ARP[kind](mac) for _ in range(min(count, DIFFERENT))]
    else:
        frames = [header + b"\x08\x00" + IPV4[kind]() for _ in range(min(count, DIFFERENT))]
    for number in range(count):
        try:
            port_socket.send(frames[number % len(frames)])
        except OSError:  # the queue is full, or the interface is down at the moment
            pass


if __name__ == "__main__":
    main()

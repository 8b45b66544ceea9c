#!/usr/bin/python3
"""Traffic that shows what a link does: numbered datagrams, and TCP as fast as it goes.

udp-send sends numbered datagrams; udp-receive prints the numbers that came, one a line, and ends
when nothing has come for a second. tcp-send sends for some seconds; tcp-receive prints the bits a
second that came, headers of every frame included, and ends with the connection.
tag-send sends an Ethernet frame with a VLAN tag; tag-receive prints "TAG PAYLOAD" of the one that
came.
"""

import argparse
import socket
import struct
import sys
import time

START_SECONDS = 0.5   # of a TCP connection, not measured
PAYLOAD_BYTES = 1448  # of a full TCP segment with timestamps at an MTU of 1500
FRAME_BYTES = 1514    # Ethernet, IPv4 and TCP headers on top

TAG = 0x8100
TAG_TYPE = 0x88b5     # IEEE 802, for local experiments
SOL_PACKET = 263
PACKET_AUXDATA = 8
ETH_P_ALL = 3
AUXDATA = struct.Struct('IIIHHHH')  # struct tpacket_auxdata
AUXDATA_TAG = 5


def udp_send(arguments):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for number in range(arguments.count):
        sender.sendto(number.to_bytes(4, 'big'), (arguments.address, arguments.port))
        time.sleep(0.0002)


def udp_receive(arguments):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind((arguments.address, arguments.port))
    receiver.settimeout(10)
    print('ready', file=sys.stderr, flush=True)
    try:
        while True:
            print(int.from_bytes(receiver.recv(64), 'big'))
            receiver.settimeout(1)
    except TimeoutError:
        pass


def tcp_send(arguments):
    sender = socket.create_connection((arguments.address, arguments.port), timeout=10)
    end = time.monotonic() + arguments.seconds
    try:
        while time.monotonic() < end:
            sender.sendall(bytes(65536))
    finally:
        sender.close()


def tcp_receive(arguments):
    listener = socket.create_server((arguments.address, arguments.port))
    listener.settimeout(10)
    print('ready', file=sys.stderr, flush=True)
    receiver = listener.accept()[0]
    begin = time.monotonic() + START_SECONDS
    first, last, count = None, 0.0, 0
    while True:
        size = len(receiver.recv(65536))
        now = time.monotonic()
        if size == 0:
            break
        if now < begin:
            continue
        if first is None:
            first = now  # what this read brought came before
        else:
            count, last = count + size, now
    print(int(count * 8 * FRAME_BYTES / PAYLOAD_BYTES / (last - first)))


def tag_send(arguments):
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((arguments.address, 0))
    sender.send(b'\xff' * 6 + b'\x02' * 6 + struct.pack('!HHH', TAG, arguments.count, TAG_TYPE) +
                b'tagged'.ljust(60))


def tag_receive(arguments):
    """The kernel takes the tag off; sockets for every type are told it beside the frame."""
    receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    receiver.bind((arguments.address, ETH_P_ALL))
    receiver.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    receiver.settimeout(10)
    print('ready', file=sys.stderr, flush=True)
    frame = b''
    while frame[12:14] != TAG_TYPE.to_bytes(2, 'big'):
        frame, items = receiver.recvmsg(2048, 256)[:2]
    print(AUXDATA.unpack(items[0][2])[AUXDATA_TAG], frame[14:20].decode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = {'udp-send': udp_send, 'udp-receive': udp_receive, 'tcp-send': tcp_send,
               'tcp-receive': tcp_receive, 'tag-send': tag_send, 'tag-receive': tag_receive}
    parser.add_argument('action', choices=actions)
    parser.add_argument('--address', required=True, help='tag-*: the interface')
    parser.add_argument('--port', type=int, default=7000)
    parser.add_argument('--count', type=int, default=1000, help='tag-send: the tag')
    parser.add_argument('--seconds', type=float, default=4)
    arguments = parser.parse_args()
    actions[arguments.action](arguments)


if __name__ == '__main__':
    main()

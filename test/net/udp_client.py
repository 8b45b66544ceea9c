#!/usr/bin/python3
"""Exchanges datagrams with far_server.py from a fixed source endpoint: COUNT questions with their
answers, in sizes from small to a full frame, then COUNT datagrams that the server sends by itself.
Prints the endpoint that the server saw. Exit status 1 when anything is lost or changed.

Only the standard library.
"""

import argparse
import json
import socket
import sys

ANSWER_SECONDS = 2
PAYLOAD_BYTES_MAX = 1400


def endpoint(text):
    address, port = text.rsplit(":", 1)
    return address, int(port)


def question(source, number, push, size):
    message = {"endpoint": source, "number": number, "push": push, "filling": ""}
    message["filling"] = "." * max(0, size - len(json.dumps(message)))
    return message


def exchange(sock, message):
    """Sends and waits for its answer; one repetition, since a first packet may wait for ARP."""
    for _ in range(2):
        sock.send(json.dumps(message).encode())
        try:
            while True:
                answer = json.loads(sock.recv(65535))
                if answer.get("number") == message["number"]:
                    break
        except socket.timeout:
            continue
        seen = answer.pop("seen")
        if answer != message:
            sys.exit(f"datagram {message['number']} came back changed")
        return seen
    sys.exit(f"no answer to datagram {message['number']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=endpoint, required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--server", type=endpoint, required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()

    source = "{}:{}".format(*arguments.source)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(arguments.source)
    sock.connect(arguments.server)
    sock.settimeout(ANSWER_SECONDS)

    seen = set()
    for number in range(arguments.count):
        size = PAYLOAD_BYTES_MAX * number // max(1, arguments.count - 1)
        seen.add(exchange(sock, question(source, number, 0, size)))
    seen.add(exchange(sock, question(source, arguments.count, arguments.count, 0)))
    pushed = 0
    try:
        while pushed < arguments.count:
            pushed += "pushed" in json.loads(sock.recv(65535))
    except socket.timeout:
        sys.exit(f"{arguments.count - pushed} of {arguments.count} pushed datagrams are missing")
    if len(seen) != 1:
        sys.exit(f"the server saw several endpoints: {', '.join(sorted(seen))}")
    print(seen.pop())


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""The server on the far side of the gateway. It notes for each caller the address and port that it
saw, beside the private endpoint that the caller says it is.

  UDP    a datagram {"endpoint": "10.0.0.1:40000", "number": 7, "push": 0} is answered with the same
         object and "seen"; "push": N asks for N more datagrams, which the server sends by itself
  HTTP   /file is a download, /sha256 its checksum, /seen everything noted so far
  ICMP   echo requests (which the kernel answers) carry the endpoint in their payload:
         address (4 bytes), identifier (2 bytes), 2 zero bytes, from offset 16 on

Only the standard library.
"""

import argparse
import hashlib
import http.server
import json
import random
import signal
import socket
import struct
import threading

FILE_BYTES = 8 * 1024 * 1024


class Sightings:
    """(protocol, endpoint claimed, address and port seen) -> how often."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}

    def note(self, protocol, endpoint, address, port):
        key = (protocol, endpoint, f"{address}:{port}")
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1

    def rows(self):
        with self.lock:
            return [
                {"protocol": protocol, "endpoint": endpoint, "seen": seen, "count": count}
                for (protocol, endpoint, seen), count in sorted(self.counts.items())
            ]


def serve_udp(address, port, sightings):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, port))
    while True:
        data, caller = sock.recvfrom(65535)
        try:
            request = json.loads(data)
            endpoint = str(request["endpoint"])
            pushed = min(int(request.get("push", 0)), 10000)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        sightings.note("udp", endpoint, *caller)
        request["seen"] = f"{caller[0]}:{caller[1]}"
        sock.sendto(json.dumps(request).encode(), caller)
        for number in range(pushed):
            sock.sendto(json.dumps({"pushed": number}).encode(), caller)


def watch_icmp(address, sightings):
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sock.bind((address, 0))
    while True:
        data, caller = sock.recvfrom(65535)
        message = data[(data[0] & 15) * 4 :]
        if len(message) < 32 or message[0] != 8:
            continue
        (seen,) = struct.unpack_from("!H", message, 4)
        private, identifier = struct.unpack_from("!4sH", message, 8 + 16)
        sightings.note("icmp", f"{socket.inet_ntoa(private)}:{identifier}", caller[0], seen)


def handler_class(sightings, content):
    checksum = hashlib.sha256(content).hexdigest()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/file":
                sightings.note("tcp", self.headers.get("Endpoint", ""), *self.client_address)
                self.answer("application/octet-stream", content)
            elif self.path == "/sha256":
                self.answer("text/plain", checksum.encode())
            elif self.path == "/seen":
                self.answer("application/json", json.dumps(sightings.rows()).encode())
            else:
                self.send_error(404)

        def answer(self, kind, body):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *arguments):
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", required=True)
    parser.add_argument("--udp", type=int, required=True, metavar="PORT")
    parser.add_argument("--http", type=int, required=True, metavar="PORT")
    arguments = parser.parse_args()

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sightings = Sightings()
    content = random.Random(16).randbytes(FILE_BYTES)
    for target, parameters in (
        (serve_udp, (arguments.address, arguments.udp, sightings)),
        (watch_icmp, (arguments.address, sightings)),
    ):
        threading.Thread(target=target, args=parameters, daemon=True).start()
    server = http.server.ThreadingHTTPServer(
        (arguments.address, arguments.http), handler_class(sightings, content)
    )
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()

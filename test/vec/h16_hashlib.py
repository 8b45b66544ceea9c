#!/usr/bin/python3
"""H16 by Python's hashlib, for comparison with lib/h16 (see test/unit/test_h16.c).

Usage: h16_hashlib.py COUNT SEED  -> COUNT results of two bytes each on standard output.
"""
import sys
from hashlib import sha256

MASK = (1 << 64) - 1


def xorshift64(state):
    state ^= state << 13 & MASK
    state ^= state >> 7
    return state ^ (state << 17 & MASK)


def candidate(vrf, address, port, index):
    salt = sha256(b"binfm vrf" + vrf.to_bytes(4, "big")).digest()[:8] if vrf else b""
    tail = bytes([index]) if index else b""
    message = salt + address.to_bytes(4, "big") + port.to_bytes(2, "big") + tail
    return sha256(message).digest()[:2]


def main():
    count, state = int(sys.argv[1]), int(sys.argv[2])
    out = bytearray()
    for _ in range(count):
        state = one = xorshift64(state)
        state = two = xorshift64(state)
        vrf = two >> 56 if one >> 60 & 1 else 0
        out += candidate(vrf, one & 0xFFFFFFFF, two & 0xFFFF, two >> 16 & 15)
    sys.stdout.buffer.write(out)


if __name__ == "__main__":
    main()

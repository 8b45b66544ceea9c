#!/usr/bin/python3
"""Identity, signatures and static keys, written again from their sources without any library but
hashlib, for comparison with lib/wallet (see test/unit/test_wallet.c and docs/protocol.md).

Usage: wallet_vectors.py COUNT SEED

Prints lines of words; bytes are in hexadecimal:
    prime    BITS Q
    identity SEED KEY HASH TEXT
    sign     DOMAIN SEED MESSAGE SIGNATURE
    agree    GROUP SECRET PUBLIC PEER SHARED
    wallet   FORM BYTES KEY GROUP PUBLIC
"""
import random
import sys
from hashlib import sha256, sha512

# ---- bech32m: BIP-173 and BIP-350

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def polymod(values):
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            remainder ^= term if top >> bit & 1 else 0
    return remainder


def bech32m(human, data):
    number, bits = int.from_bytes(data, "big"), 8 * len(data)
    number, bits = number << -bits % 5, bits + -bits % 5
    values = [number >> place & 31 for place in range(bits - 5, -1, -5)]
    expanded = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human]
    check = polymod(expanded + values + [0] * 6) ^ 0x2BC830A3
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return human + "1" + "".join(ALPHABET[value] for value in values)


# ---- Ed25519: RFC 8032, section 5.1, affine and slow

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    term = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + term, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - term, P - 2, P) % P
    return x, y


def multiply(scalar, point):
    total = (0, 1)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x), y


BASE = base_point()


def compress(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def expand(seed):
    digest = sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def ed25519_key(seed):
    return compress(multiply(expand(seed)[0], BASE))


def ed25519_sign(seed, message):
    scalar, prefix = expand(seed)
    nonce = int.from_bytes(sha512(prefix + message).digest(), "little") % L
    point = compress(multiply(nonce, BASE))
    challenge = sha512(point + compress(multiply(scalar, BASE)) + message).digest()
    proof = (nonce + int.from_bytes(challenge, "little") * scalar) % L
    return point + proof.to_bytes(32, "little")


# ---- what binfm makes of them

DOMAINS = ("tx", "grant", "reserve", "block", "head", "member", "peer")


def node_hash(key):
    return sha256(b"binfm node" + key).digest()[:20]


def sign(domain, seed, message):
    words = b"binfm " + domain.encode()
    return ed25519_sign(seed, bytes([len(words)]) + words + message)


# ---- X25519: RFC 7748, section 5

def x25519(secret, u_bytes):
    scalar = int.from_bytes(secret, "little") & (1 << 255) - 8 | 1 << 254
    scalar &= (1 << 255) - 1
    x1 = int.from_bytes(u_bytes, "little") & (1 << 255) - 1
    x2, z2, x3, z3 = 1, 0, x1, 1
    for bit in range(254, -1, -1):
        if scalar >> bit & 1:
            (x2, z2), (x3, z3) = ladder(x1, x3, z3, x2, z2)[::-1]
        else:
            (x2, z2), (x3, z3) = ladder(x1, x2, z2, x3, z3)
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def ladder(x1, x2, z2, x3, z3):
    """(double of point 2, sum of both)"""
    plus, minus = (x2 + z2) % P, (x2 - z2) % P
    cross, other = (x3 - z3) * plus % P, (x3 + z3) * minus % P
    square, difference = plus * plus % P, (plus * plus - minus * minus) % P
    double = square * minus * minus % P, difference * (square + 121665 * difference) % P
    return double, ((cross + other) ** 2 % P, x1 * (cross - other) ** 2 % P)


# ---- ffdhe: RFC 7919, appendix A

def euler(bits):
    """floor(2^bits * e)"""
    guard = 64
    term = 1 << bits + guard
    total, n = 0, 1
    while term:
        total, term, n = total + term, term // n, n + 1
    return total >> guard


def safe_prime(bits, correction):
    return (2**bits - 2**(bits - 64) + (euler(bits - 130) + correction) * 2**64 - 1)


PRIMES = {"ffdhe2048": safe_prime(2048, 560316), "ffdhe3072": safe_prime(3072, 2625351)}
SECRET_BYTES = {"x25519": 32, "ffdhe2048": 32, "ffdhe3072": 36}


def power(group, secret, base):
    if group == "x25519":
        return x25519(secret, base)
    prime = PRIMES[group]
    value = pow(int.from_bytes(base, "big"), int.from_bytes(secret, "big"), prime)
    return value.to_bytes(prime.bit_length() // 8, "big")


def public(group, secret):
    if group == "x25519":
        return x25519(secret, (9).to_bytes(32, "little"))
    return power(group, secret, (2).to_bytes(PRIMES[group].bit_length() // 8, "big"))


# ---- the wallet file, its open form and the export

NUMBERS = {"x25519": 29, "ffdhe2048": 256, "ffdhe3072": 257}


def numbered(group, secret):
    return NUMBERS[group].to_bytes(2, "big") + public(group, secret)


def wallet(form, group, seed, secret, number, times, former=None):
    """times: of the wallet, of its static key, until when the former secret serves"""
    body = times[0].to_bytes(8, "big") + ed25519_key(seed)
    body += number.to_bytes(4, "big") + times[1].to_bytes(8, "big") + numbered(group, secret)
    body += bytes([former is not None])
    if former is not None:
        body += times[2].to_bytes(8, "big") + numbered(group, former)
    if form == 1:
        body += seed + secret + (former or b"")
    head = b"binfmwal" + bytes([0, 1, 1 if group == "x25519" else 2, form])
    head += (len(head) + 4 + len(body) + 32).to_bytes(4, "big")
    return head + body + sha256(head + body).digest()


def show_wallets(source):
    for group, length in SECRET_BYTES.items():
        seed, secret, former = (source.randbytes(size) for size in (32, length, length))
        times = [source.getrandbits(64) for _ in range(3)]
        for form, number, extra in ((0, 1, None), (1, 1, None), (1, 2, former), (0, 9, None)):
            data = wallet(form, group, seed, secret, number, times, extra)
            show("wallet", str(form), data, ed25519_key(seed), group, public(group, secret))


def show(*words):
    print(*(word.hex() if isinstance(word, bytes) else word for word in words))


def main():
    count, source = int(sys.argv[1]), random.Random(int(sys.argv[2]))
    for name, prime in PRIMES.items():
        show("prime", name, prime.to_bytes(prime.bit_length() // 8, "big"))
    for number in range(count):
        seed = source.randbytes(32)
        key = ed25519_key(seed)
        show("identity", seed, key, node_hash(key), bech32m("bn", node_hash(key)))
        domain = number % len(DOMAINS)
        message = source.randbytes(1 + source.randrange(200))
        show("sign", domain, seed, message, sign(DOMAINS[domain], seed, message))
        for group, length in SECRET_BYTES.items():
            own, other = source.randbytes(length), source.randbytes(length)
            peer = public(group, other)
            show("agree", group, own, public(group, own), peer, power(group, own, peer))
    show_wallets(source)


if __name__ == "__main__":
    main()

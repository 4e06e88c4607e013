#!/usr/bin/env python3
"""Checks a set of CLV1 shares with nothing but docs/formats/share.md, Python and `cryptography`.

Reads {manifest, shares: [{text, passphrase, lines}]} as JSON from standard input; lines are "number group ... check".
Writes {masterKey, ys: {x: y}} as hex if at least threshold shares are given and all is right; otherwise it says what is
wrong on standard error and ends with status 1. With "rebuild": x it writes {rebuilt} too: y at that x, from the other shares,
worked out in two ways.
"""

import hashlib
import hmac
import json
import sys
import unicodedata

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALPHABET = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
GENERATOR = [
    0x3D59D273535EA62D897,
    0x7A9BECB6361C6C51507,
    0x543F9B7E6C38D8A2A0E,
    0x0C577EAECCF1990D13C,
    0x1887F74F8DC71B10651,
]
RIGHT_RESIDUE = 0x43381E570BF4798AB26
START = 0x8C6300D96


def check(condition, what):
    if not condition:
        sys.exit(what)


def fields(*values):
    out = b""
    for value in values:
        if isinstance(value, str):
            value = value.encode()
        elif isinstance(value, int):
            value = bytes([value])
        out += len(value).to_bytes(4, "big") + value
    return out


def residue_of(symbols):
    residue = START
    for symbol in symbols:
        top = residue >> 70
        residue = ((residue & ((1 << 70) - 1)) << 5) ^ symbol
        for bit in range(5):
            if top >> bit & 1:
                residue ^= GENERATOR[bit]
    return residue


def product(one, other, modulus, bits):
    result = 0
    while other:
        if other & 1:
            result ^= one
        one <<= 1
        if one >> bits:
            one ^= modulus
        other >>= 1
    return result


def check_lines(text, lines):
    check(len(lines) == 8, "there are 8 lines")
    body = ""
    for number, line in enumerate(lines, 1):
        printed, *groups, checks = line.split()
        check(printed == str(number), "line number")
        check([len(group) for group in groups] == ([4] * 5 if number < 8 else [4, 4, 4, 3]), "groups")
        characters = "".join(groups)
        body += characters
        counted = characters[4:] if number == 1 else characters
        at_one, at_a = 0, 0
        for symbol in [number] + [ALPHABET.index(c) for c in counted + checks]:
            at_one ^= symbol
            at_a = product(at_a, 2, 0b101001, 5) ^ symbol
        check(len(checks) == 2 and at_one == 0 and at_a == 0, f"check characters of line {number}")
    check(body == text, "the lines are not the text")


def parse(text):
    check(len(text) == 155 and text.startswith("CLV1"), "not a share")
    symbols = [ALPHABET.index(character) for character in text[4:]]
    check(residue_of(symbols) == RIGHT_RESIDUE, "checksum")
    number = 0
    for symbol in symbols[:136]:
        number = number << 5 | symbol
    share = number.to_bytes(85, "big")
    check(share[0] == 0x01, "version")
    check(share[2] != 0, "x = 0")
    check(2 <= share[1] >> 4 <= share[1] & 15, "threshold")
    check(10 <= share[36] <= 20, "log2N")
    return share


def open_share(share, passphrase):
    salt, cost = share[20:36], 1 << share[36]
    password = unicodedata.normalize("NFKD", passphrase).encode()
    derived = hashlib.scrypt(password, salt=salt, n=cost, r=8, p=1, dklen=44, maxmem=128 * 8 * (cost + 8))
    return AESGCM(derived[:32]).decrypt(derived[32:], share[37:85], share[:37])


def combine(points, at=0):
    """The value at `at` of the polynomials through the points (Lagrange), byte by byte."""

    def times(one, other):
        return product(one, other, 0b100011011, 8)

    def inverse(value):
        return next(candidate for candidate in range(1, 256) if times(value, candidate) == 1)

    secret = bytearray(32)
    for i, (xi, yi) in enumerate(points):
        basis = 1
        for j, (xj, _) in enumerate(points):
            if i != j:
                basis = times(basis, times(at ^ xj, inverse(xi ^ xj)))
        for place in range(32):
            secret[place] ^= times(yi[place], basis)
    return bytes(secret)


def main():
    given = json.load(sys.stdin)
    manifest = given["manifest"]
    ceremony, epoch = manifest["ceremony"], manifest["epoch"]
    listed = {share["x"]: bytes.fromhex(share["commitment"]) for share in manifest["shares"]}
    check(len(listed) == manifest["shareCount"], "the manifest's shares")
    key_check_value = bytes.fromhex(manifest["keyCheckValue"])
    pairs = [value for x in sorted(listed) for value in (x, listed[x])]
    described = fields(
        "claviger/CLV1/set",
        bytes.fromhex(manifest["masterKeyId"]),
        ceremony,
        manifest["threshold"],
        manifest["shareCount"],
        epoch,
        *pairs,
        key_check_value,
    )
    set_id = hashlib.sha256(described).digest()[:16]
    check(set_id.hex() == manifest["setId"], "set id")

    points = []
    for given_share in given["shares"]:
        check_lines(given_share["text"], given_share["lines"])
        share = parse(given_share["text"])
        x = share[2]
        check(share[4:20] == set_id and x in listed, "a share of another set")
        check(share[1] == manifest["threshold"] << 4 | manifest["shareCount"] and share[3] == epoch, "header")
        y = open_share(share, given_share["passphrase"])
        commitment = hashlib.sha256(fields("claviger/CLV1/commitment", ceremony, epoch, x, y)).digest()
        check(commitment == listed[x], f"commitment of share {x}")
        points.append((x, y))
    check(len({x for x, _ in points}) == len(points) >= manifest["threshold"], "too few shares")
    master_key = combine(points[: manifest["threshold"]])
    computed = hmac.new(master_key, fields("claviger/CLV1/key-check", ceremony, epoch), "sha256").digest()[:16]
    check(computed == key_check_value, "key-check value")
    answer = {"masterKey": master_key.hex(), "ys": {str(x): y.hex() for x, y in points}}
    if "rebuild" in given:
        lost = given["rebuild"]
        others = [(x, y) for x, y in points if x != lost][: manifest["threshold"]]
        rebuilt = combine(others, lost)
        check(rebuilt == combine([(x ^ lost, y) for x, y in others]), "the value at x and the moved value at 0")
        answer["rebuilt"] = rebuilt.hex()
    json.dump(answer, sys.stdout)


main()

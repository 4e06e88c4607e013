#!/usr/bin/env python3
"""Shamir's scheme over GF(256) once more, with all randomness given: Python and nothing else.

Reads {secret, random, shareCount, threshold} as JSON (hex) from standard input and writes the plain shares, y || x, as a list of hex.
The first 255 bytes of `random` shuffle the points 1 to 255; then each byte of the secret takes threshold - 1 coefficients.
"""

import json
import sys


def product(one, other):
    result = 0
    for bit in range(8):
        if other >> bit & 1:
            result ^= one << bit
    for bit in range(14, 7, -1):
        if result >> bit & 1:
            result ^= 0x11B << bit - 8
    return result


def main():
    given = json.load(sys.stdin)
    secret, random = bytes.fromhex(given["secret"]), bytes.fromhex(given["random"])
    degree = given["threshold"] - 1
    points = list(range(1, 256))
    for place, other in enumerate(random[:255]):
        other %= 255
        points[place], points[other] = points[other], points[place]
    rest = random[255:]
    shares = []
    for x in points[: given["shareCount"]]:
        y = bytearray()
        for place, byte in enumerate(secret):
            power, value = 1, byte
            for coefficient in rest[place * degree : (place + 1) * degree]:
                power = product(power, x)
                value ^= product(coefficient, power)
            y.append(value)
        shares.append((bytes(y) + bytes([x])).hex())
    json.dump(shares, sys.stdout)


main()

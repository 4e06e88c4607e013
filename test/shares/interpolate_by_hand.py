#!/usr/bin/env python3
"""The polynomials over GF(256) that go through given shares: Python and nothing else.

Reads {points, ys} as JSON (ys in hex, one a point, all of one length) from standard input and writes a list of coefficients, lowest
power first, for each place in ys.
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


def inverse(value):
    return next(other for other in range(1, 256) if product(value, other) == 1)


def main():
    given = json.load(sys.stdin)
    points = given["points"]
    # Lagrange's basis: for each point the polynomial that is 1 there and 0 at the others.
    bases = []
    for point in points:
        basis = [1]
        for other in points:
            if other == point:
                continue
            scale = inverse(point ^ other)
            shifted = [0] + basis
            basis = [product(scale, a ^ product(other, b)) for a, b in zip(shifted, basis + [0])]
        bases.append(basis)
    polynomials = []
    for place in zip(*(bytes.fromhex(y) for y in given["ys"])):
        terms = [[product(y, coefficient) for coefficient in basis] for y, basis in zip(place, bases)]
        sums = []
        for column in zip(*terms):
            total = 0
            for value in column:
                total ^= value
            sums.append(total)
        polynomials.append(sums)
    json.dump(polynomials, sys.stdout)


main()

#!/usr/bin/env python3
"""Recovers a key from Claviger's papers. Written from docs/formats/recovery-by-hand.md, with Python and `cryptography` alone.

The files hold what a QR reader gave, one code a line, or the printed lines as somebody typed them. A passphrase is asked
for each share, in their order; if standard input is no terminal, it holds them, one a line.
"""

import argparse
import getpass
import hashlib
import hmac
import json
import os
import string
import sys
import unicodedata

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALPHABET = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
CHECKSUM_NUMBERS = [
    0x3D59D273535EA62D897,
    0x7A9BECB6361C6C51507,
    0x543F9B7E6C38D8A2A0E,
    0x0C577EAECCF1990D13C,
    0x1887F74F8DC71B10651,
]
CHECKSUM_START, CHECKSUM_END = 0x8C6300D96, 0x43381E570BF4798AB26
CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def check(condition, what):
    if not condition:
        sys.exit(what)


# Characters and lines (section 1)


def values_of(text, where):
    for place, character in enumerate(text, 1):
        check(character in ALPHABET, f"{where}: character {place} is {character}, which no code has")
    return [ALPHABET.index(character) for character in text]


def typed_text(rows, prefix, path):
    """The text of typed lines, each with its check characters."""
    text = ""
    for number, row in enumerate(rows, 1):
        where = f"{path}, line {number}"
        if row[0] == str(number):
            row = row[1:]
        line = "".join(row)
        check(len(line) == 22 or (number == len(rows) and 2 < len(line) < 22), f"{where}: {len(line)} characters")
        if number == 1:
            check(line.startswith(prefix), f"{where} does not begin with {prefix}")
        sums = [0, 0]
        for value in [number] + values_of(line[len(prefix) :] if number == 1 else line, where):
            doubled = sums[1] << 1
            sums = [sums[0] ^ value, (doubled ^ 41 if doubled & 32 else doubled) ^ value]
        check(sums == [0, 0], f"{where} does not check")
        text += line[:-2]
    return text


def codes_in(path, prefix):
    """Every code in a file, each once."""
    with open(path, encoding="utf-8") as file:
        rows = [row.translate(CAPITALS).split() for row in file if row.strip()]
    check(rows, f"{path} is empty")
    if all(len(row) == 1 and row[0].startswith(prefix) and len(row[0]) > 22 for row in rows):
        return sorted({row[0] for row in rows})
    return [typed_text(rows, prefix, path)]


# A share (sections 2 to 4)


def read_share(path):
    codes = codes_in(path, "CLV1")
    check(len(codes) == 1, f"{path} holds different shares")
    text = codes[0]
    check(len(text) == 155, f"{path}: {len(text)} characters, not 155")
    values = values_of(text[4:], path)
    residue = CHECKSUM_START
    for value in values:
        top = residue >> 70
        residue = ((residue & (1 << 70) - 1) << 5) ^ value
        for bit in range(5):
            if top >> bit & 1:
                residue ^= CHECKSUM_NUMBERS[bit]
    check(residue == CHECKSUM_END, f"{path}: the checksum is wrong")
    number = 0
    for value in values[:136]:
        number = number << 5 | value
    share = number.to_bytes(85, "big")
    check(share[0] == 1, f"{path}: a share of another version")
    check(share[2] > 0 and 2 <= share[1] >> 4 <= share[1] & 15 and 10 <= share[36] <= 20, f"{path}: out of range")
    return share


def open_share(share, passphrase, path):
    cost = 1 << share[36]
    password = unicodedata.normalize("NFKD", passphrase).encode()
    derived = hashlib.scrypt(password, salt=share[20:36], n=cost, r=8, p=1, dklen=44, maxmem=1024 * (cost + 8))
    try:
        return AESGCM(derived[:32]).decrypt(derived[32:], share[37:85], share[:37])
    except InvalidTag:
        sys.exit(f"{path}: the passphrase is wrong")


def product(one, other):
    result = 0
    while other:
        if other & 1:
            result ^= one
        one <<= 1
        if one & 0x100:
            one ^= 0x11B
        other >>= 1
    return result


INVERSE = {one: other for one in range(1, 256) for other in range(1, 256) if product(one, other) == 1}


def value_at(place, points):
    """The value at some x of the curve through the points; the master key is at 0."""
    result = bytearray(32)
    for x, y in points.items():
        factor = 1
        for other in points:
            if other != x:
                factor = product(factor, product(place ^ other, INVERSE[x ^ other]))
        for index in range(32):
            result[index] ^= product(factor, y[index])
    return bytes(result)


# Backup and manifest sheet (section 5)


def joined(paths, prefix):
    parts, heads = {}, set()
    for path in paths:
        for code in codes_in(path, prefix):
            number = 0
            for value in values_of(code[len(prefix) :], path):
                number = number << 5 | value
            spare = len(code[len(prefix) :]) * 5 % 8
            check(spare < 5 and number & (1 << spare) - 1 == 0, f"{path}: a code is not whole")
            part = (number >> spare).to_bytes(len(code[len(prefix) :]) * 5 // 8, "big")
            body, checked = part[:-8], part[-8:]
            digest = hashlib.sha256(prefix.encode() + b" part\0" + body).digest()
            check(digest[:8] == checked, f"{path}: a code does not check")
            heads.add(body[1:6])
            parts[body[0]] = body[6:]
    check(len(heads) == 1, "codes of different sheets")
    (head,) = heads
    missing = [str(number) for number in range(1, head[0] + 1) if number not in parts]
    check(not missing, f"code {', '.join(missing)} of {head[0]} is missing")
    whole = b"".join(parts[number] for number in sorted(parts))
    check(hashlib.sha256(prefix.encode() + b" whole\0" + whole).digest()[:4] == head[1:], "the codes do not fit together")
    return whole


def bytes_of(paths, prefix):
    """A file as it was on a medium, or the codes of a sheet."""
    with open(paths[0], "rb") as file:
        content = file.read()
    if len(paths) == 1 and not content.translate(CAPITALS_OF_BYTES).lstrip(b"1 \t\r\n").startswith(prefix.encode()[:4]):
        return content
    return joined(paths, prefix)


CAPITALS_OF_BYTES = bytes(ord(chr(byte).translate(CAPITALS)) for byte in range(256))


# With the manifest


def fields(*values):
    coded = [value.encode() if isinstance(value, str) else bytes(value) for value in values]
    return b"".join(len(value).to_bytes(4, "big") + value for value in coded)


def check_share(manifest, share, y, path):
    ceremony, epoch, x = manifest["ceremony"], [manifest["epoch"]], share[2]
    check(manifest["setId"] == share[4:20].hex(), f"{path}: a share of another set than the manifest's")
    listed = {entry["x"]: entry["commitment"] for entry in manifest["shares"]}
    commitment = hashlib.sha256(fields("claviger/CLV1/commitment", ceremony, epoch, [x], y)).hexdigest()
    check(listed.get(x) == commitment, f"{path}: the share was altered")


def check_master_key(manifest, master_key):
    message = fields("claviger/CLV1/key-check", manifest["ceremony"], [manifest["epoch"]])
    value = hmac.new(master_key, message, "sha256").hexdigest()[:32]
    check(value == manifest["keyCheckValue"], "this is not the manifest's master key")


# The key (sections 6 and 7)


def unwrap(master_key, wrapped):
    for opening in (keywrap.aes_key_unwrap_with_padding, keywrap.aes_key_unwrap):
        try:
            return opening(master_key, wrapped)
        except (keywrap.InvalidUnwrap, ValueError):
            pass
    sys.exit("the backup does not open: it belongs to another master key, or a share is wrong")


def public_half(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def sign(key, message):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(hashes.SHA384()))
    check(isinstance(key, rsa.RSAPrivateKey), "neither an EC nor an RSA key")
    return key.sign(message, padding.PKCS1v15(), hashes.SHA384())


def write_new(path, content, mode=0o600):
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def master_key_of(arguments):
    shares = [(path, read_share(path)) for path in arguments.shares]
    first = shares[0][1]
    check(all(share[4:20] == first[4:20] for _, share in shares), "the shares belong to different sets")
    check(len({share[2] for _, share in shares}) == len(shares), "one share was given twice")
    threshold = first[1] >> 4
    check(len(shares) >= threshold, f"{len(shares)} shares were given, and {threshold} are needed")
    manifest = json.loads(bytes_of(arguments.manifest, "CLVM1")) if arguments.manifest else None
    points = {}
    for path, share in shares:
        asked = f"Passphrase of {path}: "
        passphrase = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        points[share[2]] = open_share(share, passphrase, path)
        if manifest:
            check_share(manifest, share, points[share[2]], path)
    quorum = dict(list(points.items())[:threshold])
    for x, y in points.items():
        check(value_at(x, quorum) == y, "the shares contradict each other: one was altered")
    master_key = value_at(0, quorum)
    if manifest:
        check_master_key(manifest, master_key)
    return master_key


def main():
    parser = argparse.ArgumentParser(description="Recovers a key from share sheets, passphrases and a backup sheet.")
    parser.add_argument("--shares", nargs="+", required=True, metavar="FILE")
    parser.add_argument("--backup", nargs="+", required=True, metavar="FILE", help="codes, typed lines, or the .kwp file")
    parser.add_argument("--manifest", nargs="+", metavar="FILE", help="manifest.json, or the codes of its sheet")
    parser.add_argument("--certificate", metavar="FILE", help="whose key it must be")
    parser.add_argument("--message", metavar="FILE", help="is signed with the key")
    parser.add_argument("--signature", metavar="FILE", help="where the signature goes")
    parser.add_argument("--key-out", metavar="FILE", help="writes the key itself, in the clear")
    arguments = parser.parse_args()
    check((arguments.message is None) == (arguments.signature is None), "--message and --signature go together")

    wrapped = bytes_of(arguments.backup, "CLVB1")
    print(f"backup of {len(wrapped)} bytes, SHA-256 {hashlib.sha256(wrapped).hexdigest()}")
    opened = unwrap(master_key_of(arguments), wrapped)
    if len(opened) == 32:
        check(not arguments.certificate and not arguments.message, "this is a vault's key: it has no certificate and signs nothing")
        print("a vault's key (AES-256), SHA-256 of the key", hashlib.sha256(opened).hexdigest())
        content = opened
    else:
        key = serialization.load_der_private_key(opened, None)
        public = public_half(key.public_key())
        print("a private key; SHA-256 of its public half", hashlib.sha256(public).hexdigest())
        if arguments.certificate:
            with open(arguments.certificate, "rb") as file:
                certificate = x509.load_pem_x509_certificate(file.read())
            check(public_half(certificate.public_key()) == public, "it is not the key of that certificate")
            print("it is the key of", certificate.subject.rfc4514_string())
        if arguments.message:
            with open(arguments.message, "rb") as file:
                write_new(arguments.signature, sign(key, file.read()))
            print("signed:", arguments.signature)
        content = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    if arguments.key_out:
        write_new(arguments.key_out, content)
        print("the key is in the clear in", arguments.key_out)


main()

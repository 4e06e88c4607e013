"""Verifies an export of a ledger from docs/formats/ledger.md alone: Python's standard library, and openssl for signatures.

    python3 check_export.py EXPORT [ROOT.pem]

Prints a summary as JSON, or what is wrong, and ends with 0 or 1.
"""

import base64
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def fail(message):
    sys.exit(message)


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def cover(start, end):
    """The complete subtrees that hold the leaves from start up to and without end: their widths, left to right."""
    widths = []
    while start < end:
        width = 1
        while start % (2 * width) == 0 and start + 2 * width <= end:
            width *= 2
        widths.append(width)
        start += width
    return widths


class Tree:
    """The right edge of a growing tree: the width and hash of each complete subtree, largest first."""

    def __init__(self):
        self.edge = []

    def add(self, digest, width=1):
        while self.edge and self.edge[-1][0] == width:
            _, left = self.edge.pop()
            digest, width = node_hash(left, digest), 2 * width
        self.edge.append((width, digest))

    def root(self):
        digest = None
        for _, left in reversed(self.edge):
            digest = left if digest is None else node_hash(left, digest)
        return digest


def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True)


def signed_by(folder, certificate, content, signature):
    """Whether a detached CMS message over the content is that of the certificate, whatever else the message carries."""
    for name, data in (("signer.der", certificate), ("content", content), ("signature.der", signature)):
        (folder / name).write_bytes(data)
    if openssl("x509", "-inform", "DER", "-in", folder / "signer.der", "-out", folder / "signer.pem").returncode:
        return False
    verified = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "signature.der", "-content", folder / "content",
        "-certfile", folder / "signer.pem", "-nointern", "-noverify", "-out", folder / "verified",
    )
    return verified.returncode == 0 and (folder / "verified").read_bytes() == content


def is_of_training(folder, certificate):
    (folder / "key.der").write_bytes(certificate)
    subject = openssl("x509", "-inform", "DER", "-in", folder / "key.der", "-noout", "-subject", "-nameopt", "multiline")
    return re.search(rb"commonName\s*= TRAINING ", subject.stdout) is not None


def main(path, root=None):
    data = pathlib.Path(path).read_bytes()
    if not data.endswith(b"\n"):
        fail("the last line has no end")
    first, *lines = data[:-1].split(b"\n")
    header = json.loads(first)
    if header["format"] != "claviger-ledger-1":
        fail("another format")
    body = header["checkpoint"]["body"]
    match = re.fullmatch(r"(claviger/ledger/[0-9a-f]{16})\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/=]{44})\n", body)
    if not match:
        fail("the checkpoint is none")
    origin, size, signed_root = match[1], int(match[2]), base64.b64decode(match[3])
    start, end = header["from"], header["to"]
    if not 1 <= start <= end <= size:
        fail("the checkpoint does not cover the rows")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key = None
        for number, row in enumerate(header["keys"], 1):
            certificate = base64.b64decode(row["certificate"])
            if key is None and row["signature"] is not None:
                fail("the first key has a key before it")
            trained = row["signature"] is None and all(is_of_training(folder, one) for one in (key or certificate, certificate))
            signature = base64.b64decode(row["signature"] or "")
            if key is not None and not trained and not signed_by(folder, key, certificate, signature):
                fail(f"ledger key {number} is not signed by the key before it")
            key = certificate
        if not signed_by(folder, key, body.encode(), base64.b64decode(header["checkpoint"]["signature"])):
            fail("the checkpoint is not signed by the ledger key")
        if root is not None and openssl("verify", "-CAfile", root, folder / "signer.pem").returncode:
            fail("the ledger key is not certified by the root")

    tree = Tree()
    for part, begin, stop in (("before", 0, start - 1), ("after", end, size)):
        if len(header[part]) != len(cover(begin, stop)):
            fail("the hashes around the rows are not as many as they must be")
    for width, digest in zip(cover(0, start - 1), header["before"]):
        tree.add(base64.b64decode(digest), width)
    if len(lines) != end - start + 1:
        fail("the rows are not as many as the header says")
    for seq, line in enumerate(lines, start):
        digest, leaf = line[:44], line[45:]
        if base64.b64encode(leaf_hash(leaf)) != digest or line[44:45] != b" ":
            fail(f"row {seq} is not what its hash says")
        if json.loads(leaf)["seq"] != seq:
            fail(f"another row stands in the place of row {seq}")
        tree.add(leaf_hash(leaf))
    for width, digest in zip(cover(end, size), header["after"]):
        tree.add(base64.b64decode(digest), width)
    if tree.root() != signed_root:
        fail("the rows do not lead to the root that was signed")
    print(json.dumps({"origin": origin, "from": start, "to": end, "size": size}))


main(*sys.argv[1:])

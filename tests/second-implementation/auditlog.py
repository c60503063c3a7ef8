"""A second verifier of the audit log, written from docs/vectors/README.md and the C2SP specifications alone.

It names what is wrong, if less finely than the first one, and needs nothing but Python 3.
"""

import base64
import codecs
import collections
import contextlib
import datetime
import hashlib
import io
import json
import pathlib
import re
import sys
import time
import unicodedata

import ed25519

# Which event types there are is data of the format.
EVENTS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "events.json"
STREAM_OF = {event: stream for stream, events in json.loads(EVENTS.read_text(encoding="utf-8")).items() for event in events}
STREAM_OF["tombstone"] = "tombstone"

# How far the clock of a witness may be ahead of ours, in seconds.
MAY_BE_AHEAD = 300

# The last second of the year 9999: nobody states a later one.
LAST_SECOND = 253_402_300_799

# A number in the data of an entry may have as many digits as the entry has room for.
sys.set_int_max_str_digits(0)

NUMBER = rb"([1-9][0-9]{0,18})"
UUID = rb'"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"'
STRING = rb'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[1-7bef]|1[0-9a-f]))*"'
TEXT = b"(" + STRING + b")"
TEXT_OR_NULL = b"(null|" + STRING + b")"
TIME = rb'"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"'
ENTRY = re.compile(
    rb'\{"seq":' + NUMBER + rb',"id":' + UUID + rb',"stream":' + UUID + rb',"streamType":' + TEXT + rb',"version":' + NUMBER
    + rb',"type":' + TEXT + rb',"at":' + TIME + rb',"actor":' + TEXT_OR_NULL + rb',"onBehalfOf":' + TEXT_OR_NULL
    + rb',"source":' + TEXT_OR_NULL + rb',"correlation":' + TEXT_OR_NULL + rb',"causation":' + TEXT_OR_NULL
    + rb',"data":([^\x00-\x1f]+)\}')

# What PostgreSQL writes of a jsonb that is no list and no object, or an empty one: numbers without exponent, and no negative zero.
SCALAR = re.compile(
    rb"null|true|false|\{\}|\[\]|(?:-(?=[0.]*[1-9]))?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,16383})?|" + STRING)
NAME = re.compile(b"(" + STRING + b"): ")


class Wrong(Exception):
    """Something is not as it must be."""


def require(condition, text):
    if not condition:
        raise Wrong(text)


# The byte order marks that editors and shells write.
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_text(path):
    """A text that an auditor keeps: UTF-8, or what begins with a byte order mark of UTF-8 or UTF-16. Each line ends in a line feed."""
    content = pathlib.Path(path).read_bytes()
    mark, encoding = next(((mark, encoding) for mark, encoding in MARKS if content.startswith(mark)), (b"", "utf-8"))
    other = f"{path} is no text in UTF-8, nor in UTF-16 with a byte order mark: save it as UTF-8"
    try:
        text = content[len(mark):].decode(encoding)
    except UnicodeDecodeError as e:
        raise Wrong(other) from e
    require("\0" not in text, other)
    return text.replace("\r\n", "\n")


def refuse_constant(name):
    raise ValueError(name)


class Jsonb:
    """The text that PostgreSQL writes of a jsonb, of which each value has one. It is read without recursion: it may be deep."""

    def __init__(self, text):
        self.text, self.at, self.open = text, 0, []

    def read(self):
        """The value; Wrong where PostgreSQL would have written another text."""
        while True:
            value, is_open = self.value()
            if self.open:
                self.put(value)
            else:
                whole = value
            if is_open:
                self.open.append([value, None])
            else:
                while self.open and self.skip(b"}" if isinstance(self.open[-1][0], dict) else b"]"):
                    self.open.pop()
                if not self.open:
                    require(self.at == len(self.text), f"the data goes on at its byte {self.at}")
                    return whole
                require(self.skip(b", "), f"the data lacks a comma and one space at its byte {self.at}")
            if isinstance(self.open[-1][0], dict):
                self.name()

    def value(self):
        """A value; of a list or an object with something in it what is to be filled, and True."""
        bracket = self.text[self.at:self.at + 1]
        if bracket in (b"{", b"[") and self.text[self.at:self.at + 2] not in (b"{}", b"[]"):
            self.at += 1
            return {} if bracket == b"{" else [], True
        match = SCALAR.match(self.text, self.at)
        require(match, f"the data has no value of PostgreSQL at its byte {self.at}")
        self.at = match.end()
        return json.loads(match[0].decode()), False

    def put(self, value):
        inner, name = self.open[-1]
        if isinstance(inner, dict):
            inner[name] = value
        else:
            inner.append(value)

    def name(self):
        """The name of the next member. PostgreSQL orders names by their bytes, shorter ones first."""
        match = NAME.match(self.text, self.at)
        require(match, f"the data lacks the name of a member at its byte {self.at}")
        name, before = json.loads(match[1].decode()), self.open[-1][1]
        ascends = before is None or (len(before.encode()), before.encode()) < (len(name.encode()), name.encode())
        require(ascends, f"a member of the data stands twice, or not in its order, at its byte {self.at}")
        self.at, self.open[-1][1] = match.end(), name

    def skip(self, text):
        found = self.text.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found


def parse_entry(line):
    """The members of an entry; Wrong where a byte of it is not as it must be."""
    require(len(line) <= 65_535, f"an entry has {len(line)} bytes, and 65535 at most")
    match = ENTRY.fullmatch(line)
    require(match, "its members are not those of an entry, in their order and form")
    try:
        line.decode("utf-8")
        datetime.datetime.strptime(match[7].decode(), "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError as e:
        raise Wrong(str(e)) from e
    data = Jsonb(match[13]).read()
    require(int(match[1]) < 2**63 and int(match[5]) < 2**63, "a number is too large")
    return {
        "seq": int(match[1]), "id": match[2].decode(), "stream": match[3].decode(), "streamType": json.loads(match[4]),
        "version": int(match[5]), "type": json.loads(match[6]), "at": match[7].decode(), "data": data, "rawData": match[13],
    }


def check_own(entry):
    """An event of the log itself has all its members, and no others: by them a verdict is made."""
    data, members = entry["data"], OWN.get(entry["type"])
    if members is None:
        return
    require(isinstance(data, dict) and set(data) == set(members), f"the data of {entry['type']} has not the members it must have")
    for name, is_of_kind in members.items():
        require(is_of_kind(data[name]), f"the data of {entry['type']} has a {name} that is none")
    require(data["logId"] == entry["stream"], f"it is of the log {data['logId']}, and stands in the stream {entry['stream']}")


def id_in(line):
    """The id of the entry in a line, also where the line has faults."""
    match = re.search(rb'"id":' + UUID, line)
    return match[1].decode() if match else "unreadable"


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The full subtrees of a growing tree, as (leaves, root), the largest first."""

    def __init__(self):
        self.parts = []
        self.size = 0

    def append(self, leaf):
        self.size += 1
        part = (1, leaf)
        while self.parts and self.parts[-1][0] == part[0]:
            left = self.parts.pop()
            part = (2 * part[0], node_hash(left[1], part[1]))
        self.parts.append(part)

    def root(self):
        if not self.parts:
            return hashlib.sha256(b"").digest()
        root = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            root = node_hash(left, root)
        return root


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def root_of(leaves):
    """RFC 6962, section 2.1, over leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = split(len(leaves))
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def inclusion_of(index, leaves):
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return inclusion_of(index, leaves[:k]) + [root_of(leaves[k:])]
    return inclusion_of(index - k, leaves[k:]) + [root_of(leaves[:k])]


def consistency_of(size, leaves, known=True):
    """RFC 6962, section 2.1.2."""
    if size == 0:
        return []
    if size == len(leaves):
        return [] if known else [root_of(leaves)]
    k = split(len(leaves))
    if size <= k:
        return consistency_of(size, leaves[:k], known) + [root_of(leaves[k:])]
    return consistency_of(size - k, leaves[k:], False) + [root_of(leaves[:k])]


def root_from_inclusion(index, size, leaf, proof):
    """RFC 9162, section 2.1.3.2."""
    require(index < size, "the index lies beyond the tree")
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        require(last > 0, "the proof is too long")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    require(last == 0, "the proof is too short")
    return root


def check_consistency(old, new, old_root, new_root, proof):
    """RFC 9162, section 2.1.4.2."""
    if old == 0 or old == new:
        require(not proof and (old == 0 or old_root == new_root), "a proof that nothing is needed for is not empty, or the roots differ")
        return
    if old & (old - 1) == 0:
        proof = [old_root] + proof
    require(proof, "the proof is too short")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = proof[0]
    for sibling in proof[1:]:
        require(last > 0, "the proof is too long")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    require(last == 0 and first == old_root and second == new_root, "the trees are not consistent")


def tile_path(level, index, width):
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    return f"tile/{level}/" + "/".join(["x" + p for p in parts[:-1]] + parts[-1:]) + ("" if width == 256 else f".p/{width}")


class Tiles:
    """Makes the tiles of a growing tree; full ones are handed on at once."""

    def __init__(self, take):
        self.take = take
        self.levels = []

    def append(self, digest, level=0):
        if level == len(self.levels):
            self.levels.append((0, []))
        index, hashes = self.levels[level]
        hashes.append(digest)
        if len(hashes) == 256:
            self.take(tile_path(level, index, 256), b"".join(hashes))
            self.levels[level] = (index + 1, [])
            self.append(root_of(hashes), level + 1)

    def finish(self):
        for level, (index, hashes) in enumerate(self.levels):
            if hashes:
                self.take(tile_path(level, index, len(hashes)), b"".join(hashes))


def read_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as e:
        raise Wrong(f"{what} is not base64") from e
    require(base64.b64encode(data).decode() == text, f"{what} is not base64 in its one form")
    return data


def is_name(text):
    """Whether it names a key: not empty, without spaces, plus and control characters."""
    return text != "" and not any(c.isspace() or unicodedata.category(c) == "Cc" or c == "+" for c in text)


class Key:
    def __init__(self, vkey, first=0, last=None):
        name, hash_, encoded = vkey.split("+", 2) if vkey.count("+") >= 2 else ("", "", "")
        data = read_base64(encoded, f"the key {vkey}")
        require(len(data) == 33 and data[0] in (1, 4), f"{vkey} is no Ed25519 key")
        self.vkey, self.name, self.kind, self.public = vkey, name, data[0], data[1:]
        self.id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        require(is_name(name) and self.id.hex() == hash_, f"the hash of {vkey} is not that of the key")
        self.first, self.last = first, last

    def covers(self, size):
        return self.first <= size and (self.last is None or size <= self.last)

    def verifies(self, text, signature):
        if self.kind == 1:
            return ed25519.verify(self.public, text.encode(), signature)
        seconds = int.from_bytes(signature[:8], "big")
        return seconds <= LAST_SECOND and ed25519.verify(self.public, f"cosignature/v1\ntime {seconds}\n{text}".encode(), signature[8:])


def read_once(text):
    """What a text of JSON holds; no member of an object stands there twice."""
    def once(pairs):
        require(len({name for name, _ in pairs}) == len(pairs), "a member stands twice in a line")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as e:
        raise Wrong(f"a line is no JSON: {e}") from e


def read_members(text, needed, optional=()):
    """The members of a line of JSON, which has these and no others, each once."""
    read = read_once(text)
    require(isinstance(read, dict) and set(needed) <= set(read) <= {*needed, *optional}, "a line has not the members it must have")
    return read


def is_number(value):
    """Whether it is a whole number of 64 bits."""
    return type(value) is int and -2**63 <= value < 2**63


def is_count(value):
    return is_number(value) and value >= 0


def is_text(value):
    return isinstance(value, str)


def is_day(value):
    try:
        return is_text(value) and bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def is_note(value):
    return is_text(value) and bool(Note(value))


# The members of the events of the log itself.
OWN = {
    "log_succeeded": {
        "logId": is_text, "origin": is_text, "oldCheckpoint": is_note, "restoredSize": is_count, "lost": is_count, "reason": is_text,
        "by": is_text,
    },
    "audit_access_sealed": {
        "logId": is_text, "day": is_day, "count": is_count,
        "sha256": lambda value: is_text(value) and bool(re.fullmatch("[0-9a-f]{64}", value)),
    },
}


def read_key(line):
    if not line.startswith("{"):
        return Key(line)
    read = read_members(line, {"key", "firstSize"}, {"lastSize"})
    key, first, last = read["key"], read["firstSize"], read.get("lastSize")
    require(isinstance(key, str) and is_number(first) and first >= 0, "a key has not its form")
    require(last is None or is_number(last) and last >= first, "a key has not its form")
    return Key(key, first, last)


def read_keys(text):
    """The keys of an auditor's file."""
    lines = [line.strip() for line in re.split("\r\n|\r|\n", text)]
    return [read_key(line) for line in lines if line and not line.startswith("#")]


def read_checkpoint(line):
    """A line of checkpoints."""
    require(line.endswith("\n"), "the last line of the checkpoints does not end in a line feed")
    read = read_members(line, {"size", "note"})
    require(isinstance(read["note"], str), "a note is none")
    note = Note(read["note"])
    require(is_number(read["size"]) and read["size"] == note.size, f"the size {read['size']} is not the one in the note")
    return note


def read_kept(text, name):
    """
    The checkpoints in a file that an auditor kept: lines as in an export, or one note. In the anchor of a register one stands twice where
    a sequencer was slow to learn that another had taken over.
    """
    if not text.startswith("{"):
        with placed(name):
            return [Note(text)]
    notes, largest, known = [], {}, set()
    for number, line in enumerate(io.BytesIO(text.encode()), 1):
        with placed(f"{name}, line {number}"):
            note = read_checkpoint(line.decode())
            before, is_again = largest.get(note.origin, -1), (note.origin, note.size) in known
            require(note.size > before or is_again, f"the size {note.size} does not ascend; {before} stands before it")
        largest[note.origin] = max(before, note.size)
        known.add((note.origin, note.size))
        notes.append(note)
    return notes


class Note:
    """A signed note with a checkpoint in it."""

    def __init__(self, note):
        require(len(note) <= 1 << 20, "a note is too long")
        require(not re.search(r"[\x00-\x09\x0b-\x1f]", note), "a note holds control characters")
        require(not re.search("[\ud800-\udfff]", note), "a note is no Unicode text")
        body, separator, signatures = note.rpartition("\n\n")
        require(separator and signatures.endswith("\n"), "a note has no signatures")
        self.text = body + "\n"
        lines = self.text.split("\n")
        require(len(lines) == 4 and lines[0] and lines[3] == "", "a checkpoint has not three lines")
        self.origin = lines[0]
        require(is_name(self.origin), "an origin is none")
        require(re.fullmatch("0|[1-9][0-9]*", lines[1]), "the size of a checkpoint has not its form")
        self.size = int(lines[1])
        self.root = read_base64(lines[2], "a root")
        require(len(self.root) == 32, "a root has not 32 bytes")
        self.signatures = []
        for line in signatures[:-1].split("\n"):
            match = re.fullmatch("\u2014 ([^ ]+) ([^ ]+)", line)
            require(match and is_name(match[1]), "a signature line has not its form")
            data = read_base64(match[2], "a signature")
            require(len(data) > 4, "a signature has nothing behind the id of its key")
            self.signatures.append((match[1], data[:4], data[4:]))

    def signers(self, keys):
        signed = []
        for key in keys:
            mine = [s for name, id_, s in self.signatures if name == key.name and id_ == key.id]
            false = f"the signature of {key.name} (key {key.id.hex()}) is false: the note was altered, or the signature was"
            require(all(key.verifies(self.text, s) for s in mine), false)
            if mine:
                signed.append(key)
        return signed

    def seen_by(self, witness):
        """When a witness that signed it states that it saw it, in seconds since 1970."""
        return min(int.from_bytes(s[:8], "big") for name, id_, s in self.signatures if name == witness.name and id_ == witness.id)


def check_note(note, keys, is_lost=False):
    """
    Signed by every key whose range holds its size, and by no other of its origin. What a log that is lost signed after the last
    checkpoint that is left of it may be known from outside only.
    """
    own = [k for k in keys if k.kind == 1 and k.name == note.origin]
    signed = note.signers(own)
    require(signed, f"the checkpoint of size {note.size} is signed by no known key")
    for key in own:
        if is_lost and key.last is not None and note.size > key.last:
            continue
        lacks = f"the checkpoint of size {note.size} lacks the signature of the key {key.id.hex()}, which signs from {key.first} on"
        require(key in signed or not key.covers(note.size), lacks)
        beyond = f"the checkpoint of size {note.size} is signed by the key {key.id.hex()}, which signs only {key.first} to {key.last}"
        require(key not in signed or key.covers(note.size), beyond)
    note.signers([k for k in keys if k.kind == 4])


def check_proof(text, entry, keys):
    """A tlog-proof@v1 for an entry, whose checkpoint it gives."""
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    is_proof = separator and len(lines) > 1 and lines[0] == "c2sp.org/tlog-proof@v1"
    require(is_proof and re.fullmatch("index (0|[1-9][0-9]*)", lines[1]), "a proof has not its form")
    checkpoint = Note(note)
    own = [k for k in keys if k.kind == 1 and k.name == checkpoint.origin and k.covers(checkpoint.size)]
    require(checkpoint.signers(own), "the checkpoint is signed by no known key")
    checkpoint.signers([k for k in keys if k.kind == 4])
    root = root_from_inclusion(int(lines[1][6:]), checkpoint.size, leaf_hash(entry), read_hashes(lines[2:]))
    require(root == checkpoint.root, "the proof does not lead to the root")
    return checkpoint


def read_hashes(texts):
    hashes = [read_base64(text, "a hash") for text in texts]
    require(all(len(hash_) == 32 for hash_ in hashes), "a hash has not 32 bytes")
    return hashes


def read_consistency(text):
    """The answer of the log for the consistency of two sizes: these, and the hashes of the proof."""
    read = read_once(text)
    is_answer = isinstance(read, dict) and is_number(read.get("from")) and is_number(read.get("to")) and isinstance(read.get("hashes"), list)
    require(is_answer and all(isinstance(hash_, str) for hash_ in read["hashes"]), "a proof of consistency has not its form")
    return (read["from"], read["to"]), read_hashes(read["hashes"])


def tied(checkpoint, text, keys, consistency):
    """The sizes of the checkpoints in a file that was kept which are held against that of a proof, by its root or a proof of consistency."""
    lines = [line + "\n" for line in text.split("\n") if line]
    for note in [read_checkpoint(line) for line in lines] if text.startswith("{") else [Note(text)]:
        if note.origin != checkpoint.origin or note.size == 0:
            continue
        own = [k for k in keys if k.kind == 1 and k.name == note.origin and k.covers(note.size)]
        require(note.signers(own), f"the kept checkpoint of size {note.size} is signed by no known key")
        old, new = sorted((note, checkpoint), key=lambda one: one.size)
        if old.size == new.size:
            require(old.root == new.root, f"there are two checkpoints of size {note.size}: the log told two stories")
            yield note.size
        elif consistency and consistency[0] == (old.size, new.size):
            check_consistency(old.size, new.size, old.root, new.root, consistency[1])
            yield note.size


class Directory:
    """The files of an export in a directory."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        for name in self.path.rglob("*"):
            require(not name.is_symlink(), f"{name} is a link: an export has plain files")

    def names(self):
        return {p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file()}

    def read(self, name):
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError as e:
            raise Wrong(f"{name} is missing") from e

    def lines(self, name):
        try:
            with open(self.path / name, "rb") as file:
                yield from file
        except FileNotFoundError as e:
            raise Wrong(f"{name} is missing") from e


class Archive:
    """The files of an export in a tar archive, which holds plain files of an export, each once, and nothing else."""

    ATTRIBUTE = re.compile(rb"([1-9][0-9]{0,4}) (path|mtime|atime|ctime|uid|gid|uname|gname)=")
    FOLDER = re.compile(rb"(\.|(\./)?tile(/(0|[1-9][0-9]?)(/x[0-9]{3})*(/[0-9]{3}\.p)?)?)/?")
    LEVEL, WIDTH = rb"(?:[0-9]|[1-5][0-9]|6[0-3])", rb"(?:[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
    TILE = rb"tile/" + LEVEL + rb"/(?:x(?!000)[0-9]{3}/(?:x[0-9]{3}/)*)?[0-9]{3}(?:\.p/" + WIDTH + rb")?"
    NAME = re.compile(rb"(?:\./)?(entries\.ndjson|checkpoints\.ndjson|keys|" + TILE + rb")")

    def __init__(self, path):
        self.path, self.places = pathlib.Path(path), {}
        with open(self.path, "rb") as file:
            length, paths = file.seek(0, 2), None
            require(length > 0, "the archive is empty")
            file.seek(0)
            while (header := file.read(512)).strip(b"\0"):
                size = self.check_header(header)
                if header[156:157] == b"x" and paths is None:
                    require(size <= 1 << 16, "extended attributes are too long")
                    paths = self.read_attributes(file.read(size), size)
                    file.seek(-size % 512, 1)
                    require(file.tell() <= length, "the archive ends inside extended attributes")
                    continue
                self.take(file, length, header, size, paths or [])
                paths = None
            require(paths is None, "there are extended attributes of no file")
            while block := file.read(1 << 20):
                require(not block.strip(b"\0"), "something stands behind the end of the archive")

    def take(self, file, length, header, size, paths):
        written, kind = header[:100].split(b"\0")[0], header[156:157]
        is_called_so = all(path == written for path in paths) and not header[345:500].strip(b"\0")
        if kind == b"5" and size == 0 and is_called_so and self.FOLDER.fullmatch(written):
            return
        name = self.NAME.fullmatch(written)
        require(name and kind in b"0\0" and is_called_so, f"{written!r} is no plain file of an export")
        name = name[1].decode()
        require(name not in self.places, f"{name} stands twice in the archive")
        require(size <= length - file.tell(), f"the archive ends inside {name}")
        self.places[name] = (file.tell(), size)
        file.seek(size + -size % 512, 1)

    @staticmethod
    def octal(field):
        match = re.fullmatch(rb"([0-7]+)[\0 ]+", field)
        require(match, "a number in a header is none")
        return int(match[1], 8)

    def check_header(self, header):
        """The size that it states, once it is a header of this form."""
        require(len(header) == 512, "the archive ends inside a header")
        require(self.octal(header[148:156]) == sum(header[:148] + header[156:]) + 8 * 32, "the sum of a header is wrong")
        require(header[257:265] in (b"ustar\00000", b"ustar  \0"), "a header is of another form")
        if header[124] != 0x80:
            return self.octal(header[124:136])
        require(not header[125:128].strip(b"\0") and header[128] < 0x80, "a size is none")
        return int.from_bytes(header[128:136], "big")

    def read_attributes(self, text, size):
        """The names that extended attributes give to the file behind them."""
        require(len(text) == size, "the archive ends inside extended attributes")
        paths = []
        while text:
            match = self.ATTRIBUTE.match(text)
            length = int(match[1]) if match else 0
            require(match and match.end() < length <= len(text) and text[length - 1:length] == b"\n", "extended attributes say more than they may")
            if match[2] == b"path":
                paths.append(text[match.end():length - 1])
            text = text[length:]
        require(len(paths) <= 1 and b"" not in paths, "a file has two names, or an empty one")
        return paths

    def names(self):
        return set(self.places)

    def read(self, name):
        require(name in self.places, f"{name} is missing")
        offset, size = self.places[name]
        with open(self.path, "rb") as file:
            file.seek(offset)
            content = file.read(size)
        require(len(content) == size, f"the archive ends inside {name}")
        return content

    def lines(self, name):
        yield from io.BytesIO(self.read(name))


def open_export(path):
    return Directory(path) if pathlib.Path(path).is_dir() else Archive(path)


@contextlib.contextmanager
def placed(place):
    """Says where something is wrong."""
    try:
        yield
    except Wrong as e:
        raise Wrong(f"{place}: {e}") from e


def few(numbers):
    return ", ".join(str(number) for number in numbers[:5]) + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")


def differing(path, stored, made):
    """How a tile is not the one that the entries make, and of which of them."""
    if len(stored) != len(made):
        return f"has {len(stored)} bytes instead of {len(made)}"
    level, *parts = path.removeprefix("tile/").split(".p/")[0].split("/")
    index, width = int("".join(part.removeprefix("x") for part in parts)), 256 ** int(level)
    places = [256 * index + at // 32 for at in range(0, len(made), 32) if stored[at:at + 32] != made[at:at + 32]]
    entries = [place if width == 1 else f"{place * width} to {(place + 1) * width - 1}" for place in places]
    return f"holds another hash than the entries make, for the entries at index {few(entries)}"


class Export:
    """Holds all of an export to the keys that are trusted; what is wrong is collected."""

    def __init__(self, files, trusted, kept=(), now=None):
        """What is kept is given as the texts of files. No witness has seen anything after now, in seconds since 1970."""
        self.files, self.trusted, self.kept_files, self.kept = files, trusted, kept, []
        self.wrong, self.rests_on, self.lost, self.cosigned = [], [], 0, {}
        self.now = time.time() if now is None else now

    def attempt(self, check, *arguments):
        try:
            return check(*arguments)
        except (Wrong, ValueError, KeyError, TypeError) as e:
            self.wrong.append(str(e) if isinstance(e, Wrong) else f"{type(e).__name__}: {e}")
            return None

    def check(self):
        self.keys = self.attempt(self.check_keys) or self.trusted
        self.notes = self.attempt(self.check_checkpoints) or []
        for number, text in enumerate(self.kept_files, 1):
            self.kept += self.attempt(read_kept, text, f"kept file {number}") or []
        roots = {}
        for note in self.kept:
            found = len(self.wrong)
            self.attempt(check_note, note, self.keys, bool(self.notes) and note.origin != self.notes[-1].origin)
            self.attempt(self.count_witnesses, note)
            if len(self.wrong) == found and roots.setdefault((note.origin, note.size), note.root) != note.root:
                self.wrong.append(f"two kept checkpoints of size {note.size} have other roots: the log told two stories")
        self.attempt(self.check_entries)
        return self.wrong

    def verdict(self, witnesses=None):
        """The code a verifier ends with, and what it rests on."""
        if witnesses is not None:
            sizes = sorted((size for size in self.cosigned.values() if size > 0), reverse=True)
            if len(sizes) >= witnesses:
                self.rests_on.append(f"{witnesses} witnesses, up to size {sizes[witnesses - 1]}")
            else:
                self.wrong.append(f"{len(sizes)} witnesses cosigned, and {witnesses} must have")
        if self.wrong:
            return 1
        return 5 if self.lost else 0 if self.rests_on else 4

    def count_witnesses(self, note):
        for key in note.signers([k for k in self.keys if k.kind == 4]):
            if note.seen_by(key) > self.now + MAY_BE_AHEAD:
                continue  # of a time that is still to come: it saw nothing
            self.cosigned[key.vkey] = max(note.size, self.cosigned.get(key.vkey, 0))

    def check_keys(self):
        text = self.files.read("keys").decode()
        require(text.endswith("\n"), "the last line of keys does not end in a line feed")
        stated = [read_key(line) for line in text.split("\n") if line]
        known = {k.vkey: k for k in stated}
        require(len(known) == len(stated), "a key is stated twice")
        for key in self.trusted:
            require(key.kind == 4 or key.vkey in known, f"the key {key.vkey} is not stated")
        for key in self.trusted:
            said = known.get(key.vkey, key)
            is_open = (key.first, key.last) == (0, None) or (key.first == said.first and key.last is None)
            require(key.kind == 4 or is_open or (key.first, key.last) == (said.first, said.last), f"other sizes are stated for {key.vkey}")
        return [known.get(k.vkey, k) if k.last is None else k for k in self.trusted]

    def check_checkpoints(self):
        notes, origins = [], []
        for number, line in enumerate(self.files.lines("checkpoints.ndjson"), 1):
            with placed(f"checkpoints.ndjson, line {number}"):
                note = read_checkpoint(line.decode())
                check_note(note, self.keys)
                self.count_witnesses(note)
            if not origins or note.origin != origins[-1]:
                turns = f"checkpoints.ndjson, line {number}: a checkpoint of {note.origin} stands after those of its successor"
                require(note.origin not in origins, turns)
                origins.append(note.origin)
            elif notes:
                order = f"checkpoints.ndjson, line {number}: the size {note.size} does not ascend; {notes[-1].size} stands before it"
                require(note.size > notes[-1].size, order)
            notes.append(note)
        require(notes, "there is no checkpoint")
        for key in self.keys:
            sizes = [n.size for n in notes if key in n.signers([key])]
            if key.kind == 1 and sizes and (key.first, key.last) != (0, None):
                last_known = key.last is None or key.name != origins[-1] or max(sizes) == key.last
                stated = f"{key.first} to {'now' if key.last is None else key.last} are stated for it"
                signed = f"the key {key.id.hex()} signed the sizes {min(sizes)} to {max(sizes)}, and {stated}"
                require(min(sizes) == key.first and last_known, signed)
        return notes

    def check_entries(self):
        newest = self.notes[-1].size if self.notes else 0
        tree, roots, versions, ids, seqs, successions, index = Tree(), {}, {}, set(), set(), [], 0
        self.types = {}
        sizes = {n.size for n in self.notes + self.kept}
        unseen = {n for n in self.files.names() if n.startswith("tile/")}

        def take(path, content):
            unseen.discard(path)
            require(self.files.read(path) == content, f"{path} {differing(path, self.files.read(path), content)}")

        tiles = Tiles(lambda path, content: self.attempt(take, path, content))
        if 0 in sizes:
            roots[0] = tree.root()
        for line in self.files.lines("entries.ndjson"):
            require(line.endswith(b"\n"), "the last entry does not end in a line feed")
            self.attempt(self.check_entry, index, line[:-1], versions, ids, seqs, successions)
            tree.append(leaf_hash(line[:-1]))
            index += 1
            if index <= newest:
                tiles.append(leaf_hash(line[:-1]))
            if index in sizes:
                roots[index] = tree.root()
        tiles.finish()
        for path in sorted(unseen):
            self.wrong.append(f"{path} is no tile of the tree")
        if index != newest:
            self.wrong.append(f"there are {index} entries, and the newest checkpoint has {newest}")
        for stream, seen in versions.items():
            places = sorted(set(seen))
            gaps = [(before + 1, place - 1) for before, place in zip([0, *places], places) if place > before + 1]
            lacking = [f"{first}" if first == last else f"{first} to {last}" for first, last in gaps]
            twice = [version for version, times in sorted(collections.Counter(seen).items()) if times > 1]
            if lacking or twice:
                what = [f"lacks version {few(lacking)}"] * bool(lacking) + [f"has version {few(twice)} more than once"] * bool(twice)
                self.wrong.append(f"stream {stream} {' and '.join(what)}")
        shared = self.attempt(self.check_succession, successions) or {}
        for note in self.notes + self.kept:
            if note.size <= shared.get(note.origin, newest) and roots.get(note.size) != note.root:
                self.wrong.append(f"the entries do not make the root of the checkpoint of size {note.size}")
        for note in self.kept:
            if note.origin not in shared:
                self.wrong.append(f"a kept checkpoint is of {note.origin}, a log the export knows nothing of")
            elif note.size > newest and note.origin == self.notes[-1].origin:
                self.wrong.append(f"the kept checkpoint of size {note.size} is larger than the export")
            elif 0 < note.size <= shared[note.origin]:
                self.rests_on.append(f"the kept checkpoint of size {note.size}")

    def check_entry(self, index, line, versions, ids, seqs, successions):
        missing = f"index {index}: the entry is missing: its line is empty, as where an event is gone or has no form"
        require(line, missing)
        place = f"index {index} (id {id_in(line)})"
        with placed(f"{place}: the line has not the form of an entry"):
            entry = parse_entry(line)
        require(entry["type"] in STREAM_OF, f"{place}: the type {entry['type']} is unknown")
        belongs = f"{place}: {entry['type']} belongs to a stream of {STREAM_OF[entry['type']]}, not of {entry['streamType']}"
        require(STREAM_OF[entry["type"]] == entry["streamType"], belongs)
        require(entry["id"] not in ids, f"{place}: the event stands there twice")
        require(entry["seq"] not in seqs, f"{place}: another entry has the position {entry['seq']}")
        ids.add(entry["id"])
        seqs.add(entry["seq"])
        if entry["type"] == "tombstone":
            require(entry["rawData"] == b"{}", f"{place}: a tombstone holds data")
        else:
            versions.setdefault(entry["stream"], []).append(entry["version"])
            first = self.types.setdefault(entry["stream"], entry["streamType"])
            require(first == entry["streamType"], f"{place}: the stream {entry['stream']} is of {first}, and here of {entry['streamType']}")
        with placed(place):
            check_own(entry)
        if entry["type"] == "log_succeeded":
            successions.append((index, entry["data"]))

    def check_succession(self, successions):
        """For each origin the size up to which its checkpoints speak of the tree there is."""
        origins = list(dict.fromkeys(n.origin for n in self.notes))
        shared = {origins[-1]: self.notes[-1].size} if origins else {}
        for old, new in reversed(list(zip(origins, origins[1:]))):
            found = [(i, d) for i, d in successions if d["origin"] == new and Note(d["oldCheckpoint"]).origin == old]
            require(len(found) == 1, f"no entry tells how {new} succeeded {old}")
            index, data = found[0]
            note, restored = Note(data["oldCheckpoint"]), data["restoredSize"]
            require(note.signers([k for k in self.keys if k.kind == 1 and k.name == old]), "the old checkpoint is not signed")
            require(index >= restored and data["lost"] == max(0, note.size - restored), "a succession contradicts itself")
            self.lost += data["lost"]
            stated = [n for n in self.notes + self.kept if n.origin == old]
            promised = [n for n in stated if n.size > min(restored, shared[new])]
            require(all(n.size <= note.size for n in promised), "more was promised than is said to be lost")
            require(all(n.root == note.root for n in stated if n.size == note.size), "the old log told two stories")
            shared[old] = min(restored, shared[new])
        require(len(successions) == max(0, len(origins) - 1), "there are successions that no checkpoint shows")
        return shared

#!/usr/bin/env python3
"""Checks an export of the audit log, holds an entry to its proof, counts a published figure again, or checks the vectors of the project.

    verify.py export <directory | export.tar> <file of trusted keys> [--witnesses <number>] [<file with a kept checkpoint>]…
    verify.py proof <file.tlog-proof> <file of the entry> <file of trusted keys> [--consistency <file>] [<file with a kept checkpoint>]…
    verify.py figure <publication id> <directory | export.tar>
    verify.py vectors <docs/vectors>

Ends with 0 where everything holds against a kept checkpoint or so many witnesses, 1 where something does not, 4 where nothing from
outside was held against it, 5 where a recovery admits a loss. The checks of the vectors end with their sum, and with 0 or 1.
"""

import base64
import contextlib
import io
import json
import pathlib
import sys
import tarfile
import tempfile
import uuid

import auditlog
import ed25519
import figures
from auditlog import Directory, Export, Tree, Wrong


class Altered(Directory):
    """An export with one file changed in memory."""

    def __init__(self, path, name, content):
        super().__init__(path)
        self.name, self.content = name, content

    def names(self):
        return super().names() - ({self.name} if self.content is None else set())

    def read(self, name):
        if name == self.name and self.content is None:
            raise Wrong(f"{name} is missing")
        return self.content if name == self.name else super().read(name)

    def lines(self, name):
        yield from self.read(name).splitlines(keepends=True) if name == self.name else super().lines(name)


class Checks:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.passed = self.failed = 0

    def check(self, name, function, *arguments):
        try:
            function(*arguments)
            self.passed += 1
        except Exception as e:  # whatever happens is a check that failed
            self.failed += 1
            print(f"FAILED: {name}: {type(e).__name__}: {e}")

    def json(self, name):
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def run(self):
        self.check("Ed25519 of RFC 8032", self.rfc_8032)
        self.check("entries", self.entries)
        self.check("refused entries", self.refused)
        for export in ("export", "recovered"):
            self.leaves = [auditlog.leaf_hash(l[:-1]) for l in Directory(self.path / export).lines("entries.ndjson")]
            self.check(export, self.export, export)
            self.check(f"{export}, tampered with", self.tampered, export)
        self.leaves = [auditlog.leaf_hash(l[:-1]) for l in Directory(self.path / "export").lines("entries.ndjson")]
        self.check("what is named", self.named)
        self.check("roots", self.roots)
        self.check("inclusion proofs", self.inclusion)
        self.check("consistency proofs", self.consistency)
        self.check("tlog proofs", self.tlog_proofs)
        self.check("proofs", self.proofs)
        self.check("entry bundle", self.bundle)
        self.check("archive", self.archive)
        self.check("archives", self.archives)
        self.check("kept checkpoints", self.kept)
        self.check("saved files", self.saved)
        self.check("numbers of witnesses", self.witnesses)
        self.check("small exports", self.exports)
        self.check("figures", self.figures)
        self.check("histories", self.histories)

    def rfc_8032(self):
        """Section 7.1, test 3."""
        key = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
        signature = bytes.fromhex(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")
        assert ed25519.verify(key, bytes.fromhex("af82"), signature)
        assert not ed25519.verify(key, bytes.fromhex("af83"), signature)
        assert not ed25519.verify(key, bytes.fromhex("af82"), signature[:32] + (int.from_bytes(signature[32:], "little") + ed25519.L).to_bytes(32, "little"))

    def entries(self):
        lines = (self.path / "entries.ndjson").read_bytes().splitlines(keepends=True)
        expected = (self.path / "leaf-hashes").read_text().split()
        assert len(lines) == len(expected) > 5
        for line, hash_ in zip(lines, expected):
            auditlog.parse_entry(line[:-1])
            assert auditlog.leaf_hash(line[:-1]).hex() == hash_, line

    def refused(self):
        refused = self.json("refused-entries.json")
        assert len(refused) > 10
        for one in refused:
            try:
                auditlog.parse_entry(one["entry"].encode())
            except Wrong:
                continue
            raise Wrong(f"taken, though {one['why']}")

    def trusted(self, export):
        return auditlog.read_keys((self.path / f"{export}.keys").read_text())

    def export(self, export):
        alone = Export(Directory(self.path / export), self.trusted(export))
        assert not alone.check(), alone.wrong
        assert alone.verdict() == (5 if export == "recovered" else 4)
        newest = (self.path / export / "checkpoints.ndjson").read_bytes().splitlines(keepends=True)[-1]
        kept = Export(Directory(self.path / export), self.trusted(export), [newest.decode()])
        assert not kept.check() and kept.rests_on and kept.verdict() == (5 if export == "recovered" else 0)
        witnessed = Export(Directory(self.path / export), self.trusted(export))
        witnessed.check()
        assert witnessed.verdict(1) == (1 if export == "recovered" else 0)

        # The witness states a second of 2025. Before that it has seen nothing, give or take how far its clock may be ahead.
        for now, code in ((1_750_000_000 - 300, 0), (1_750_000_000 - 301, 1)) if export == "export" else ():
            ahead = Export(Directory(self.path / export), self.trusted(export), now=now)
            assert not ahead.check() and ahead.verdict(1) == code, now

    def tampered(self, export):
        """Every file is altered in a few places, and the alteration found."""
        files = Directory(self.path / export)
        for name in sorted(files.names()):
            content = files.read(name)
            altered = [None, content[:-1]] + [content[:at] + bytes([content[at] ^ 4]) + content[at + 1:] for at in (0, len(content) // 2, len(content) - 1)]
            lines = content.splitlines(keepends=True)
            if name == "entries.ndjson":
                altered += [b"".join(lines[:5] + lines[6:]), b"".join(lines + lines[-1:]), b"".join([lines[1], lines[0]] + lines[2:])]
            for other in altered:
                assert Export(Altered(self.path / export, name, other), self.trusted(export)).check(), f"an alteration of {name} went unseen"

    def named(self):
        """What is wrong is named by its place, and by what differs."""
        path = self.path / "export"
        lines = Directory(path).read("entries.ndjson").splitlines(keepends=True)
        checkpoints = Directory(path).read("checkpoints.ndjson").splitlines(keepends=True)
        tile = Directory(path).read("tile/0/001.p/44")
        entries = [auditlog.parse_entry(line[:-1]) for line in lines]
        entry, grown = entries[7], next(e for e in entries if e["version"] == 2)
        first = next(line for line, e in zip(lines, entries) if e["stream"] == grown["stream"] and e["version"] == 1)
        place, other = f"index 7 (id {entry['id']}): ", "holds another hash than the entries make, for the entries at index"
        cases = [
            ("entries.ndjson", [*lines[:7], lines[7].replace(b'"data":{', b'"data": {'), *lines[8:]], f"{place}the line has not the form"),
            ("entries.ndjson", [*lines[:7], b"\n", *lines[8:]], "index 7: the entry is missing: its line is empty"),
            ("entries.ndjson", [*lines[:7], lines[7].replace(b'"data":{', b'"data":{"x":1,'), *lines[8:]], f"tile/0/000 {other} 7"),
            ("entries.ndjson", [*lines[:8], lines[7], *lines[8:]], f"index 8 (id {entry['id']}): the event stands there twice"),
            ("entries.ndjson", [line for line in lines if line != first], f"stream {grown['stream']} lacks version 1"),
            ("tile/0/001.p/44", [tile[:32], b"x" * 32, tile[64:]], f"tile/0/001.p/44 {other} 257"),
            ("tile/0/001.p/44", [tile[:-1]], "tile/0/001.p/44 has 1407 bytes instead of 1408"),
            ("checkpoints.ndjson", [*checkpoints[:3], b"{}\n", *checkpoints[4:]], "checkpoints.ndjson, line 4: "),
            ("checkpoints.ndjson", [*checkpoints[:3], checkpoints[2], *checkpoints[3:]], "checkpoints.ndjson, line 4: the size "),
        ]
        for name, content, said in cases:
            wrong = Export(Altered(path, name, b"".join(content)), self.trusted("export")).check()
            assert any(said in one for one in wrong), f"{said!r} is not among {wrong}"

    def roots(self):
        roots = {r["size"]: r["root"] for r in self.json("roots.json")}
        assert {0, 1, 2, 3, 7, 8, 255, 256, 257} <= set(roots)
        tree = Tree()
        for size in range(len(self.leaves) + 1):
            if size in roots:
                assert tree.root() == auditlog.read_base64(roots[size], "a root") == auditlog.root_of(self.leaves[:size])
            if size < len(self.leaves):
                tree.append(self.leaves[size])

    def inclusion(self):
        proofs = self.json("inclusion-proofs.json")
        assert len(proofs) > 10
        for proof in proofs:
            hashes = [auditlog.read_base64(h, "a hash") for h in proof["hashes"]]
            leaves = self.leaves[:proof["size"]]
            assert hashes == auditlog.inclusion_of(proof["index"], leaves)
            assert auditlog.root_from_inclusion(proof["index"], proof["size"], leaves[proof["index"]], hashes) == auditlog.root_of(leaves)

    def consistency(self):
        proofs = self.json("consistency-proofs.json")
        assert len(proofs) > 10
        for proof in proofs:
            hashes = [auditlog.read_base64(h, "a hash") for h in proof["hashes"]]
            old, new = self.leaves[:proof["from"]], self.leaves[:proof["to"]]
            assert hashes == auditlog.consistency_of(len(old), new)
            auditlog.check_consistency(len(old), len(new), auditlog.root_of(old), auditlog.root_of(new), hashes)

    def tlog_proofs(self):
        entries = [l[:-1] for l in Directory(self.path / "export").lines("entries.ndjson")]
        proofs = sorted(self.path.glob("*.tlog-proof"))
        assert len(proofs) >= 3
        for path in proofs:
            index, text = int(path.stem), path.read_text(encoding="utf-8")
            auditlog.check_proof(text, entries[index], self.trusted("export"))
            try:
                auditlog.check_proof(text, entries[index - 1], self.trusted("export"))
            except Wrong:
                continue
            raise Wrong(f"{path.name} proves another entry")

    def proofs(self):
        proofs, wrong = self.json("proofs.json"), []
        assert len(proofs) > 20
        with tempfile.TemporaryDirectory() as folder:
            for one in proofs:
                given = {name: pathlib.Path(folder) / name for name in ("proof", "entry", "keys", "kept", "consistency") if name in one}
                for name, path in given.items():
                    path.write_bytes(one[name].encode())
                between = ["--consistency", given["consistency"]] if "consistency" in given else []
                kept = [given["kept"]] if "kept" in given else []
                code = ended("proof", given["proof"], given["entry"], given["keys"], *between, *kept)
                wrong += [f"{one['why']}: it ends with {code} instead of {one['code']}"] if code != one["code"] else []
        assert not wrong, "; ".join(wrong)

    def bundle(self):
        entries = [l[:-1] for l in Directory(self.path / "export").lines("entries.ndjson")][256:]
        assert (self.path / "bundle" / "tile" / "entries" / f"001.p/{len(entries)}").read_bytes() == b"".join(len(e).to_bytes(2, "big") + e for e in entries)


    def archive(self):
        """An archive with the same files is the same export; one that would be unpacked to something else is refused."""
        with tempfile.TemporaryDirectory() as folder:
            path, files = pathlib.Path(folder) / "export.tar", Directory(self.path / "export")
            members = [(tarfile.TarInfo(name), files.read(name)) for name in sorted(files.names())]
            self.pack(path, members)
            whole = auditlog.open_export(path)
            assert whole.names() == files.names() and not Export(whole, self.trusted("export")).check()

            names = ("entries.ndjson", "entries.ndjson", "/entries.ndjson", "keys", "notes.txt")
            link, seven, absolute, sparse, strange = (tarfile.TarInfo(name) for name in names)
            link.type, link.linkname, seven.type = tarfile.SYMTYPE, "elsewhere", tarfile.CONTTYPE
            sparse.pax_headers = {"GNU.sparse.major": "1"}
            without = [m for m in members if m[0].name not in ("entries.ndjson", "keys")]
            for added in ([(link, b"")], [(seven, b"{}")], [(absolute, b"{}")], [(sparse, b"")], [(strange, b"")]):
                self.refused_archive(path, without + added)
            self.refused_archive(path, members + [members[0]])
            self.pack(path, members)
            content = path.read_bytes()
            for other in (content + b"entries.ndjson".ljust(512, b"\0"), content[:3000]):
                path.write_bytes(other)
                self.refused_archive(path)

    @staticmethod
    def pack(path, members):
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
            for info, content in members:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))

    def refused_archive(self, path, members=None):
        if members:
            self.pack(path, members)
        try:
            auditlog.open_export(path)
        except Wrong:
            return
        raise Wrong(f"an archive was taken with {members[-1][0].name if members else 'other bytes'}")

    def archives(self):
        archives = self.json("archives.json")
        assert len(archives) > 30
        codes = [(one, ended("export", self.path / "archives" / f"{one['name']}.tar", self.path / "archives.keys", self.path / "archives.note"))
                 for one in archives]
        wrong = [f"{one['name']} ({one['why']}) ends with {code} instead of {one['code']}" for one, code in codes if code != one["code"]]
        assert not wrong, "; ".join(wrong)

    def kept(self):
        files, wrong = self.json("kept.json"), []
        assert len(files) > 15
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "kept"
            for one in files:
                path.write_bytes(one["kept"].encode())
                code = ended("export", self.path / "export", self.path / "export.keys", path)
                wrong += [f"{one['why']}: it ends with {code} instead of {one['code']}"] if code != one["code"] else []
        assert not wrong, "; ".join(wrong)

    def saved(self):
        """What an auditor keeps, as editors and shells save it."""
        files, wrong = self.json("saved.json"), []
        assert len(files) > 10
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "saved"
            for one in files:
                path.write_bytes(base64.b64decode(one["bytes"]))
                keys, kept = (path, []) if one["file"] == "keys" else (self.path / "export.keys", [path])
                code = ended("export", self.path / "export", keys, *kept)
                wrong += [f"{one['why']}: it ends with {code} instead of {one['code']}"] if code != one["code"] else []
        assert not wrong, "; ".join(wrong)

    def witnesses(self):
        asked = ["--witnesses"], *(["--witnesses", number] for number in ("0", "-1", "", "one", "1.0", "9" * 5000))
        codes = [ended("export", self.path / "export", self.path / "export.keys", *rest) for rest in asked]
        assert codes == [2] * len(codes), codes

    def exports(self):
        """Exports that are signed as they are, so that nothing but what stands in them can be wrong."""
        exports, wrong = self.json("exports.json"), []
        assert len(exports) > 40
        for one in exports:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder)
                for name, content in one["files"].items():
                    (path / name).parent.mkdir(parents=True, exist_ok=True)
                    (path / name).write_bytes(base64.b64decode(content))
                (path / "trusted").write_text(one["keys"])
                code = ended("export", path, path / "trusted")
                wrong += [f"{one['why']}: it ends with {code} instead of {one['code']}"] if code != one["code"] else []
        assert not wrong, "; ".join(wrong)

    def histories(self):
        """Events that do not follow from what came before them are counted for nothing."""
        histories, wrong = self.json("histories.json"), []
        assert len(histories) > 10
        with tempfile.TemporaryDirectory() as folder:
            for one in histories:
                (pathlib.Path(folder) / "entries.ndjson").write_text(one["entries"], encoding="utf-8")
                code = ended("figure", one["publication"], folder)
                wrong += [f"{one['why']}: it ends with {code} instead of {one['code']}"] if code != one["code"] else []
        assert not wrong, "; ".join(wrong)

    def figures(self):
        published = self.json("figures.json")
        assert len(published) > 5
        for one in published:
            differs = [name for name, _, _ in figures.compare(Directory(self.path / "figures"), one["publication"])]
            assert differs == one["differs"], f"{one['publication']}: {differs}"


def ended(*arguments):
    """The code that a command ends with; what it says is not shown."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main([str(argument) for argument in arguments])


def export(directory, keys, *rest):
    witnesses = int(rest[1]) if rest[:1] == ("--witnesses",) else None
    kept = [auditlog.read_text(path) for path in (rest[2:] if witnesses is not None else rest)]
    checked = Export(auditlog.open_export(directory), auditlog.read_keys(auditlog.read_text(keys)), kept)
    checked.check()
    code = checked.verdict(witnesses)
    print("\n".join(checked.wrong) if code == 1 else f"it holds against {', '.join(checked.rests_on) or 'nothing from outside'}; {checked.lost} entries were lost")
    return code


def proof(path, entry, keys, *rest):
    consistency = auditlog.read_text(rest[1]) if rest[:1] == ("--consistency",) else None
    kept = [auditlog.read_text(path) for path in (rest[2:] if consistency is not None else rest)]
    text, line, keys = auditlog.read_text(path), auditlog.read_text(entry).removesuffix("\n").encode(), auditlog.read_keys(auditlog.read_text(keys))
    try:
        auditlog.parse_entry(line)
        checkpoint = auditlog.check_proof(text, line, keys)
        between = None if consistency is None else auditlog.read_consistency(consistency)
        sizes = [size for one in kept for size in auditlog.tied(checkpoint, one, keys, between)]
    except Wrong as e:
        print(e)
        return 1
    print(f"it holds against {', '.join(f'the kept checkpoint of size {size}' for size in sizes) or 'nothing from outside'}")
    return 0 if sizes else 4


def figure(publication, path):
    differs = figures.compare(auditlog.open_export(path), publication)
    for name, stated, counted in differs:
        print(f"{name}: published was {stated!r}, and the entries give {counted!r}")
    print("not equal" if differs else "equal")
    return 1 if differs else 0


def as_id(text):
    """The id in its one form; None where it is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def says_how_many(rest):
    """Whether --witnesses, where it stands there, has a number from 1 on behind it."""
    return rest[:1] != ["--witnesses"] or len(rest) > 1 and len(rest[1]) < 10 and rest[1].isascii() and rest[1].isdigit() and int(rest[1]) > 0


def main(arguments):
    try:
        if len(arguments) >= 3 and arguments[0] == "export" and says_how_many(arguments[3:]):
            return export(*arguments[1:])
        if len(arguments) >= 4 and arguments[0] == "proof":
            return proof(*arguments[1:])
        if len(arguments) == 3 and arguments[0] == "figure" and (publication := as_id(arguments[1])):
            return figure(publication, arguments[2])
    except (Wrong, OSError) as e:
        print(f"Cannot be read: {e}", file=sys.stderr)
        return 3
    if len(arguments) == 2 and arguments[0] == "vectors":
        checks = Checks(arguments[1])
        checks.run()
        print(f"{checks.passed} passed, {checks.failed} failed")
        return 1 if checks.failed else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

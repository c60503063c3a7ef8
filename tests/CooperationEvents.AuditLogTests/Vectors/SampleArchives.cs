using System.Text;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.Vectors;

/// <summary>
/// Archives of one small export, byte by byte: what is one, in each form that programs write, and what would be unpacked to something else.
/// </summary>
internal sealed class SampleArchives
{
    private const int Block = 512;

    private static readonly SigningKey Key = SampleLog.KeyOf("register.example/v1/audit/log", 1);

    private readonly SampleLog _log = new(Key.Verifier.Name);
    private readonly List<(string Name, int Code, string Why, byte[] Bytes)> _all = [];

    public SampleArchives()
    {
        _log.Sign(Key);
        _log.Grow(3);
        _log.Sign(Key);
        _log.Keys.Add(new LogKey(Key.Verifier, 0, null));
        Taken();
        Members();
        Headers();
        Folders();
        Ends();
    }

    /// <summary>What each is named, the code that a verifier ends with, why, and its bytes.</summary>
    public IReadOnlyList<(string Name, int Code, string Why, byte[] Bytes)> All => _all;

    public string TrustedKey => $"{Key.Verifier}\n";

    public string Kept => _log.Checkpoints[^1].Note;

    private IEnumerable<byte[]> Files => _log.Files().OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => Member(f.Key, f.Value));

    private static byte[] Forged => Member("entries.ndjson", "forged\n"u8.ToArray());

    private static byte[] End => new byte[2 * Block];

    private void Taken()
    {
        Add("plain", 0, "plain files, and two blocks of zeros behind them", [.. Files, End]);
        Add("padded", 0, "zeros up to 20 blocks, as tar programs write", [.. Files, new byte[20 * Block]]);
        Add("one-block", 0, "one block of zeros behind the files", [.. Files, new byte[Block]]);
        Add("no-end-mark", 0, "it ends with its last file", [.. Files]);
        Add("old-type", 0, "plain files of the oldest type, a NUL", [.. _log.Files().Select(f => Member(f.Key, f.Value, '\0')), End]);
        Add(
            "below-a-folder",
            0,
            "names below ./, and the folders they are in",
            [
                .. new[] { "./", "./tile/", "./tile/0/", "./tile/0/000.p/" }.Select(f => Member(f, [], '5')),
                .. _log.Files().Select(f => Member("./" + f.Key, f.Value)),
                End,
            ]
        );
        Add("folders", 0, "the folders of tiles", [Member("tile", [], '5'), Member("tile/0/x001/", [], '5'), .. Files, End]);
        Add(
            "gnu",
            0,
            "headers as GNU tar writes them",
            [.. _log.Files().Select(f => Summed(Altered(Member(f.Key, f.Value), 257, "ustar  \0"))), End]
        );
        Add("same-name", 0, "extended attributes that say the same name", [Extended("path=checkpoints.ndjson", 'x'), .. Files, End]);
        Add("times", 0, "extended attributes that say a time", [Extended("mtime=1764288000.5", 'x'), .. Files, End]);
        Add("nothing", 1, "an archive of nothing", [End]);
    }

    private void Members()
    {
        Refused("twice", "a name twice", Forged);
        Refused("twice-below-a-folder", "a name twice, once below ./", Member("./entries.ndjson", "forged\n"u8.ToArray()));
        Refused("absolute", "an absolute name", Member("/entries.ndjson", "forged\n"u8.ToArray()));
        Refused("parent", "a name that leads out of it", Member("../keys", "forged\n"u8.ToArray()));
        Refused("strange", "a name that is none of an export", Member("notes.txt", "forged\n"u8.ToArray()));
        Refused("strange-tile", "a name that is none of a tile", Member("tile/0/000.p/256", new byte[32]));
        Refused("zeros-before", "a tile whose number begins with zeros", Member("tile/0/x000/001", new byte[32]));
        Refused("contiguous", "a file of type 7", Member("tile/0/001", new byte[32], '7'));
        Refused("hard-link", "a hard link", Member("tile/0/001", [], '1', "entries.ndjson"));
        Refused("symbolic-link", "a symbolic link", Member("tile/0/001", [], '2', "entries.ndjson"));
        Refused("pipe", "a named pipe", Member("tile/0/001", [], '6'));
        Refused("all-files", "extended attributes of every file", Extended("mtime=1764288000.5", 'g'));
        Refused(
            "sparse",
            "extended attributes that say it is sparse",
            [.. Extended("GNU.sparse.major=1", 'x'), .. Member("tile/0/001", [])]
        );
        Refused("other-size", "extended attributes that say another size", [.. Extended("size=512", 'x'), .. Member("tile/0/001", [])]);
    }

    private void Headers()
    {
        byte[] inner = [.. Forged, .. End];
        Refused("wrong-sum-of-a-file", "a header with a wrong sum, and a file in its content", Altered(Member("keys", inner), 148, "7"));
        Refused("wrong-form", "a header of no form of tar", Summed(Altered(Member("tile/0/001", []), 257, "magic")));
        Refused("prefix", "a name in two parts", Summed(Altered(Member("000.p/3", []), 345, "tile/0")));
        Refused("size-no-number", "a size that is no number", Summed(Altered(Member("tile/0/001", []), 124, "0000000-001")));
        Refused("size-too-large", "a size that no file has", Summed(Altered(Member("tile/0/001", []), 124, "77777777777")));
        Refused(
            "other-name",
            "extended attributes that say another name",
            [.. Extended("path=tile/0/002", 'x'), .. Member("tile/0/001", [])]
        );
        Refused(
            "attributes-twice",
            "extended attributes twice",
            [.. Extended("uid=1", 'x'), .. Extended("uid=1", 'x'), .. Member("tile", [], '5')]
        );
        Refused(
            "long-name",
            "a name in a member of its own",
            [.. Member("././@LongLink", "tile/0/002\0"u8.ToArray(), 'L'), .. Member("x", [])]
        );
    }

    private void Folders()
    {
        Refused("folder-of-no-tile", "a folder that no tile is in", Member("tile/zz/", [], '5'));
        Refused("folder-for-a-tile", "a folder where a tile would be", Member("tile/0/000/", [], '5'));
        Refused("folder-for-a-width", "a folder where a partial tile would be", Member("tile/0/000.p/2", [], '5'));
        Refused("folder-for-entries", "a folder where the entries would be", Member("entries.ndjson/", [], '5'));
        Refused("folder-elsewhere", "a folder of another name", Member("notes", [], '5'));
        Refused("folder-of-all", "the folder of everything", Member("/", [], '5'));
        Refused("folder-above", "a folder that leads out of it", Member("tile/../..", [], '5'));
        Refused("folder-with-content", "a folder with content", Member("tile", Forged, '5'));
    }

    private void Ends()
    {
        Behind("forged-behind-one-block", "a file behind one block of zeros", [.. new byte[Block], .. Forged, .. End]);
        Behind("forged-behind-the-end", "a file behind the two blocks of zeros that end it", [.. End, .. Forged, .. End]);
        Behind("forged-behind-the-padding", "a file behind the padding", [.. new byte[20 * Block], .. Forged, .. End]);
        Behind("one-byte-behind-the-end", "one byte behind the end", [.. End, (byte)'x']);
        Behind(
            "text-in-the-end",
            "text in the second block of the end",
            [.. new byte[Block], .. Encoding.ASCII.GetBytes("text"), .. new byte[508]]
        );
        var header = Forged;
        header.AsSpan(148, 8).Clear();
        Behind("no-sum", "a header without its sum", [.. header, .. End]);
        header.AsSpan(148, 8).Fill((byte)'7');
        Behind("wrong-sum", "a header with a wrong sum", [.. header, .. End]);
        Behind("attributes-of-nothing", "extended attributes without a file", [.. Extended("mtime=1764288000.5", 'x'), .. End]);
        Behind("cut-in-a-header", "half a header", Forged[..256]);
        var whole = Files.SelectMany(f => f).ToArray();
        Add("cut-in-a-file", 3, "it ends inside a file", [whole[..^(Block + 1)]]);
        Add("empty", 3, "no byte at all", []);
        Add("no-archive", 3, "text", [Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("no archive\n", 200)))]);
    }

    private void Refused(string name, string why, byte[] member) => Add(name, 3, why, [member, .. Files, End]);

    private void Behind(string name, string why, byte[] behind) => Add(name, 3, why, [.. Files, behind]);

    private void Add(string name, int code, string why, IEnumerable<byte[]> parts) =>
        _all.Add((name, code, why, [.. parts.SelectMany(p => p)]));

    /// <summary>Attributes in the form of pax: of the member behind them, or by type g of every one.</summary>
    private static byte[] Extended(string attribute, char type)
    {
        var length = attribute.Length + 2;
        length += $"{length + 2}".Length;
        return Member("PaxHeaders/entries", Encoding.ASCII.GetBytes($"{length} {attribute}\n"), type);
    }

    private static byte[] Member(string name, byte[] content, char type = '0', string link = "")
    {
        var bytes = new byte[Block + (content.Length + Block - 1) / Block * Block];
        Encoding.ASCII.GetBytes(name, bytes);
        Encoding.ASCII.GetBytes("0000644\00000000\00000000\0", bytes.AsSpan(100));
        Encoding.ASCII.GetBytes(
            $"{Convert.ToString(content.Length, 8).PadLeft(11, '0')}\000000000000\0        {type}{link}",
            bytes.AsSpan(124)
        );
        "ustar\000"u8.CopyTo(bytes.AsSpan(257));
        content.CopyTo(bytes, Block);
        return Summed(bytes);
    }

    private static byte[] Altered(byte[] member, int at, string text)
    {
        Encoding.ASCII.GetBytes(text, member.AsSpan(at));
        return member;
    }

    private static byte[] Summed(byte[] member)
    {
        member.AsSpan(148, 8).Fill((byte)' ');
        var sum = member.Take(Block).Sum(b => b);
        return Altered(member, 148, $"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ");
    }
}

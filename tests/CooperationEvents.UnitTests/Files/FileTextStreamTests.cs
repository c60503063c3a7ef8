using System.Text;
using CooperationEvents.Files;
using CooperationEvents.Kernel;
using CooperationEvents.UnitTests.Ingestion.Imports;
using CsCheck;

namespace CooperationEvents.UnitTests.Files;

/// <summary>
/// What is written in an encoding reads back the same, in normal form, and a byte that is none of it costs the row it stands in.
/// </summary>
public sealed class FileTextStreamTests
{
    private static readonly string[] SingleBytes =
    [
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1253",
        "windows-1254",
        "windows-1257",
        "iso-8859-1",
        "iso-8859-2",
        "iso-8859-5",
        "iso-8859-15",
        "koi8-r",
        "ibm850",
        "macintosh",
    ];

    private static readonly string[] Many =
    [
        "utf-8",
        "utf-16",
        "utf-16BE",
        "utf-32",
        "utf-32BE",
        "shift_jis",
        "gb18030",
        "big5",
        "euc-kr",
        "euc-jp",
    ];

    private static readonly Gen<string> Encodings = Any([.. SingleBytes, .. Many]);

    /// <summary>Letters of many scripts, and what a table is made of.</summary>
    private static readonly Gen<string> Texts = Gen.OneOf(
            Gen.Char['a', 'z'].Select(c => c.ToString()),
            Any("é", "ß", "ł", "Ź", "ş", "ό", "Ж", "я", "…", "’", "€", "日", "本", "語", "中", "한", "𝄞", "\u0301", ",", "\"", " ")
        )
        .Array[1, 12]
        .Select(string.Concat);

    [Fact]
    public void A_table_in_any_declared_encoding_reads_as_it_was_written() =>
        Gen.Select(Encodings, Texts.Array[1, 6], Gen.Bool)
            .Sample(
                (name, texts, marked) =>
                {
                    var encoding = FileTextStream.Find(name)!;
                    var written = texts.Select(t => Kept(t, encoding)).ToArray();
                    var file = encoding.GetBytes((marked && encoding.Preamble.Length > 0 ? "\uFEFF" : "") + File(written));

                    Names(file, Found(file, name)).ShouldBe(written.Select(t => (string?)NormalForm.OfLine(t)));
                },
                iter: 3_000
            );

    [Fact]
    public void A_mark_says_what_it_says_whatever_is_declared() =>
        Gen.Select(Any("utf-8", "utf-16", "utf-16BE", "utf-32", "utf-32BE"), Encodings, Texts.Array[1, 4])
            .Sample(
                (name, declared, texts) =>
                {
                    var encoding = FileTextStream.Find(name)!;
                    var written = texts.Select(t => Kept(t, encoding)).ToArray();
                    byte[] file = [.. encoding.GetPreamble(), .. encoding.GetBytes(File(written))];

                    foreach (var said in new[] { declared, null })
                    {
                        Found(file, said).ShouldBe(encoding.WebName);
                        Names(file, Found(file, said)).ShouldBe(written.Select(t => (string?)NormalForm.OfLine(t)));
                    }
                },
                iter: 1_000
            );

    [Fact]
    public void A_stray_byte_costs_no_row_but_its_own() =>
        Gen.Select(
                Any("utf-8", "windows-1252", "windows-1250", "shift_jis", "gb18030", "big5", "euc-kr", "us-ascii"),
                Texts.Array[3, 3],
                Gen.Int[0, 1000]
            )
            .Sample(
                (name, texts, at) =>
                {
                    var encoding = FileTextStream.Find(name)!;
                    var written = texts.Select(t => Kept(t.Replace("\"", "", StringComparison.Ordinal), encoding)).ToArray();
                    var rows = written.Select((t, i) => encoding.GetBytes($"o{i};{t};S\n")).ToArray();
                    // Between two characters, so that the stray byte stands alone.
                    var start = written[1][..(at % (written[1].Length + 1))];
                    if (start.Length > 0 && char.IsHighSurrogate(start[^1]))
                        start = start[..^1];
                    var place = 3 + encoding.GetByteCount(start);
                    byte[] file =
                    [
                        .. "id;name;shortName\n"u8,
                        .. rows[0],
                        .. rows[1][..place],
                        Stray(name),
                        .. rows[1][place..],
                        .. rows[2],
                    ];

                    var names = Names(file, name);

                    names.Count.ShouldBe(3);
                    names[0].ShouldBe(NormalForm.OfLine(written[0]));
                    names[2].ShouldBe(NormalForm.OfLine(written[2]));
                    if (name is "utf-8" or "windows-1252" or "us-ascii")
                        names[1].ShouldBeNull();
                },
                iter: 3_000
            );

    [Fact]
    public void The_last_character_of_a_file_is_read_though_no_line_ends_it()
    {
        byte[] file = [.. "id;shortName;name\no1;C;Caf"u8, 0xE9];

        Found(file, null).ShouldBe("windows-1252");
        Names(file, "windows-1252").ShouldBe(["Café"]);
        Names(file, "utf-8").ShouldBe([null]);
    }

    [Fact]
    public void A_file_in_utf8_with_a_stray_byte_stays_utf8()
    {
        byte[] file = [.. "id;shortName;name\no1;D;Łódź\no2;E;Caf"u8, 0xE9, .. "\no3;F;Plain\n"u8];

        Found(file, null).ShouldBe("utf-8");
        Names(file, "utf-8").ShouldBe(["Łódź", null, "Plain"]);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_says_which_byte_stands_where()
    {
        var (rows, _) = await Table.Read([.. "id;shortName;name\no2;E;Caf"u8, 0xE9, .. "\n"u8], Table.Organisations);

        rows.Single().Faults.Single().Errors.ShouldBe([new FieldError("name", "The cell holds the byte E9, which is not UTF-8.")]);
    }

    [Theory]
    [InlineData("windows-1252", "Café Müller", EncodingBasis.Guessed, "windows-1252")]
    [InlineData("windows-1252", "« CAFÉ »", EncodingBasis.Guessed, "windows-1252")]
    [InlineData("windows-1252", "CAFÉ», Café, Zoë, naïve", null, null)]
    [InlineData("windows-1250", "Łódź, Ťažký", null, null)]
    [InlineData("utf-8", "Łódź", EncodingBasis.Content, "utf-8")]
    [InlineData("utf-8", "plain", EncodingBasis.Content, "utf-8")]
    [InlineData("utf-8", "CAFÉ»", EncodingBasis.Content, "utf-8")]
    [InlineData("utf-8", "one zero byte among many others \0", EncodingBasis.Content, "utf-8")]
    [InlineData("utf-16", "id;name\no1;Ferry Board\n", null, null)]
    [InlineData("utf-16", "id;name\no1;Łódź, Müller\n", null, null)]
    [InlineData("utf-16BE", "id;name\no1;Ferry Board\n", null, null)]
    [InlineData("utf-32", "id;name\no1;Ferry Board\n", null, null)]
    public void What_declares_nothing_is_read_as_utf8_or_guessed_or_asked_for(
        string written,
        string text,
        EncodingBasis? basis,
        string? name
    )
    {
        var detector = new EncodingDetector(null, isUtf8: false);
        foreach (var piece in FileTextStream.Find(written)!.GetBytes(text).Chunk(1))
            detector.Look(piece);

        var (encoding, problem) = detector.Find();

        (encoding?.Basis, encoding?.Name).ShouldBe((basis, name));
        problem?.Type.Status.ShouldBe(415);
    }

    [Theory]
    [InlineData(new byte[] { 0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0x06, 0x00 })]
    [InlineData(new byte[] { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 })]
    public void A_workbook_is_said_to_be_one_whatever_it_declares(byte[] file)
    {
        foreach (var declared in new[] { null, "utf-8", "windows-1252" })
        {
            var detector = new EncodingDetector(declared, isUtf8: false);
            detector.Look(file);

            detector.Find().Problem.ShouldNotBeNull().Detail.ShouldContain("Save the sheet as CSV");
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x1F, 0x8B, 0x08, 0x00 }, "gzip")]
    [InlineData(new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00 }, "xz")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }, "zstd")]
    [InlineData(new byte[] { 0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C }, "7z")]
    public void A_compressed_file_is_said_to_be_one_whatever_it_declares(byte[] file, string by)
    {
        foreach (var declared in new[] { null, "utf-8", "windows-1252" })
        {
            var detector = new EncodingDetector(declared, isUtf8: false);
            foreach (var piece in file.Chunk(1))
                detector.Look(piece);

            var problem = detector.Find().Problem.ShouldNotBeNull();
            (problem.Type.Status, problem.Detail).ShouldBe(
                (415, $"The file is compressed ({by}), and no text. Unpack it, and send what is in it.")
            );
        }
    }

    [Theory]
    [InlineData("UTF8", "utf-8")]
    [InlineData("latin1", "iso-8859-1")]
    [InlineData("ISO8859-2", "iso-8859-2")]
    [InlineData("cp1250", "windows-1250")]
    [InlineData("cp850", "ibm850")]
    [InlineData("UTF-16LE", "utf-16")]
    [InlineData("x-mac-ce", "x-mac-ce")]
    [InlineData("utf-7", null)]
    [InlineData("klingon", null)]
    [InlineData("", null)]
    public void An_encoding_is_found_by_the_names_that_programs_give_it(string label, string? name) =>
        FileTextStream.Find(label)?.WebName.ShouldBe(name);

    private static Gen<string> Any(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static byte Stray(string encoding) =>
        encoding == "windows-1252" ? (byte)0x81
        : encoding == "windows-1250" ? (byte)0x98
        : (byte)0xFF;

    /// <summary>The text, without what the encoding has no character for; as a cell holds it.</summary>
    private static string Kept(string text, Encoding encoding)
    {
        var strict = Encoding.GetEncoding(encoding.CodePage, new EncoderReplacementFallback(""), new DecoderReplacementFallback(""));
        var kept = strict.GetString(strict.GetBytes(text)).Trim();
        return kept.Length == 0 ? "x" : kept;
    }

    private static string File(string[] names) =>
        "id;name;shortName\n" + string.Concat(names.Select((n, i) => $"o{i};\"{n.Replace("\"", "\"\"", StringComparison.Ordinal)}\";S\n"));

    private static string Found(byte[] file, string? declared)
    {
        var detector = new EncodingDetector(declared, isUtf8: false);
        foreach (var piece in file.Chunk(7))
            detector.Look(piece);
        return detector.Find().Encoding!.Name;
    }

    private static IReadOnlyList<string?> Names(byte[] file, string encoding) => Table.Names(file, encoding).GetAwaiter().GetResult();
}

using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;
using CsCheck;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>Whatever is done to an export is found.</summary>
public sealed class TamperTests
{
    private static readonly string[] Files = [.. new Exported().Files.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void A_byte_flipped_anywhere_in_any_file_is_found() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Double[0, 1], Gen.Int[0, 7])
            .Sample(
                (file, where, bit) =>
                {
                    var export = new Exported();
                    var bytes = export.Files[Files[file]];
                    bytes[(int)(where * (bytes.Length - 1))] ^= (byte)(1 << bit);
                    export.Verify().IsClean.ShouldBeFalse(Files[file]);
                },
                iter: 60
            );

    [Fact]
    public void Bytes_removed_or_inserted_anywhere_in_any_file_are_found() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Double[0, 1], Gen.Int[1, 50], Gen.Bool)
            .Sample(
                (file, where, count, remove) =>
                {
                    var export = new Exported();
                    var bytes = export.Files[Files[file]];
                    var at = (int)(where * (bytes.Length - 1));
                    var end = Math.Min(at + count, bytes.Length);
                    export.Files[Files[file]] = remove
                        ? [.. bytes[..at], .. bytes[end..]]
                        : [.. bytes[..at], .. new byte[count], .. bytes[at..]];
                    export.Verify().IsClean.ShouldBeFalse(Files[file]);
                },
                iter: 40
            );

    [Fact]
    public void A_file_removed_is_found()
    {
        foreach (var file in Files)
        {
            var export = new Exported();
            export.Files.Remove(file);
            export.Verify().IsClean.ShouldBeFalse(file);
        }
    }

    /// <summary>
    /// Entries altered, removed, added and moved in any number: each index that is named is one that was touched, and none is left out.
    /// </summary>
    [Fact]
    public void Altered_entries_are_named_and_no_others() =>
        Gen.Int[0, Exported.Size - 1]
            .HashSet[1, 12]
            .Sample(
                touched =>
                {
                    var export = new Exported();
                    foreach (var index in touched)
                        export.Entries[index] = (Entry.Parse(export.Entries[index]) with { Actor = "nobody" }).ToBytes();
                    export.WriteEntries();
                    export.Findings().Select(f => int.Parse(f.Split(' ')[1], null)).ShouldBe(touched.Order());
                },
                iter: 15
            );

    [Fact]
    public void Missing_entries_are_named_and_no_others() =>
        Gen.Int[0, Exported.Size - 1]
            .HashSet[1, 12]
            .Sample(
                touched =>
                {
                    var export = new Exported();
                    foreach (var index in touched.OrderDescending())
                        export.Entries.RemoveAt(index);
                    export.WriteEntries();
                    export
                        .Verify()
                        .Findings.Where(f => f.Kind == Kind.Entry)
                        .Select(f => int.Parse(f.Text.Split(' ', ':')[1], null))
                        .ShouldBe(touched.Order());
                },
                iter: 15
            );

    [Fact]
    public void Added_entries_are_named_and_no_others() =>
        Gen.Int[0, Exported.Size - 1]
            .HashSet[1, 12]
            .Sample(
                touched =>
                {
                    var export = new Exported();
                    foreach (var index in touched.OrderDescending())
                        export.Entries.Insert(index, (Entry.Parse(export.Entries[index]) with { Id = SampleLog.Id(7, index) }).ToBytes());
                    export.WriteEntries();
                    export
                        .Verify()
                        .Findings.Where(f => f.Kind == Kind.Entry)
                        .Select(f => f.Text.Split("(id ")[1][..36])
                        .ShouldBe(touched.Order().Select(i => SampleLog.Id(7, i).ToString()));
                },
                iter: 15
            );
}

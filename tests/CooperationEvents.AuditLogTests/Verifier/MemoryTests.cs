using System.Diagnostics;
using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>The command as a process of its own, over many entries: <c>AUDIT_ENTRIES=1000000</c> makes them a million.</summary>
public sealed class MemoryTests(ITestOutputHelper output) : IDisposable
{
    private static readonly SigningKey Key = SampleLog.KeyOf("register.example/audit/log", 1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Memory_stays_flat_however_many_entries_there_are()
    {
        var many = int.Parse(Environment.GetEnvironmentVariable("AUDIT_ENTRIES") ?? "20000", null);
        var (few, _) = Measure(2_000);
        var (peak, took) = Measure(many);

        output.WriteLine($"{many} entries: {took.TotalSeconds:F1} s, {peak / (1 << 20)} MiB at most");
        (peak - few).ShouldBeLessThan(100L << 20);
    }

    private (long Peak, TimeSpan Took) Measure(int entries)
    {
        var export = Write(entries);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(
            new ProcessStartInfo(
                Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "cooperation-verify.dll"),
                    "export",
                    export,
                    "--keys",
                    Path.Combine(export, "keys"),
                    "--quiet",
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var peak = 0L;
        while (!process.WaitForExit(20))
        {
            process.Refresh();
            try
            {
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // It ended between the two.
            }
        }

        process.StandardOutput.ReadToEnd().ShouldContain("NOT HELD TO ANYTHING");
        process.ExitCode.ShouldBe(Program.OnlyItself);
        peak.ShouldBeGreaterThan(0);
        return (peak, watch.Elapsed);
    }

    /// <summary>Writes an export entry by entry, with a stream for every four of them and a checkpoint for every thousand.</summary>
    private string Write(int entries)
    {
        var root = _directory.CreateSubdirectory($"{entries}").FullName;
        var range = new CompactRange();
        var tiles = new TileBuilder((tile, hashes) => WriteTile(root, tile, hashes));
        using (var lines = new FileStream(Path.Combine(root, Export.Entries), FileMode.CreateNew))
        using (
            var checkpoints = new StreamWriter(Path.Combine(root, Export.Checkpoints), append: false, new UTF8Encoding(false))
            {
                NewLine = "\n",
            }
        )
        {
            for (var i = 0; i < entries; i++)
            {
                var entry = new Entry(
                    i + 1,
                    SampleLog.Id(1, i),
                    SampleLog.Id(2, i / 4),
                    "meeting",
                    i % 4 + 1,
                    "meeting_held",
                    DateTimeOffset.UnixEpoch.AddSeconds(i),
                    SampleLog.Id(4, i % 9).ToString(),
                    null,
                    "calendar",
                    $"{i:x32}",
                    null,
                    $$"""{"id": "{{SampleLog.Id(2, i / 4)}}", "mode": "in-person", "number": {{i}}}"""
                ).ToBytes();
                lines.Write(entry);
                lines.WriteByte((byte)'\n');
                range.Append(MerkleTree.LeafHash(entry));
                tiles.Append(MerkleTree.LeafHash(entry));
                if (range.Size % 1_000 == 0 || range.Size == entries)
                    checkpoints.WriteLine(new CheckpointLine(new Checkpoint(Key.Verifier.Name, range.Size, range.Root).Sign(Key)).ToLine());
            }
        }

        foreach (var (tile, hashes) in tiles.Partial())
            WriteTile(root, tile, hashes);
        File.WriteAllText(Path.Combine(root, Export.Keys), new LogKey(Key.Verifier, Math.Min(1_000, entries), null).ToLine() + "\n");
        return root;
    }

    private static void WriteTile(string root, Tile tile, ReadOnlyMemory<Digest> hashes)
    {
        var file = Path.Combine(root, tile.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, Digest.WriteAll(hashes.Span));
    }
}

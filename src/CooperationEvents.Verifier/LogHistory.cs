using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>A checkpoint that its keys signed: of the log with this number in the order of succession, and where it stands.</summary>
public readonly record struct Stated(int Log, long Size, Digest Root, string File, int Line)
{
    /// <summary>Whether it came from the auditor and not with the export.</summary>
    public bool IsKept => File != Export.Checkpoints;

    public override string ToString() => $"the checkpoint of size {Report.Number(Size)} ({File}, line {Line})";
}

/// <summary>What the log stated of itself over time, as far as keys that are trusted signed it.</summary>
public sealed class LogHistory
{
    private readonly LogKeys _keys;
    private readonly Report _report;
    private readonly Progress _progress;
    private readonly List<string> _origins = [];
    private readonly List<Stated> _stated = [];
    private readonly Dictionary<VerifierKey, (long Count, long Largest, DateTimeOffset At)> _cosigned = [];

    private readonly Dictionary<VerifierKey, long> _cosignedAhead = [];

    private readonly Dictionary<VerifierKey, (long First, long Last)> _signed = [];

    private LogHistory(LogKeys keys, Report report, Progress progress) => (_keys, _report, _progress) = (keys, report, progress);

    /// <summary>The origins, the oldest first; the last one is the log that goes on.</summary>
    public IReadOnlyList<string> Origins => _origins;

    /// <summary>Every checkpoint with good signatures, by size.</summary>
    public IReadOnlyList<Stated> Checkpoints => _stated;

    /// <summary>The largest checkpoint of the newest origin.</summary>
    public Stated? Newest { get; private set; }

    /// <summary>Reads the checkpoints of an export, and others that an auditor kept: lines of the same form, or one note.</summary>
    public static LogHistory Read(Export export, LogKeys keys, IEnumerable<string> kept, Export? previous, Report report, Progress progress)
    {
        var history = new LogHistory(keys, report, progress);
        using (var file = export.Read(Export.Checkpoints))
        {
            if (file is null)
                report.Add(Kind.File, $"{Export.Checkpoints} is missing: nothing says what the log stated of itself");
            else
                history.ReadLines(file, Export.Checkpoints, ofExport: true);
        }

        foreach (var path in kept)
            history.ReadKept(path);
        if (previous is not null)
        {
            using var file = previous.Read(Export.Checkpoints)
                ?? throw new InvalidDataException($"The previous export has no {Export.Checkpoints}.");
            history.ReadLines(file, $"the previous export, {Export.Checkpoints}", ofExport: false);
        }

        history.FindNewest();
        history.CheckRanges();
        history.Tell();
        return history;
    }

    /// <summary>The largest size that each of the witnesses cosigned.</summary>
    public IEnumerable<long> Cosigned => _cosigned.Values.Select(c => c.Largest);

    /// <summary>The newest is the export's own: a kept checkpoint that is larger says that the export is cut off.</summary>
    private void FindNewest()
    {
        var last = _stated.Where(s => s.Log == _origins.Count - 1).ToLookup(s => s.File == Export.Checkpoints);
        if (last[true].Any())
            Newest = last[true].MaxBy(s => s.Size);
        foreach (var larger in last[false].Where(s => s.Size > (Newest?.Size ?? 0)))
        {
            _report.Add(
                Kind.Checkpoint,
                $"{larger} is larger than the newest one of the export: the export is cut off, or older than the checkpoint"
            );
            _stated.Remove(larger);
        }

        _stated.Sort((a, b) => (a.Size, a.Log).CompareTo((b.Size, b.Log)));
    }

    /// <summary>
    /// The sizes stated for a key are those of the first and the last checkpoint it signed; of a log that was lost the last may be gone.
    /// </summary>
    private void CheckRanges()
    {
        foreach (var key in _keys.All.Where(k => _signed.ContainsKey(k.Key) && k != LogKey.Always(k.Key)))
        {
            var (first, last) = _signed[key.Key];
            if (first != key.FirstSize || (key.LastSize is { } stated && last != stated && key.Key.Name == _origins[^1]))
                _report.Add(
                    Kind.Keys,
                    $"the key {key.Key.Id:x8} signed the sizes {first} to {last}, and {key.FirstSize} to "
                        + $"{key.LastSize?.ToString(CultureInfo.InvariantCulture) ?? "now"} are stated for it"
                );
        }
    }

    private void ReadKept(string path)
    {
        var text = TextFile.Read(path);
        if (text.StartsWith('{'))
            ReadLines(new MemoryStream(Encoding.UTF8.GetBytes(text)), path, ofExport: false);
        else
            Take(path, 1, () => new CheckpointLine(SignedNote.Parse(text)), ofExport: false);
    }

    private void ReadLines(Stream stream, string file, bool ofExport)
    {
        using var lines = new LineReader(stream);
        var number = 0;
        var largest = new Dictionary<string, long>();
        var good = new Dictionary<(string Origin, long Size), Stated>();
        while (lines.TryRead(out var bytes))
        {
            number++;
            _progress.Tell("checkpoints", number, 0);
            var line = Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
            var count = _stated.Count;
            var read = Take(
                file,
                number,
                () => CheckpointLine.Parse(line ?? throw new FormatException("The line is not UTF-8.")),
                ofExport
            );
            if (read is null)
                continue;
            var (before, isGood) = (largest.GetValueOrDefault(read.Origin, -1), _stated.Count > count);
            Stated? same = good.TryGetValue((read.Origin, read.Size), out var known) ? known : null;
            if (isGood && same is { } other && other.Root != read.Root)
                _report.Add(
                    Kind.Checkpoint,
                    $"{file}, line {number}: the checkpoint of size {read.Size} has another root than the one in line {other.Line}: the "
                        + $"log told two stories"
                );
            // Where a sequencer was slow to learn that another had taken over, the anchor has a line twice. It says the same.
            else if (read.Size <= before && (ofExport || same?.Root != read.Root))
                _report.Add(Kind.Checkpoint, $"{file}, line {number}: the size {read.Size} does not ascend; {before} stands before it");
            largest[read.Origin] = Math.Max(before, read.Size);
            if (isGood)
                good.TryAdd((read.Origin, read.Size), _stated[^1]);
        }

        if (!lines.WasEnded)
            _report.Add(Kind.Checkpoint, $"{file}: the last line does not end in a line feed: the file was cut off");
    }

    /// <summary>Checks the signatures of a checkpoint and keeps it where they are good; null where it cannot be read.</summary>
    private Checkpoint? Take(string file, int number, Func<CheckpointLine> parse, bool ofExport)
    {
        try
        {
            var (checkpoint, note) = parse();
            var log = _origins.IndexOf(checkpoint.Origin);
            if (log < 0 && !ofExport)
            {
                _report.Add(
                    Kind.Checkpoint,
                    $"{file}, line {number}: the checkpoint is of {checkpoint.Origin}, a log the export knows nothing of"
                );
                return checkpoint;
            }

            if (log < 0)
            {
                log = _origins.Count;
                _origins.Add(checkpoint.Origin);
            }
            else if (ofExport && log < _origins.Count - 1)
            {
                _report.Add(
                    Kind.Checkpoint,
                    $"{file}, line {number}: a checkpoint of {checkpoint.Origin} stands after those of {_origins[^1]}, which succeeded it"
                );
            }

            if (AreSignaturesGood(checkpoint, note, $"{file}, line {number}", ofExport))
                _stated.Add(new Stated(log, checkpoint.Size, checkpoint.Root, file, number));
            return checkpoint;
        }
        catch (FormatException e)
        {
            _report.Add(Kind.Checkpoint, $"{file}, line {number}: {e.Message}");
            return null;
        }
    }

    private bool AreSignaturesGood(Checkpoint checkpoint, SignedNote note, string where, bool ofExport)
    {
        var keys = _keys.Of(checkpoint.Origin);
        var signers = note.SignedBy([.. keys.Select(k => k.Key), .. _keys.Witnesses]);
        foreach (var (witness, at, counts) in _keys.Seen(note, signers))
            Count(witness, at, counts, checkpoint);

        foreach (var key in ofExport ? signers.Where(s => s.Type == SignatureType.Note) : [])
        {
            var (first, last) = _signed.GetValueOrDefault(key, (checkpoint.Size, checkpoint.Size));
            _signed[key] = (Math.Min(first, checkpoint.Size), Math.Max(last, checkpoint.Size));
        }

        var good = signers.Any(s => s.Type == SignatureType.Note);
        if (!good)
            _report.Add(Kind.Checkpoint, $"{where}: the checkpoint of size {checkpoint.Size} is signed by no key you gave");
        // What a log signed after the last checkpoint that is left of it may be known from outside only.
        foreach (var key in good ? keys : [])
        {
            if (key.Covers(checkpoint.Size) == signers.Contains(key.Key))
                continue;
            if (!ofExport && checkpoint.Origin != _origins[^1] && checkpoint.Size > key.LastSize)
                continue;
            good = false;
            if (key.Covers(checkpoint.Size))
                _report.Add(
                    Kind.Checkpoint,
                    $"{where}: the checkpoint of size {checkpoint.Size} lacks the signature of the key {key.Key.Id:x8}, which signs from "
                        + $"{key.FirstSize} on"
                );
            else
                _report.Add(
                    Kind.Checkpoint,
                    $"{where}: the checkpoint of size {checkpoint.Size} is signed by the key {key.Key.Id:x8}, which signs only "
                        + $"{key.FirstSize} to {key.LastSize}"
                );
        }

        return good;
    }

    private void Count(VerifierKey witness, DateTimeOffset at, bool counts, Checkpoint checkpoint)
    {
        if (!counts)
        {
            _cosignedAhead[witness] = _cosignedAhead.GetValueOrDefault(witness) + 1;
            return;
        }

        var (count, largest, seen) = _cosigned.GetValueOrDefault(witness);
        _cosigned[witness] = checkpoint.Size >= largest ? (count + 1, checkpoint.Size, at) : (count + 1, largest, seen);
    }

    private void Tell()
    {
        foreach (var key in _keys.All.Where(k => k.Key.Type == SignatureType.Note && !_origins.Contains(k.Key.Name)))
            _report.Add(Kind.Keys, $"the key {key.Key.Id:x8} is of {key.Key.Name}, a log the export knows nothing of");
        foreach (var key in _keys.Unstated.Where(k => _origins.Contains(k.Key.Name)))
            _report.Add(Kind.Keys, $"{Export.Keys}: the key {key.Key.Id:x8} of {key.Key.Name}, which you gave, is not in it");
        _report.Say(
            $"Checkpoints: {Report.Number(_stated.Count)} with good "
                + $"signatures{(Newest is { } newest ? $"; the newest is of size {Report.Number(newest.Size)}, {_origins[^1]}" : "")}"
        );
        foreach (var witness in _keys.Witnesses)
        {
            var (count, largest, at) = _cosigned.GetValueOrDefault(witness);
            if (count == 0)
                _report.Say($"Witness:     {witness.Name} cosigned none of them");
            else
                _report.Say(
                    $"Witness:     {witness.Name} cosigned {Report.Number(count)}; the largest has size {Report.Number(largest)}, seen "
                        + $"{at:yyyy-MM-dd HH:mm:ss}Z"
                );
            if (_cosignedAhead.GetValueOrDefault(witness) is > 0 and var ahead)
                _report.Say(
                    $"Witness:     {witness.Name} states a time that is still to come under {Report.Number(ahead, "checkpoint")}: not "
                        + $"counted"
                );
        }
    }
}

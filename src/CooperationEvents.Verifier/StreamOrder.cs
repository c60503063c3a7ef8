using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>That each stream has the versions 1..n, each once, and that no event and no position stands twice. In little memory.</summary>
internal sealed class StreamOrder : IDisposable
{
    private readonly ExternalSort<Version> _versions = new();
    private readonly ExternalSort<Numbered<Guid>> _ids = new();
    private readonly ExternalSort<Numbered<long>> _positions = new();
    private readonly List<string> _streamTypes = [];

    public void Add(Entry entry, long index)
    {
        _ids.Add(new(entry.Id, index));
        _positions.Add(new(entry.Seq, index));
        if (entry.Type == StreamTypes.Tombstone)
            return;
        var type = _streamTypes.IndexOf(entry.StreamType);
        if (type < 0)
        {
            type = _streamTypes.Count;
            _streamTypes.Add(entry.StreamType);
        }

        _versions.Add(new(entry.Stream, entry.Version, index, type));
    }

    public void Check(Report report)
    {
        var streams = 0L;
        Version? before = null;
        foreach (var version in _versions.InOrder())
        {
            var first = before?.Stream != version.Stream;
            streams += first ? 1 : 0;
            var expected = first ? 1 : before!.Value.Number + 1;
            if (version.Number == expected - 1)
                report.Add(
                    Kind.Stream,
                    $"stream {version.Stream}: version {version.Number} stands twice, at index {before!.Value.Index} and at index "
                        + $"{version.Index}"
                );
            else if (version.Number > expected)
                report.Add(
                    Kind.Stream,
                    $"stream {version.Stream}: {Missing(expected, version.Number - 1)} missing before version {version.Number}, at index "
                        + $"{version.Index}"
                );
            if (!first && version.Type != before!.Value.Type)
                report.Add(
                    Kind.Stream,
                    $"stream {version.Stream}: at index {before!.Value.Index} it is a stream of {_streamTypes[before!.Value.Type]}, at "
                        + $"index {version.Index} of {_streamTypes[version.Type]}"
                );
            before = version;
        }

        Repeated(_ids, "event", report);
        Repeated(_positions, "position (seq)", report);
        report.Say($"Streams:     {Report.Number(streams)} were looked at for versions 1..n without gap");
    }

    public void Dispose()
    {
        _versions.Dispose();
        _ids.Dispose();
        _positions.Dispose();
    }

    private static string Missing(long from, long to) => from == to ? $"version {from} is" : $"versions {from} to {to} are";

    private static void Repeated<T>(ExternalSort<Numbered<T>> sorted, string what, Report report)
        where T : unmanaged, IComparable<T>
    {
        Numbered<T>? before = null;
        foreach (var one in sorted.InOrder())
        {
            if (before is { } b && b.Value.CompareTo(one.Value) == 0)
                report.Add(Kind.Stream, $"{what} {one.Value}: stands twice, at index {b.Index} and at index {one.Index}");
            before = one;
        }
    }

    private readonly record struct Version(Guid Stream, long Number, long Index, int Type) : IComparable<Version>
    {
        public int CompareTo(Version other) => (Stream, Number, Index).CompareTo((other.Stream, other.Number, other.Index));
    }

    private readonly record struct Numbered<T>(T Value, long Index) : IComparable<Numbered<T>>
        where T : unmanaged, IComparable<T>
    {
        public int CompareTo(Numbered<T> other) =>
            Value.CompareTo(other.Value) is not 0 and var order ? order : Index.CompareTo(other.Index);
    }
}

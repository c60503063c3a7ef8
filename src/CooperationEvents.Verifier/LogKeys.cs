using System.Text;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>The keys the auditor trusts, with the sizes they sign for. What the export says of keys is checked, never trusted.</summary>
public sealed class LogKeys
{
    private readonly ILookup<string, LogKey> _byOrigin;

    private readonly TimeProvider _clock;

    /// <param name="clock">By it a witness is held to have seen something; the system's where absent.</param>
    public LogKeys(IEnumerable<LogKey> keys, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        All = [.. keys];
        _byOrigin = All.Where(k => k.Key.Type == SignatureType.Note).ToLookup(k => k.Key.Name);
        Witnesses = [.. All.Select(k => k.Key).Where(k => k.Type == SignatureType.Cosignature)];
    }

    public IReadOnlyList<LogKey> All { get; }

    public IReadOnlyList<VerifierKey> Witnesses { get; }

    /// <summary>Those of logs that the export's own file of keys has not.</summary>
    public IReadOnlyList<LogKey> Unstated { get; private init; } = [];

    public LogKey[] Of(string origin) => [.. _byOrigin[origin]];

    /// <summary>
    /// When each of the witnesses among the signers of a note saw it. Who states a time that is still to come saw nothing, and does not
    /// count.
    /// </summary>
    public IEnumerable<(VerifierKey Witness, DateTimeOffset At, bool Counts)> Seen(SignedNote note, IEnumerable<VerifierKey> signers)
    {
        var now = _clock.GetUtcNow();
        return from witness in signers
            where witness.Type == SignatureType.Cosignature
            let first = Cosignature.Of(note, witness).MinBy(c => c.Timestamp)
            select (witness, first.At, !first.IsAheadOf(now));
    }

    /// <summary>
    /// The trusted keys, where they leave it open with the ranges that the export states. What both state must be the same.
    /// </summary>
    public static LogKeys Read(Export export, IReadOnlyList<LogKey> trusted, Report report, TimeProvider? clock = null)
    {
        var stated = new Dictionary<VerifierKey, LogKey>();
        if (export.ReadAll(Export.Keys) is not { } bytes)
        {
            report.Add(Kind.Keys, $"the file '{Export.Keys}' is missing");
            return new LogKeys(trusted, clock);
        }

        if (bytes is not [.., (byte)'\n'])
            report.Add(Kind.Keys, $"{Export.Keys}: the last line does not end in a line feed: the file was cut off");
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            try
            {
                var key = LogKey.Parse(line);
                if (!stated.TryAdd(key.Key, key))
                    report.Add(Kind.Keys, $"{Export.Keys}, line {number}: the key {key.Key.Id:x8} stands there twice");
            }
            catch (FormatException e)
            {
                report.Add(Kind.Keys, $"{Export.Keys}, line {number}: {e.Message}");
            }
        }

        foreach (var unknown in stated.Keys.Except(trusted.Select(k => k.Key)).Where(k => k.Type == SignatureType.Note))
            report.Say($"Keys:        the export names a key you did not give, which proves nothing here: {unknown}");
        return new LogKeys(trusted.Select(k => Agreed(k, stated, report)), clock)
        {
            Unstated = [.. trusted.Where(k => k.Key.Type == SignatureType.Note && !stated.ContainsKey(k.Key))],
        };
    }

    private static LogKey Agreed(LogKey trusted, Dictionary<VerifierKey, LogKey> stated, Report report)
    {
        if (trusted.Key.Type != SignatureType.Note)
            return trusted;
        if (!stated.TryGetValue(trusted.Key, out var said))
            return trusted;
        if (trusted == LogKey.Always(trusted.Key) || (trusted.FirstSize == said.FirstSize && trusted.LastSize is null))
            return said;
        if (trusted != said)
            report.Add(
                Kind.Keys,
                $"{Export.Keys}: the key {trusted.Key.Id:x8} signs {Range(said)} by the export, and {Range(trusted)} by the keys you gave"
            );
        return trusted;
    }

    private static string Range(LogKey key) => key.LastSize is { } last ? $"{key.FirstSize} to {last}" : $"{key.FirstSize} on";
}

using System.Text.Json;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Which of the imports that wait begins next on a node: one of who has the fewest running, of those the oldest. Some slots are kept for
/// small files, so that these never wait for large ones. Files of one calendar go one after the other, since the order of its revisions
/// counts.
/// </summary>
public static class ImportSlots
{
    /// <summary>The imports of any size that a node works on side by side.</summary>
    public const int ForAny = 6;

    /// <summary>The slots beyond those that are kept for small files.</summary>
    public const int ForSmall = 2;

    /// <summary>Bytes of the largest file that counts as small.</summary>
    public const long Small = 1024 * 1024;

    /// <param name="open">The imports that have not ended, oldest first.</param>
    /// <param name="running">Those that this node works on.</param>
    public static IReadOnlyList<Import> Next(IReadOnlyList<Import> open, IReadOnlySet<Guid> running)
    {
        var calendars = new HashSet<string>();
        var (begun, fresh) = (new Dictionary<Guid, int>(), new List<(Import Import, int Turn)>());
        foreach (var import in open.OrderByDescending(i => running.Contains(i.Id)))
        {
            // Of a calendar the oldest is first, whoever posted it.
            if (CalendarOf(import) is { } calendar && !calendars.Add(calendar))
                continue;
            var turn = begun[import.Actor] = begun.GetValueOrDefault(import.Actor) + 1;
            if (!running.Contains(import.Id))
                fresh.Add((import, turn));
        }

        var waiting = fresh.OrderBy(f => f.Turn).ToList();
        var any = waiting.Take(Math.Max(0, ForAny - running.Count)).ToList();
        var left = ForAny + ForSmall - running.Count - any.Count;
        var small = waiting.Skip(any.Count).Where(f => f.Import.Bytes <= Small).OrderBy(f => f.Turn).ThenBy(f => f.Import.Bytes);
        List<Import> next = [.. any.Concat(small.Take(Math.Max(0, left))).Select(f => f.Import)];
        return next;
    }

    private static string? CalendarOf(Import import) =>
        import.Format == ImportFormat.Calendar ? JsonDocument.Parse(import.Mapping!).RootElement.GetProperty("system").GetString() : null;
}

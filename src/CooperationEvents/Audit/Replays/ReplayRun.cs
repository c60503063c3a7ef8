using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>
/// One replay from where it stands to its report. Of each page, the events are first held against the log and then applied;
/// when everything is, the rows are compared. Memory is that of a page.
/// </summary>
internal sealed class ReplayRun(
    Replay replay,
    ReplayStore store,
    NpgsqlDataSource database,
    RegisteredReadModels readModels,
    SideTables sideTables,
    ReplayOptions options,
    ReplayMetrics metrics,
    TimeProvider clock,
    Func<Task> stillLeading
)
{
    /// <summary>How many events are read again between two looks around.</summary>
    private const int Page = 1_000;

    /// <summary>How long the log and the live read models may stand still below the position before the replay gives up waiting.</summary>
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly ReplayedEvents _events = new(database);
    private readonly long _started = clock.GetTimestamp();
    private long _replayed;
    private long _before;
    private long _total;

    /// <exception cref="ReplayFailedException">It cannot come to its end.</exception>
    /// <exception cref="NewerVersionException">The same, as it came to an event of a type that this node does not know.</exception>
    /// <exception cref="ReplayEndedException">It was ended by somebody else.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        await using var scratch = await ReplayScratch.Open(replay.Id, database, readModels, cancellation);
        _total = await _events.Count(replay.Position, cancellation);
        _replayed = _before = await _events.Count(Math.Min(scratch.Position, replay.Position), cancellation);
        if (!await store.TakeUp(replay.Id, Math.Min(scratch.Position, replay.Position), _replayed, _total, cancellation))
            throw new ReplayEndedException();

        await Replay(scratch, cancellation);
        var comparison = new ReplayComparison(database, scratch, options.RowsAtOnce);
        var live = await Reach(comparison.LivePosition, replay.Position, cancellation);
        if (live < replay.Position)
            throw new ReplayFailedException(
                $"The live read models stand at position {live} and do not come to {replay.Position}: there is nothing to compare with."
            );
        try
        {
            await Compare(comparison, scratch, cancellation);
        }
        catch (NotReplayedException e)
        {
            await store.Found(replay, [await _events.NotApplied(e, cancellation)], cancellation);
            throw new ReplayFailedException($"{e.Message} The comparison ended there.");
        }

        // What is applied to bring both sides to one position is held against the log as well.
        if (scratch.Position > replay.Position)
            await Check(replay.Position, scratch.Position, await Reach(_events.CoveredByLog, scratch.Position, cancellation), cancellation);
    }

    /// <summary>Applies everything up to the position, each page once it was held against the log.</summary>
    private async Task Replay(ReplayScratch scratch, CancellationToken cancellation)
    {
        var covered = await Reach(_events.CoveredByLog, replay.Position, cancellation);
        Exception? stopped = null;
        var at = scratch.Position;
        while (at < replay.Position)
        {
            var began = clock.GetTimestamp();
            var end = await _events.PageEnd(at, replay.Position, Page, cancellation);
            var events = await Check(at, end, covered, cancellation);
            try
            {
                if (stopped is null)
                    await scratch.Advance(end, cancellation);
            }
            catch (NotReplayedException e)
            {
                // The rest of the history is still held against the log: what stopped it may not be alone.
                stopped = new ReplayFailedException($"{e.Message} The report names what was found of the events; rows were not compared.");
                await store.Found(replay, [await _events.NotApplied(e, cancellation)], cancellation);
            }
            catch (NewerVersionException e)
            {
                stopped = e;
            }

            at = end;
            _replayed += stopped is null ? events : 0;
            await Note(events, Math.Min(at, covered), cancellation);
            await Rest(began, cancellation);
        }

        await store.Found(replay, await _events.CheckBeyond(cancellation), cancellation);
        await store.Found(replay, await _events.CheckStreams(cancellation), cancellation);
        await store.Found(replay, await _events.CheckLog(cancellation), cancellation);
        if (stopped is not null)
            throw stopped;
    }

    private async Task<long> Check(long after, long to, long covered, CancellationToken cancellation)
    {
        var (events, damaged) = await _events.Check(after, to, covered, cancellation);
        await store.Found(replay, damaged, cancellation);
        return events;
    }

    private async Task Compare(ReplayComparison comparison, ReplayScratch scratch, CancellationToken cancellation)
    {
        var tables = new List<ReplayedTable>();
        var (from, to) = ((long?)null, scratch.Position);
        foreach (var table in scratch.Tables())
        {
            await Table(table.Live, after => comparison.Compare(
                    table,
                    (live, replayed, findings, position) =>
                    {
                        to = position;
                        return after(live, replayed, findings);
                    },
                    cancellation
                ));
        }

        foreach (var (table, compare) in sideTables.UpTo(replay.Position))
            await Table(table, after => compare(after, cancellation));

        async Task Table(string table, Func<AfterRows, Task> compare)
        {
            var began = clock.GetTimestamp();
            var counted = new ReplayedTable(table, 0, 0, 0);
            await compare(
                async (live, replayed, findings) =>
                {
                    counted = new ReplayedTable(
                        table,
                        counted.Live + live,
                        counted.Replayed + replayed,
                        counted.Differences + findings.Count
                    );
                    metrics.Compared(live);
                    await store.Found(replay, findings, cancellation);
                    if (!await store.Compared(replay.Id, from ??= to, to, [.. tables, counted], cancellation))
                        throw new ReplayEndedException();
                    await stillLeading();
                    await Rest(began, cancellation);
                    began = clock.GetTimestamp();
                }
            );
            tables.Add(counted);
        }
    }

    private async Task Note(long events, long checkedTo, CancellationToken cancellation)
    {
        var elapsed = clock.GetElapsedTime(_started).TotalSeconds;
        metrics.Replayed(events, _total == 0 ? 1 : (double)_replayed / _total);
        if (!await store.Progress(replay.Id, _replayed, (long)((_replayed - _before) / Math.Max(elapsed, 0.001)), checkedTo, cancellation))
            throw new ReplayEndedException();
        await stillLeading();
    }

    /// <summary>Rests, and so leaves the processors and the disk to everybody else for their share of the time.</summary>
    private Task Rest(long began, CancellationToken cancellation) =>
        options.Share == 100
            ? Task.CompletedTask
            : Task.Delay(clock.GetElapsedTime(began) * (100 - options.Share) / options.Share, clock, cancellation);

    /// <summary>Waits until the position is reached, or for so long as there is progress towards it.</summary>
    private async Task<long> Reach(Func<CancellationToken, Task<long>> current, long position, CancellationToken cancellation)
    {
        var (before, since) = (-1L, clock.GetTimestamp());
        while (true)
        {
            var now = await current(cancellation);
            if (now >= position || (now == before && clock.GetElapsedTime(since) > StallTimeout))
                return now;
            if (now != before)
                (before, since) = (now, clock.GetTimestamp());
            await Task.Delay(PollInterval, clock, cancellation);
        }
    }
}

/// <summary>The replay was ended, by a cancellation or by another node, while this one ran it.</summary>
internal sealed class ReplayEndedException : Exception;

using System.Collections.Concurrent;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Hosting;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Takes an import from where it is to its end. What rows come to and how far it has come are committed together, so that
/// a run that breaks off is continued by another with nothing lost and nothing twice. So does one on a node whose clock is wrong: rows are
/// decided by the day it is.
/// </summary>
public sealed partial class ImportRun(
    ImportStore store,
    ImportReports reports,
    CalendarRevisions revisions,
    Recorder recorder,
    ImportScheduler turns,
    Principals principals,
    Quotas quotas,
    ClockCheck clocks,
    TimeProvider clock,
    ILogger<ImportRun> logger
)
{
    /// <summary>Which imports were said to wait for a newer version, and for what.</summary>
    private readonly ConcurrentDictionary<(Guid Import, string Why), bool> _waiting = [];

    /// <summary>How often it is asked again whether the caller may still record, where this node has ended nobody.</summary>
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(10);

    private const string QuotaSpent =
        "Its caller has recorded as many events today as one may. What was recorded before stays; post the rest of the file tomorrow, UTC.";

    /// <returns>Whether it has ended; else another run goes on with it.</returns>
    public async Task<bool> Run(Import import, CancellationToken cancellation)
    {
        var dryRun = recorder.DryRun(import.Id);
        using var place = turns.Join(import.Id, import.Actor);

        // Of an import that another run began, this one does not know the position that was reached.
        var begun = import.State is ImportState.Appending;
        var furthest = new Furthest();
        try
        {
            if (import.State is ImportState.Queued)
                import = await Begin(
                    import,
                    import.DryRun || import.Mode == ImportMode.Atomic ? ImportState.Deciding : ImportState.Appending,
                    cancellation
                );
            else if (import.State is ImportState.Deciding)
                import = await Begin(import, ImportState.Deciding, cancellation);

            if (import.State is ImportState.Deciding)
            {
                await dryRun.Clear(cancellation);
                var counts = await Pass(import, dryRun, new Furthest(), cancellation);
                await dryRun.Clear(cancellation);
                if (import.Mode == ImportMode.Atomic && counts.Refused > 0)
                {
                    var refused = $"{counts.Refused} of {counts.Rows} rows {(counts.Refused == 1 ? "was" : "were")} refused";
                    var reason = $"{refused}, so none {(import.DryRun ? "would be" : "was")} recorded.";
                    await store.End(import.Id, ImportState.Refused, reason, null, cancellation);
                }
                else if (import.DryRun)
                {
                    await store.End(import.Id, ImportState.Completed, null, null, cancellation);
                }
                else
                {
                    import = await Begin(import, ImportState.Appending, cancellation);
                }
            }

            if (import.State is ImportState.Appending)
            {
                await Pass(import, null, furthest, cancellation);
                await store.End(import.Id, ImportState.Completed, null, Reached(), cancellation);
            }
        }
        catch (UnreadableFileException unreadable)
        {
            await store.End(import.Id, ImportState.Failed, unreadable.Message, Reached(), cancellation);
        }
        catch (CallerEndedException)
        {
            await store.End(
                import.Id,
                ImportState.Failed,
                "Its caller may not record any more. What was recorded before stays.",
                Reached(),
                cancellation
            );
        }
        catch (QuotaSpentException)
        {
            await store.End(import.Id, ImportState.Failed, QuotaSpent, Reached(), cancellation);
        }
        catch (ClockApartException)
        {
            // Another node goes on with it, or this one once its clock is right.
        }
        catch (NewerVersionException newer)
        {
            // The same; it is not begun again here before others had time for it.
            if (_waiting.TryAdd((import.Id, newer.Message), true))
                Waits(logger, import.Id, newer.Message);
        }
        catch (Exception e) when (HasMovedOn(e))
        {
            // It was cancelled, or another node has it: this run of it is over.
        }

        if (await store.Find(import.Id, cancellation) is { IsFinal: false })
            return false;
        await dryRun.Clear(cancellation);
        return true;

        long? Reached() => begun || furthest.Position == 0 ? null : furthest.Position;
    }

    /// <summary>Ends an import that was begun <see cref="Attempts.Most"/> times and came no further.</summary>
    public async Task GiveUp(Guid id, CancellationToken cancellation)
    {
        if (await store.Find(id, cancellation) is not { IsFinal: false, Counts.Rows: var rows })
            return;
        var why =
            $"The service tried {Attempts.Most} times to go on after {(rows == 1 ? "1 row" : $"{rows} rows")} of this file; each time it "
            + "failed, or its node ended. The operator finds why in the log. What was recorded before stays.";
        await store.End(id, ImportState.Failed, why, null, cancellation);
        await recorder.DryRun(id).Clear(cancellation);
    }

    private async Task<Import> Begin(Import import, ImportState pass, CancellationToken cancellation)
    {
        await store.Begin(import.Id, import.State, pass, cancellation);
        return await store.Find(import.Id, cancellation) is { } begun && begun.State == pass
            ? begun
            : import with
            {
                State = ImportState.Cancelled,
            };
    }

    /// <summary>Goes over the rows from where the pass is to the end.</summary>
    private async Task<ImportCounts> Pass(Import import, DryRun? dryRun, Furthest furthest, CancellationToken cancellation)
    {
        // An atomic import whose appending has begun is not stopped: it would be neither whole nor nothing.
        var isBound = import is { Mode: ImportMode.Atomic, State: ImportState.Appending };
        var (askedAt, endings) = (clock.GetTimestamp(), principals.Endings);
        if (!isBound || import.Counts.Rows == 0)
            import = await AsItsCallerStands(import, cancellation);
        var pass = new ImportPass(import, AsItsCallerStandsNow, dryRun, store, reports, recorder, turns);
        await using var file = new ImportFile(store, import.Id, cancellation);
        var reader = RowReaders.Of(import, revisions, (mapping, entries) =>
            recorder.Look(dryRun, work => CalendarLookup.OfMapping(work, mapping, entries), cancellation)
        );
        var skip = import.Counts.Rows;
        var counted = import.Counts.Events;
        try
        {
            await foreach (var row in reader.Rows(RowReaders.Text(import, file), cancellation))
            {
                if (skip-- > 0)
                    continue;
                RefuseByWrongClock();
                await pass.Take(row, cancellation);
                CountEvents();
                if (!isBound && dryRun is null && quotas.IsSpent(import.Actor))
                    throw new QuotaSpentException();
            }

            RefuseByWrongClock();
            return await pass.Finish(cancellation);
        }
        catch (UnreadableFileException)
        {
            // What was read before counts.
            await pass.Finish(cancellation);
            throw;
        }
        finally
        {
            CountEvents();
            furthest.Position = Math.Max(furthest.Position, pass.Position);
        }

        async Task<Import> AsItsCallerStandsNow(Import import)
        {
            if (isBound || principals.Endings == endings && clock.GetElapsedTime(askedAt) < BetweenChecks)
                return import;
            (askedAt, endings) = (clock.GetTimestamp(), principals.Endings);
            return await AsItsCallerStands(import, cancellation);
        }

        void CountEvents()
        {
            if (dryRun is null)
                quotas.Count(import.Actor, pass.Events - counted);
            counted = pass.Events;
        }
    }

    /// <summary>The import with the scopes that its caller still has of those it was posted with.</summary>
    private async Task<Import> AsItsCallerStands(Import import, CancellationToken cancellation)
    {
        var standing = await principals.Standing(import.Actor, cancellation);
        return standing.Contains(Scopes.ActivityWrite)
            ? import with
            {
                Scopes = [.. import.Scopes.Intersect(standing)],
            }
            : throw new CallerEndedException();
    }

    private static bool HasMovedOn(Exception exception) =>
        exception switch
        {
            PostgresException { SqlState: ImportTables.MovedOn } => true,
            AggregateException { InnerExceptions: var inner } => inner.Any(HasMovedOn),
            _ => exception.InnerException is { } inner && HasMovedOn(inner),
        };

    private void RefuseByWrongClock()
    {
        if (clocks.Refusal is { } refusal)
            throw new ClockApartException(refusal.Detail);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The import {Import} waits for a node of a newer version. {Why}")]
    private static partial void Waits(ILogger logger, Guid import, string why);

    private sealed class CallerEndedException : Exception;

    private sealed class QuotaSpentException : Exception;

    /// <summary>How far the run has come in the history.</summary>
    private sealed class Furthest
    {
        public long Position { get; set; }
    }
}

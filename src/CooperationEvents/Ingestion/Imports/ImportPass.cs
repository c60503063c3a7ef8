using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>One pass over the rows of an import: each is recorded, or in a rehearsal only decided, and the progress noted with it.</summary>
internal sealed class ImportPass(Import import, Rehearsal? rehearsal, ImportStore store, Recorder recorder)
{
    /// <summary>The most rows decided together.</summary>
    private const int MostRows = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Caller _caller = new(import.Actor, import.OnBehalfOf, import.Source, import.Correlation);
    private readonly List<(ImportRow Row, Submission? Submission, Problem? Fault)> _waiting = [];
    private ImportCounts _done = import.Counts;

    /// <summary>Takes the next row; it may be decided later, together with others.</summary>
    public async Task Take(ImportRow row, CancellationToken cancellation)
    {
        if (row.Plan is not null)
        {
            await Drain(cancellation);
            await TakePlanned(row, row.Plan, cancellation);
            return;
        }

        var (submission, fault) = row.Command is null ? (null, row.Fault) : Submit(row.Command);
        _waiting.Add((row, submission, fault));
        if (_waiting.Count >= MostRows)
            await Advance(cancellation);
    }

    /// <summary>Decides what still waits; what became of all rows of the pass.</summary>
    public async Task<ImportCounts> Finish(CancellationToken cancellation)
    {
        await Drain(cancellation);
        return _done;
    }

    private async Task Drain(CancellationToken cancellation)
    {
        while (_waiting.Count > 0)
            await Advance(cancellation);
    }

    /// <summary>Decides as many of the waiting rows as go together, and notes with what follows from them how far the pass has come.</summary>
    private async Task Advance(CancellationToken cancellation)
    {
        var submissions = _waiting.Select(w => w.Submission).OfType<Submission>().ToList();
        ImportStore.Progress? progress = null;
        if (rehearsal is not null || submissions.Count == 0)
        {
            progress = await Progress(submissions.Count == 0 ? [] : await recorder.RehearseFirst(submissions, rehearsal!, cancellation), cancellation);
            await store.Advance(progress, cancellation);
        }
        else
        {
            var outcomes = await recorder.RecordFirst(
                submissions, async (batch, verdicts) => batch.BatchCommands.Add(ImportStore.AdvanceCommand(progress = await Progress(verdicts, cancellation))), cancellation);
            if (IsBusy(outcomes[0]))
            {
                await Task.Delay(Pause, cancellation);
                return;
            }
        }

        _waiting.RemoveRange(0, (int)progress!.More.Rows);
        _done += progress.More;
    }

    /// <summary>How far the pass comes with these verdicts: to the last row before the first that is still undecided.</summary>
    private async Task<ImportStore.Progress> Progress(IReadOnlyList<Verdict> verdicts, CancellationToken cancellation)
    {
        var next = 0;
        var more = ImportCounts.None;
        var remarks = new List<(long, byte[])>();
        foreach (var (row, submission, fault) in _waiting)
        {
            if (submission is not null && next == verdicts.Count)
                break;
            var verdict = submission is null ? new Verdict(fault, 0) : verdicts[next++];
            more += Counts(row, verdict.Refused, verdict.Events);
            var ordinal = _done.Rows + more.Rows;
            if (verdict.Refused is { } refused)
                remarks.Add((ordinal, await Sealed(ordinal, Refusals(row, [refused]), cancellation)));
            else if (row.Notes.Count > 0)
                remarks.Add((ordinal, await Sealed(ordinal, row.Notes, cancellation)));
        }

        return new ImportStore.Progress(import.Id, import.State, _done.Rows, more, remarks);
    }

    /// <summary>
    /// A row whose commands depend on what is recorded is planned when its turn has come. Where a run breaks off between its
    /// commands the next one plans it again, and finds only what is still missing.
    /// </summary>
    private async Task TakePlanned(ImportRow row, Func<Work, Task<RowPlan>> plan, CancellationToken cancellation)
    {
        var planned = await recorder.Look(rehearsal, plan, cancellation);
        var refused = new List<Problem>();
        var events = 0L;
        if (planned.Refused is not null)
            refused.Add(planned.Refused);
        foreach (var command in planned.Commands)
        {
            var (submission, fault) = Submit(command);
            var verdict = submission is null ? new Verdict(fault, 0) : await Decide(submission, cancellation);
            events += verdict.Events;
            if (verdict.Refused is not null)
                refused.Add(verdict.Refused);
        }

        var ordinal = _done.Rows + 1;
        var taken = row with { Skipped = planned.Skipped, Notes = refused.Count == 0 ? planned.Notes : [] };
        var remarks = refused.Count == 0 ? taken.Notes : Refusals(row, refused);
        if (refused.Count == 0 && !planned.Skipped && rehearsal is null)
            await planned.Done();
        var counts = Counts(taken, refused.Count == 0 ? null : refused[0], events);
        var progress = new ImportStore.Progress(
            import.Id, import.State, _done.Rows, counts, remarks.Count == 0 ? [] : [(ordinal, await Sealed(ordinal, remarks, cancellation))]);
        await store.Advance(progress, cancellation);
        _done += progress.More;
    }

    private async Task<Verdict> Decide(Submission submission, CancellationToken cancellation)
    {
        if (rehearsal is not null)
            return (await recorder.RehearseFirst([submission], rehearsal, cancellation))[0];
        while (true)
        {
            Verdict? verdict = null;
            var outcomes = await recorder.RecordFirst(
                [submission],
                (_, verdicts) =>
                {
                    verdict = verdicts[0];
                    return Task.CompletedTask;
                },
                cancellation);
            if (!IsBusy(outcomes[0]))
                return verdict!;
            await Task.Delay(Pause, cancellation);
        }
    }

    private (Submission? Submission, Problem? Fault) Submit(ICommand command)
    {
        var entry = CommandCatalogue.Of(command);
        return import.Scopes.Contains(entry.Scope)
            ? (new Submission(_caller, entry.Handle(command), entry.Status), null)
            : (null, AccessProblems.Lacking(entry.Scope));
    }

    private static ImportCounts Counts(ImportRow row, Problem? refused, long events) => new(
        1,
        row.Skipped || refused is not null ? 0 : 1,
        row.Skipped || refused is not null || events > 0 ? 0 : 1,
        refused is null ? 0 : 1,
        row.Skipped ? 1 : 0,
        events,
        refused is null ? NoteCounts.Of(row.Notes) : NoteCounts.None);

    private static IReadOnlyList<RowRemark> Refusals(ImportRow row, IReadOnlyList<Problem> problems) =>
    [
        .. problems.SelectMany(problem => problem.Errors.Count == 0
            ? [new RowRefusal(row.Number, problem.Type.Uri, problem.Detail)]
            : problem.Errors.Select(e => new RowRefusal(row.Number, problem.Type.Uri, e.Detail, row.FieldOf(e.Pointer)))),
    ];

    private Task<byte[]> Sealed(long ordinal, IReadOnlyList<RowRemark> remarks, CancellationToken cancellation) =>
        store.SealRemarks(import.Id, ordinal, remarks, cancellation);

    private static bool IsBusy(Outcome outcome) => outcome is Outcome.Refused { Problem: { } problem } && problem.Type == KernelProblems.Busy;
}

using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// One pass over the rows of an import: each is recorded, or in a dry run only decided, and the progress noted with it.
/// </summary>
/// <param name="asItsCallerStands">The import with the scopes that its caller has now; asked before anything is recorded.</param>
internal sealed class ImportPass(
    Import import,
    Func<Import, Task<Import>> asItsCallerStands,
    DryRun? dryRun,
    ImportStore store,
    ImportReports reports,
    Recorder recorder,
    ImportScheduler turns
)
{
    /// <summary>The most rows decided together, where no other import waits.</summary>
    private const int MostRows = 500;

    /// <summary>The most rows of a turn that others wait for: a fraction of a second.</summary>
    private const int MostRowsInTurn = 100;

    /// <summary>What rows that are decided together are called in traces.</summary>
    private const string Rows = "import: rows";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Caller _caller = new(import.Actor, import.OnBehalfOf, import.Source, import.Correlation);
    private readonly List<Waiting> _waiting = [];

    /// <summary>How much waits.</summary>
    private int _size;

    private ImportCounts _done = import.Counts;

    /// <summary>The position of the newest event behind what was accepted; 0 where that is nothing.</summary>
    public long Position { get; private set; }

    /// <summary>The events that came of the rows so far.</summary>
    public long Events => _done.Events;

    /// <summary>Takes the next row; it may be decided later, together with others.</summary>
    public async Task Take(ImportRow row, CancellationToken cancellation)
    {
        if (row.Plan is not null)
        {
            await Drain(cancellation);
            await TakePlanned(row, row.Plan, cancellation);
            return;
        }

        _waiting.Add(Submit(row));
        _size += _waiting[^1].Size;
        if (_size >= MostRows || (_size >= MostRowsInTurn && turns.IsShared(import.Id)))
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

    /// <summary>
    /// Decides as many of the waiting rows as go together, and notes with what follows from them how far the pass has come.
    /// </summary>
    private async Task Advance(CancellationToken cancellation)
    {
        using var turn = await turns.Take(import.Id, cancellation);
        using var trace = Traces.Begin(Rows);
        await AskForScopes();
        var submissions = _waiting.SelectMany(w => w.Submissions).ToList();
        ImportProgress? progress = null;
        if (dryRun is not null || submissions.Count == 0)
        {
            progress = await Progress(submissions.Count == 0 ? [] : await Decide(submissions, cancellation), cancellation);
            await store.Advance(progress, [], cancellation);
        }
        else
        {
            var results = await recorder.RecordFirst(
                submissions,
                async (batch, decisions) => batch.BatchCommands.Add((progress = await Progress(decisions, cancellation)).Command()),
                cancellation
            );
            if (IsBusy(results[0]))
            {
                await Task.Delay(RetryDelay, cancellation);
                return;
            }

            Reach(results);
        }

        _waiting.RemoveRange(0, (int)progress!.More.Rows);
        _size = _waiting.Sum(w => w.Size);
        _done += progress.More;
    }

    /// <summary>Decides without recording. A refusal names no record that only an earlier row would make.</summary>
    private async Task<IReadOnlyList<CommandResult>> Decide(IReadOnlyList<Submission> submissions, CancellationToken cancellation)
    {
        var results = await recorder.DecideFirst(submissions, dryRun!, cancellation);
        List<Guid> named = [.. results.OfType<CommandResult.Refused>().Select(refused => refused.Problem.Record).OfType<Guid>()];
        if (named.Count == 0)
            return results;
        var recorded = await store.Recorded(named, cancellation);
        return
        [
            .. results.Select(result =>
                result is CommandResult.Refused { Problem: { Record: { } record } problem } refused && !recorded.Contains(record)
                    ? refused with
                    {
                        Problem = problem with { Record = null },
                    }
                    : result
            ),
        ];
    }

    /// <summary>Takes the scopes that the caller has by now; what waits is submitted with these.</summary>
    private async Task AskForScopes()
    {
        var asItIs = await asItsCallerStands(import);
        if (asItIs.Scopes.Count == import.Scopes.Count)
            return;
        import = asItIs;
        for (var i = 0; i < _waiting.Count; i++)
            _waiting[i] = Submit(_waiting[i].Row);
        _size = _waiting.Sum(w => w.Size);
    }

    /// <summary>How far the pass comes with these decisions: to the last row before the first that is still undecided.</summary>
    private async Task<ImportProgress> Progress(IReadOnlyList<CommandResult> decisions, CancellationToken cancellation)
    {
        var next = 0;
        var more = ImportCounts.None;
        var remarks = new List<(long, byte[])>();
        foreach (var (row, submissions, faults) in _waiting)
        {
            if (next + submissions.Count > decisions.Count)
                break;
            var decided = submissions.Select((_, i) => decisions[next + i]).ToList();
            next += submissions.Count;
            List<Problem> refused =
            [
                .. faults,
                .. decided.Select((result, i) => result.Refusal is { } problem ? row.Commands[i].InRow(problem) : null).OfType<Problem>(),
            ];
            var alike = decided.SelectMany(result => Alike(row, result));
            var taken = refused.Count > 0 ? row : row with { Notes = [.. row.Notes, .. alike] };
            more += Counts(taken, refused.Count > 0, decided.Sum(v => v.Events));
            var ordinal = _done.Rows + more.Rows;
            if (refused.Count > 0)
                remarks.Add((ordinal, await Sealed(ordinal, Refusals(row, refused), cancellation)));
            else if (taken.Notes.Count > 0)
                remarks.Add((ordinal, await Sealed(ordinal, taken.Notes, cancellation)));
        }

        return new ImportProgress(import.Id, import.State, _done.Rows, more, remarks);
    }

    /// <summary>
    /// A row whose commands depend on what is recorded is planned when its turn has come, and recorded in one transaction with its
    /// progress. Of one that is too long for that, a run that breaks off has recorded a part: the next one plans it again, and
    /// finds only what is still missing.
    /// </summary>
    private async Task TakePlanned(ImportRow row, Func<UnitOfWork, Task<RowPlan>> plan, CancellationToken cancellation)
    {
        using var turn = await turns.Take(import.Id, cancellation);
        using var trace = Traces.Begin(Rows);
        await AskForScopes();
        var planned = await recorder.Look(dryRun, plan, cancellation);
        var submitted = planned.Commands.Select(command => Submit(command)).ToList();
        var submissions = submitted.Select(s => s.Submission).OfType<Submission>().ToList();
        var decided = new List<CommandResult>(submissions.Count);
        ImportProgress? progress = null;
        while (decided.Count < submissions.Count)
        {
            List<Submission> left = [.. submissions.Skip(decided.Count)];
            if (dryRun is not null)
            {
                decided.AddRange(await Decide(left, cancellation));
                continue;
            }

            IReadOnlyList<CommandResult> more = [];
            var results = await recorder.RecordFirst(
                left,
                async (batch, decisions) =>
                {
                    (more, progress) = (decisions, null);
                    if (more.Count < left.Count)
                        return;
                    progress = await Progress(row, planned, submitted, [.. decided, .. more], cancellation);
                    foreach (var statement in Kept(planned, progress).Append(progress.Command()))
                        batch.BatchCommands.Add(statement);
                },
                cancellation
            );
            if (IsBusy(results[0]))
            {
                await Task.Delay(RetryDelay, cancellation);
                continue;
            }

            decided.AddRange(more);
            Reach(results);
        }

        if (progress is null)
        {
            progress = await Progress(row, planned, submitted, decided, cancellation);
            await store.Advance(progress, Kept(planned, progress), cancellation);
        }

        _done += progress.More;
    }

    /// <summary>What is kept with a planned row, unless it is refused or of a dry run.</summary>
    private IEnumerable<NpgsqlBatchCommand> Kept(RowPlan planned, ImportProgress progress) =>
        dryRun is not null || progress.More.Refused > 0 ? [] : planned.Keep();

    /// <summary>How far the pass comes with a planned row that was decided so.</summary>
    private async Task<ImportProgress> Progress(
        ImportRow row,
        RowPlan planned,
        IReadOnlyList<(Submission? Submission, Problem? Problem)> submitted,
        IReadOnlyList<CommandResult> decided,
        CancellationToken cancellation
    )
    {
        var next = 0;
        List<Problem> refused = [.. new[] { planned.Refused }.OfType<Problem>()];
        var spared = new List<RowNote>();
        foreach (var (command, (submission, fault)) in planned.Commands.Zip(submitted))
        {
            if ((submission is null ? fault : decided[next++].Refusal) is not { } problem)
                continue;
            if (planned.Spared(command, problem) is { } note)
                spared.Add(note);
            else
                refused.Add(problem);
        }

        var isRefused = refused.Count > 0;
        var events = decided.Sum(d => d.Events);
        var taken = row with
        {
            Skipped = planned.Skipped,
            Notes = isRefused ? [] : [.. Told(planned, events), .. spared.Distinct(), .. decided.SelectMany(d => Alike(row, d))],
        };
        var ordinal = _done.Rows + 1;
        var remarks = isRefused ? Refusals(row, refused) : taken.Notes;
        return new ImportProgress(
            import.Id,
            import.State,
            _done.Rows,
            Counts(taken, isRefused, events),
            remarks.Count == 0 ? [] : [(ordinal, await Sealed(ordinal, remarks, cancellation))]
        );
    }

    /// <summary>What a plan says of its row, but for changes that came to nothing.</summary>
    private static IReadOnlyList<RowNote> Told(RowPlan planned, long events) =>
        events > 0 ? planned.Notes : [.. planned.Notes.Where(n => n.Kind is not (NoteKind.New or NoteKind.Changed or NoteKind.Cancelled))];

    /// <summary>What there is to say of a record that a command of the row created, where it may be recorded twice.</summary>
    private IEnumerable<RowNote> Alike(ImportRow row, CommandResult result)
    {
        if (result is not CommandResult.Accepted { Events: > 0, PossibleDuplicates: { Count: > 0 } alike } created)
            yield break;
        var what = dryRun is null ? "What it recorded" : "What it would record";
        yield return new RowNote(row.Number, NoteKind.PossibleDuplicate, $"{what} may be recorded twice.")
        {
            Record = dryRun is null ? created.Id : null,
            PossibleDuplicates = [.. alike.Select(d => new RowDuplicate(d.Why, d.IsOfDryRun ? null : d.Id))],
        };
    }

    private void Reach(IReadOnlyList<CommandResult> results) =>
        Position = Math.Max(Position, results.OfType<CommandResult.Accepted>().Select(o => o.Position).DefaultIfEmpty().Max());

    private Waiting Submit(ImportRow row)
    {
        if (row.Faults.Count > 0)
            return new Waiting(row, [], row.Faults);
        var together = row.Commands.Count > 1 ? new object() : null;
        var submitted = row.Commands.Select(c => Submit(c.Command, together)).ToList();
        var faults = submitted.Select(s => s.Problem).OfType<Problem>().Distinct().ToList();
        return new Waiting(row, faults.Count > 0 ? [] : [.. submitted.Select(s => s.Submission!)], faults);
    }

    private (Submission? Submission, Problem? Problem) Submit(ICommand planned) =>
        CommandCatalogue.Of(planned).Read(planned) is var (read, misshapen) && read is null
            ? (null, misshapen)
            : Submit(read, together: null);

    private (Submission? Submission, Problem? Problem) Submit(ICommand command, object? together)
    {
        var entry = CommandCatalogue.Of(command);
        return import.Scopes.Contains(entry.Scope)
            ? (new Submission(_caller, entry.Rule(command).Decide, entry.Status) { Together = together }, null)
            : (null, AuthenticationProblems.Lacking(entry.Scope));
    }

    private static ImportCounts Counts(ImportRow row, bool refused, long events) =>
        new(
            1,
            row.Skipped || refused ? 0 : 1,
            row.Skipped || refused || events > 0 ? 0 : 1,
            refused ? 1 : 0,
            row.Skipped ? 1 : 0,
            events,
            refused ? NoteCounts.None : NoteCounts.Of(row.Notes)
        );

    private IReadOnlyList<RowRemark> Refusals(ImportRow row, IReadOnlyList<Problem> problems) =>
        [
            .. problems.SelectMany(problem =>
                problem.Errors.Count == 0
                    ? [new RowRefusal(row.Number, problem.Type.Uri, problem.Detail) { Record = problem.Record }]
                    : problem.Errors.Select(e => Refusal(row, problem, e))
            ),
        ];

    private RowRefusal Refusal(ImportRow row, Problem problem, FieldError error)
    {
        var shown = error.PersonId is null || import.Scopes.Contains(Scopes.PeopleRead);
        return new RowRefusal(row.Number, problem.Type.Uri, error.Detail, error.Pointer.Length == 0 ? null : error.Pointer)
        {
            Record = problem.Record,
            PersonId = error.PersonId,
            Recorded = shown ? error.Recorded : null,
            Sent = shown ? error.Sent : null,
        };
    }

    private Task<byte[]> Sealed(long ordinal, IReadOnlyList<RowRemark> remarks, CancellationToken cancellation) =>
        reports.Seal(import.Id, ordinal, remarks, cancellation);

    private static bool IsBusy(CommandResult result) =>
        result is CommandResult.Refused { Problem: { } problem } && problem.Type == KernelProblems.Busy;

    /// <summary>A row that waits to be decided: what it submits, or why it is refused without that.</summary>
    private sealed record Waiting(ImportRow Row, IReadOnlyList<Submission> Submissions, IReadOnlyList<Problem> Faults)
    {
        /// <summary>How much it counts among those decided together.</summary>
        public int Size => Math.Max(1, Submissions.Count);
    }
}

using CooperationEvents.Ingestion.Imports;

namespace CooperationEvents.UnitTests.Ingestion.Imports;

public sealed class ImportSchedulerTests
{
    private readonly Steps _clock = new();

    [Fact]
    public async Task So_many_work_at_once_and_the_others_wait()
    {
        var turns = new ImportScheduler(_clock, _ => false);
        var imports = Enumerable.Range(0, ImportScheduler.AtOnce + 1).Select(_ => Guid.NewGuid()).ToList();
        var taken = imports.Select(i => turns.Take(i, CancellationToken.None)).ToList();

        taken.Count(t => t.IsCompleted).ShouldBe(ImportScheduler.AtOnce);

        (await taken[0]).Dispose();
        await taken[^1];
    }

    [Fact]
    public async Task While_others_ask_one_works_and_of_several_of_a_caller_it_then_rests_for_as_long()
    {
        var turns = new ImportScheduler(_clock, _ => true);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        turns.Join(first);
        turns.Join(second);
        var works = await turns.Take(first, CancellationToken.None);
        var waits = turns.Take(second, CancellationToken.None);
        waits.IsCompleted.ShouldBeFalse();

        _clock.Pass(10);
        works.Dispose();
        _clock.Pass(9);
        waits.IsCompleted.ShouldBeFalse();
        _clock.Pass(1);
        (await waits).Dispose();
    }

    [Fact]
    public async Task The_only_import_of_a_caller_does_not_rest()
    {
        var turns = new ImportScheduler(_clock, _ => true);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        turns.Join(first, Guid.NewGuid());
        turns.Join(second, Guid.NewGuid());
        var works = await turns.Take(first, CancellationToken.None);
        var waits = turns.Take(second, CancellationToken.None);
        waits.IsCompleted.ShouldBeFalse();

        _clock.Pass(10);
        works.Dispose();
        (await waits).Dispose();
    }

    [Fact]
    public async Task While_a_caller_of_several_rests_the_import_of_another_goes_on()
    {
        var turns = new ImportScheduler(_clock, _ => true);
        var (busy, first, second, another) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        turns.Join(first, busy);
        turns.Join(second, busy);
        turns.Join(another, Guid.NewGuid());
        var works = await turns.Take(first, CancellationToken.None);
        var (rests, waits) = (turns.Take(second, CancellationToken.None), turns.Take(another, CancellationToken.None));

        _clock.Pass(10);
        works.Dispose();
        (await waits).Dispose();
        rests.IsCompleted.ShouldBeFalse();
        _clock.Pass(10);
        (await rests).Dispose();
    }

    [Fact]
    public async Task Who_worked_least_is_next()
    {
        var turns = new ImportScheduler(_clock, _ => false);
        var (much, little, busy) = (
            Guid.NewGuid(),
            Guid.NewGuid(),
            Enumerable.Range(0, ImportScheduler.AtOnce).Select(_ => Guid.NewGuid()).ToList()
        );
        foreach (var import in new[] { much, little }.Concat(busy))
            turns.Join(import);
        await Work(turns, much, seconds: 10);
        await Work(turns, little, seconds: 1);
        var held = await Task.WhenAll(busy.Select(b => turns.Take(b, CancellationToken.None)));
        var (second, first) = (turns.Take(much, CancellationToken.None), turns.Take(little, CancellationToken.None));

        held[0].Dispose();
        await first;
        second.IsCompleted.ShouldBeFalse();
        held[1].Dispose();
        await second;
    }

    [Fact]
    public async Task Who_comes_later_does_not_put_off_those_who_work_long()
    {
        var turns = new ImportScheduler(_clock, _ => false);
        var (old, late) = (Guid.NewGuid(), Guid.NewGuid());
        turns.Join(old);
        await Work(turns, old, seconds: 1_000);
        turns.Join(late);
        await Work(turns, late, seconds: 1);
        var held = await Task.WhenAll(
            Enumerable.Range(0, ImportScheduler.AtOnce).Select(_ => turns.Take(Guid.NewGuid(), CancellationToken.None))
        );
        var (lates, olds) = (turns.Take(late, CancellationToken.None), turns.Take(old, CancellationToken.None));

        held[0].Dispose();

        await olds;
        lates.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_gives_up_waiting_holds_up_nobody()
    {
        var turns = new ImportScheduler(_clock, _ => false);
        var held = await Task.WhenAll(
            Enumerable.Range(0, ImportScheduler.AtOnce).Select(_ => turns.Take(Guid.NewGuid(), CancellationToken.None))
        );
        using var impatience = new CancellationTokenSource();
        var given = turns.Take(Guid.NewGuid(), impatience.Token);
        var next = turns.Take(Guid.NewGuid(), CancellationToken.None);

        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => given);
        held[0].Dispose();
        await next;
    }

    private async Task Work(ImportScheduler turns, Guid import, int seconds)
    {
        using (await turns.Take(import, CancellationToken.None))
            _clock.Seconds += seconds;
    }

    private sealed class Steps : TimeProvider
    {
        private readonly List<Due> _timers = [];

        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Due(Seconds + (long)dueTime.TotalSeconds, () => callback(state));
            _timers.Add(timer);
            return timer;
        }

        public void Pass(long seconds)
        {
            Seconds += seconds;
            foreach (var timer in _timers.Where(t => t.At <= Seconds).ToList())
            {
                _timers.Remove(timer);
                timer.Ring();
            }
        }

        private sealed record Due(long At, Action Ring) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose() { }

            public ValueTask DisposeAsync() => default;
        }
    }
}

using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class LoopTests
{
    private readonly List<string> _failures = [];
    private int _rounds;

    [Fact]
    public async Task What_fails_is_told_and_done_again()
    {
        using var stopping = new CancellationTokenSource();

        await Run(
            cancellation =>
            {
                _rounds++;
                if (_rounds == 1)
                    throw new InvalidOperationException("It did not work.");
                stopping.Cancel();
                return Task.FromCanceled(cancellation);
            },
            TimeSpan.Zero,
            stopping.Token
        );

        _rounds.ShouldBe(2);
        _failures.ShouldBe(["It did not work."]);
    }

    [Fact]
    public async Task A_stop_is_no_failure_and_ends_the_wait_before_the_next_try()
    {
        using var stopping = new CancellationTokenSource();

        await Run(
            _ =>
            {
                _rounds++;
                stopping.CancelAfter(TimeSpan.FromMilliseconds(1));
                throw new InvalidOperationException("It did not work.");
            },
            TimeSpan.FromDays(1),
            stopping.Token
        );

        _rounds.ShouldBe(1);
        _failures.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_timeout_of_the_work_itself_is_a_failure()
    {
        using var stopping = new CancellationTokenSource();

        await Run(
            _ =>
            {
                if (++_rounds == 2)
                    stopping.Cancel();
                throw new OperationCanceledException("It took too long.");
            },
            TimeSpan.Zero,
            stopping.Token
        );

        _failures.ShouldBe(["It took too long."]);
    }

    private Task Run(Func<CancellationToken, Task> work, TimeSpan retryDelay, CancellationToken stopping) =>
        Loop.Run(work, e => _failures.Add(e.Message), retryDelay, TimeProvider.System, stopping);
}

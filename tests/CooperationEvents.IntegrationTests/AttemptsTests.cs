using CooperationEvents.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>Work that fails again and again is given up, whichever nodes begin it; what is not its fault does not count.</summary>
public sealed class AttemptsTests(SharedRegister register) : IAsyncDisposable
{
    private readonly Guid _id = Guid.NewGuid();
    private int _done;
    private int _givenUp;

    /// <summary>Others count the files that are still coming in.</summary>
    public async ValueTask DisposeAsync() => await register.Host.Database.Rows("delete from ingestion.import where id = $1", _id);

    [Fact]
    public async Task Work_that_fails_each_time_is_given_up_after_so_many_attempts()
    {
        await Keep();

        for (var attempt = 1; attempt <= Attempts.Most; attempt++)
        {
            await Should.ThrowAsync<InvalidOperationException>(Try(() => throw new InvalidOperationException()));
            (_done, _givenUp).ShouldBe((attempt, attempt < Attempts.Most ? 0 : 1));
        }

        // As another node finds it, had the last one died.
        await Try(() => true);
        (_done, _givenUp).ShouldBe((Attempts.Most, 2));
    }

    [Fact]
    public async Task An_attempt_that_a_stop_or_an_outage_ends_or_that_is_put_aside_does_not_count()
    {
        await Keep();

        for (var i = 0; i < 2 * Attempts.Most; i++)
        {
            await Should.ThrowAsync<OperationCanceledException>(Try(() => throw new OperationCanceledException()));
            await Should.ThrowAsync<NpgsqlException>(Try(() => throw new NpgsqlException("Away", new TimeoutException())));
            await Try(() => false);
        }

        (await Counted()).ShouldBe(0);
        await Try(() => true);
        (_givenUp, await Counted()).ShouldBe((0, 1));
    }

    [Fact]
    public async Task What_the_work_failed_of_is_told_also_where_it_cannot_be_given_up()
    {
        await Keep();

        for (var attempt = 1; attempt <= Attempts.Most; attempt++)
            await Should.ThrowAsync<InvalidOperationException>(
                Try(() => throw new InvalidOperationException(), () => throw new InvalidDataException())
            );

        await Try(() => true);
        (_done, _givenUp).ShouldBe((Attempts.Most, 1));
    }

    private Task Try(Func<bool> work, Action? giveUp = null) =>
        register
            .Host.Services.GetRequiredService<Attempts>()
            .Try(
                "ingestion.import",
                _id,
                () =>
                {
                    _done++;
                    return Task.FromResult(work());
                },
                () =>
                {
                    giveUp?.Invoke();
                    _givenUp++;
                    return Task.CompletedTask;
                },
                CancellationToken.None
            );

    private Task<int> Counted() => register.Host.Database.Scalar<int>("select attempts from ingestion.import where id = $1", _id);

    /// <summary>An import whose file is still coming in, so that no node runs it.</summary>
    private Task Keep() =>
        register.Host.Database.Scalar<Guid>(
            """
            insert into ingestion.import (id, state, format, mode, dry_run, encoding, actor, scopes, correlation, created_at)
            values ($1, 'uploading', 'ndjson', 'partial', false, 'utf-8', $1, '{}', '', now()) returning id
            """,
            _id
        );
}

using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.FaultTests;

/// <summary>An event that has drawn its position may commit long after later ones: nothing is settled above it until then.</summary>
public sealed class OpenTransactionTests : IAsyncLifetime
{
    /// <summary>Longer than the three seconds after which Marten takes a gap for one that will never be filled.</summary>
    private static readonly TimeSpan KeptOpen = TimeSpan.FromSeconds(6);

    private readonly DataDirectory _data = new();
    private TestDatabase _database = null!;
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _service = await ServiceProcess.Start(_database, _data.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _database.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Nothing_is_settled_above_a_position_that_may_still_be_filled_and_no_event_is_skipped()
    {
        var cooperation = await Cooperation.Start(_service, people: 3);
        await _service.ReadAt("/v1/meetings", await _database.LastPosition());
        var ended = await NothingPasses(cooperation, 100, async (connection, transaction) =>
        {
            // Only draws the position: a transaction that has written nothing, and writes nothing in the end.
            var position = await Draw(connection, transaction);
            return (position, transaction.RollbackAsync);
        });

        var late = Guid.NewGuid();
        var committed = await NothingPasses(cooperation, 200, async (connection, transaction) =>
        {
            var position = await Draw(connection, transaction);
            await InsertOrganisation(connection, transaction, position, late, cooperation.Home);
            return (position, transaction.CommitAsync);
        });
        (await _service.ReadAt($"/v1/organisations/{late}", committed)).Json["version"]!.GetValue<long>().ShouldBe(1);
        (await _service.ReadAt("/v1/statistics/cumulative", committed)).Json["meetingsHeld"]!.GetValue<int>().ShouldBe(2 * Crowd.Size);
        ended.ShouldBeLessThan(committed);
    }

    /// <summary>
    /// Opens a transaction, posts behind it, and reads for a while: no read may claim a position at or above the one drawn.
    /// Returns the last position, once all is read after the transaction has ended.
    /// </summary>
    private async Task<long> NothingPasses(
        Cooperation cooperation,
        int firstMeeting,
        Func<NpgsqlConnection, NpgsqlTransaction, Task<(long Position, Func<CancellationToken, Task> End)>> open
    )
    {
        await using var connection = await _database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var (gap, end) = await open(connection, transaction);
        var posts = Enumerable.Range(firstMeeting, Crowd.Size).Select(i => cooperation.Held(i, cooperation.People, heads: 0)).ToList();
        await Crowd.Do(posts, async post => (await post.Send(_service)).ShouldBeAccepted(201));
        posts.ShouldAllBe(post => post.Answer!.Position > gap);

        var opened = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(opened) < KeptOpen)
        {
            (await _service.Get("/v1/meetings")).PositionHeader.ShouldBeLessThan(gap, $"after {Stopwatch.GetElapsedTime(opened)}");
            (await _service.Get($"/v1/statistics/cumulative?minPosition={gap}")).ShouldBeBusy();
            (await _service.Get($"/v1/statistics/cumulative?knownAt={posts[0].Answer!.Position}")).ShouldBeBusy();
        }

        (await _database.Scalar<long>("select coalesce(max(position), 0) from recording.settled_position")).ShouldBeLessThan(gap);
        await end(CancellationToken.None);
        var ended = Stopwatch.GetTimestamp();
        var last = await _database.LastPosition();
        foreach (var post in posts)
            await _service.ReadAt($"/v1/meetings/{post.Answer!.Id}", last);
        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"All read {Stopwatch.GetElapsedTime(ended).TotalSeconds:f1} s after the transaction that had held position {gap} for "
                    + $"{KeptOpen.TotalSeconds} s"
            )
        );
        return last;
    }

    private static async Task<long> Draw(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        await using var command = new NpgsqlCommand("select nextval('register.mt_events_sequence')", connection, transaction);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What the service itself does when it is slow: a stream with one event at a position drawn before.</summary>
    private static async Task InsertOrganisation(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        long position,
        Guid id,
        Guid like
    )
    {
        foreach (
            var sql in (string[])
                [
                    """
                        insert into register.mt_streams
                        select (jsonb_populate_record(s, jsonb_build_object('id', @id, 'version', 1))).* from register.mt_streams s
                            where s.id = @like
                        """,
                    """
                        insert into register.mt_events
                        select (jsonb_populate_record(e, jsonb_build_object(
                            'seq_id', @position, 'id', gen_random_uuid(), 'stream_id', @id, 'data', replace(e.data::text, e.stream_id::text, @id::text)::jsonb))).*
                        from register.mt_events e where e.stream_id = @like and e.version = 1
                        """,
                ]
        )
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            command.Parameters.AddWithValue("id", id);
            command.Parameters.AddWithValue("like", like);
            command.Parameters.AddWithValue("position", position);
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }
    }
}

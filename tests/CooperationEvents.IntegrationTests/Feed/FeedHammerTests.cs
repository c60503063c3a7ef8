using System.Globalization;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Feed;

/// <summary>
/// Writers of two nodes append, lose races and roll back, some long after they have drawn their positions, while the feed is
/// read: every committed event is read once and in order, by pages and by streams.
/// </summary>
public sealed class FeedHammerTests
{
    private const int Posts = 180;
    private const int Clients = 6;
    private const int Transactions = 18;

    /// <summary>After so many events a stream is cut, and resumed by the last id.</summary>
    private const int ReadBeforeCut = 25;

    /// <summary>A reader that asks again at once, in the same process, asks more often than a caller may.</summary>
    private static readonly (string Name, string Value)[] Unlimited = [("Limits:RequestsPerSecond", "1000000")];

    [Fact]
    public async Task Every_committed_event_is_read_exactly_once_and_in_order_while_others_append_and_roll_back()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database, settings: Unlimited);
        await using var other = await RegisterHost.Start(database, one.DataDirectory, settings: Unlimited);
        var cooperation = await Cooperation.Start(one);
        var meeting = await cooperation.Schedule();
        var end = new TaskCompletionSource<long>();
        var theLast = Guid.NewGuid();
        var byPages = ReadPages(one, end.Task);
        var byStream = ReadStream(other, theLast, cut: false);
        var byCutStreams = ReadStream(one, theLast, cut: true);

        var rolledBack = 0;
        await Task.WhenAll(
            Parallel.ForEachAsync(Enumerable.Range(0, Posts), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (i, _) =>
            {
                var host = i % 2 == 0 ? one : other;
                var answer = (i % 3) switch
                {
                    0 => await host.Post("/v1/organisations", new { name = $"Agency {i}", shortName = $"A{i}" }),
                    1 => await host.Post("/v1/people", new { name = $"Person {i}", email = $"p{i}@example.org" }),
                    _ => await host.Post(
                        $"/v1/meetings/{meeting.Id}/documents",
                        new
                        {
                            title = $"Paper {i}",
                            url = $"https://example.org/{i}",
                            status = "draft",
                        }
                    ),
                };
                answer.Status.ShouldBeInRange(200, 201, answer.ToString());
            }),
            Parallel.ForEachAsync(Enumerable.Range(0, Transactions), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (i, _) =>
            {
                if (!await Append(database, cooperation.Home, commit: i % 3 == 0, lasts: TimeSpan.FromMilliseconds(20 * (i % 8))))
                    Interlocked.Increment(ref rolledBack);
            })
        );
        var last = new
        {
            id = theLast,
            name = "The last",
            shortName = "LAST",
        };
        end.SetResult((await one.Post("/v1/organisations", last)).ShouldBeAccepted(201).Position);

        var history = await database.History();
        rolledBack.ShouldBe(Transactions * 2 / 3);
        history[^1]
            .Position.ShouldBeGreaterThanOrEqualTo(history.Count + (Transactions * 2 / 3), "The rolled back positions are not there.");
        (await byPages).ShouldBe(history);
        (await byStream).ShouldBe(history);
        (await byCutStreams).ShouldBe(history);
        one.Errors.ShouldBeEmpty();
        other.Errors.ShouldBeEmpty();
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    private static async Task<IReadOnlyList<(long, Guid)>> ReadPages(RegisterHost host, Task<long> end)
    {
        var read = new List<(long, Guid)>();
        long reached = 0;
        while (!end.IsCompleted || reached < await end)
        {
            var (items, next) = await host.ReadOn(reached, "&limit=7");
            read.AddRange(items.Select(FeedClient.Place));
            reached = next;
        }

        return read;
    }

    private static async Task<IReadOnlyList<(long, Guid)>> ReadStream(RegisterHost host, Guid last, bool cut)
    {
        var read = new List<(long Position, Guid)>();
        string? lastId = null;
        while (true)
        {
            using var stream = await host.Open(
                "/v1/feed",
                "analyst",
                [("Accept", "text/event-stream"), .. lastId is null ? Array.Empty<(string, string)>() : [("Last-Event-ID", lastId)]]
            );
            await foreach (var item in cut ? stream.Events().Take(ReadBeforeCut) : stream.Events())
            {
                var json = JsonNode.Parse(item.Data)!;
                var place = json.Place();
                item.EventId.ShouldBe(place.Position.ToString(CultureInfo.InvariantCulture));
                read.Add(place);
                lastId = item.EventId;
                if (json["stream"]!.GetValue<Guid>() == last)
                    return read;
            }

            cut.ShouldBeTrue("The stream ended by itself.");
        }
    }

    /// <summary>Draws a position and uses it, as a slow append does, and at last commits it or not.</summary>
    private static async Task<bool> Append(TestDatabase database, Guid like, bool commit, TimeSpan lasts)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var id = Guid.NewGuid();
        foreach (
            var sql in (string[])
                [
                    "insert into register.mt_streams select (jsonb_populate_record(s, jsonb_build_object('id', @id, 'version', 1))).* from "
                        + "register.mt_streams s where s.id = @like",
                    """
                        insert into register.mt_events
                        select (jsonb_populate_record(e, jsonb_build_object('seq_id', nextval('register.mt_events_sequence'), 'id',
                            gen_random_uuid(), 'stream_id', @id,
                            'data', replace(e.data::text, e.stream_id::text, @id::text)::jsonb))).*
                        from register.mt_events e where e.stream_id = @like and e.version = 1
                        """,
                ]
        )
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            command.Parameters.AddWithValue("id", id);
            command.Parameters.AddWithValue("like", like);
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        await Task.Delay(lasts);
        if (commit)
            await transaction.CommitAsync();
        else
            await transaction.RollbackAsync();
        return commit;
    }
}

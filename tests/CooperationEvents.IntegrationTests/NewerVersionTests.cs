using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.IntegrationTests.Audit;
using CooperationEvents.IntegrationTests.Feed;
using CooperationEvents.IntegrationTests.Ingestion;
using CooperationEvents.IntegrationTests.Webhooks;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// A node beside one of a newer version, which runs the read models and the log, and records events of types that this node does not know.
/// </summary>
public sealed class OlderNode : IAsyncLifetime
{
    public const string NewType = "framework_celebrated";
    public const string NewKind = "venue";
    public const string NewTypeOfKind = "venue_opened";

    private NpgsqlConnection? _newer;

    public TestDatabase Database { get; private set; } = null!;

    public RegisterHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.Create();
        _newer = await Database.Source.OpenConnectionAsync();
        await using var lead = new NpgsqlCommand(
            $"select pg_advisory_lock({AdvisoryLocks.ReadModels}), pg_advisory_lock({AdvisoryLocks.Log})",
            _newer
        );
        await lead.ExecuteNonQueryAsync();
        Host = await RegisterHost.Start(Database, settings: WebhookRegister.Settings);
        await Host.AddKey("without-figures", Authorization.Scopes.ActivityRead);
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
            Directory.Delete(Host.DataDirectory, recursive: true);
        }

        if (_newer is not null)
            await _newer.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        Host?.Errors.ShouldBeEmpty();
    }

    /// <summary>The newer node records an event in a stream, and says that everything is settled.</summary>
    public static async Task<long> Record(TestDatabase database, Guid stream, string data = "{}")
    {
        var rows = await database.Rows(
            """
            with stream as (update register.mt_streams set version = version + 1 where id = $1 returning id, version)
            insert into register.mt_events (seq_id, id, stream_id, version, data, type, tenant_id)
            select nextval('register.mt_events_sequence'), gen_random_uuid(), id, version, $2::text::jsonb, $3, '*DEFAULT*' from stream
            returning seq_id
            """,
            stream,
            data,
            NewType
        );
        return (long)rows.Single()[0]!;
    }

    public Task<long> Record(Guid stream, string data = "{}") => Record(Database, stream, data);

    /// <summary>The newer node records the first event of a stream whose kind only it knows.</summary>
    public async Task<(Guid Stream, long Position)> RecordNewKind()
    {
        var rows = await Database.Rows(
            """
            with stream as (
                insert into register.mt_streams (id, type, version, timestamp, tenant_id)
                values (gen_random_uuid(), $1, 1, now(), '*DEFAULT*') returning id)
            insert into register.mt_events (seq_id, id, stream_id, version, data, type, tenant_id)
            select nextval('register.mt_events_sequence'), gen_random_uuid(), id, 1, '{}', $2, '*DEFAULT*' from stream
            returning stream_id, seq_id
            """,
            NewKind,
            NewTypeOfKind
        );
        return ((Guid)rows.Single()[0]!, (long)rows.Single()[1]!);
    }

    /// <summary>The read models of the newer node come to the end of the history.</summary>
    public async Task Settle() =>
        await Database.Rows(
            """
            insert into register.mt_event_progression (name, last_seq_id) select $1, max(seq_id) from register.mt_events
            on conflict (name) do update set last_seq_id = excluded.last_seq_id
            """,
            Projections.ReadModel.Shard
        );

    /// <summary>The newer node gives the event its leaf in the log, as an entry of that kind of stream.</summary>
    public async Task Log(long position, string streamType)
    {
        await using var read = Database.Source.CreateCommand(
            $"select {StoredEvent.Columns} from {StoredEvent.Table} e where e.seq_id = {position.ToString(CultureInfo.InvariantCulture)}"
        );
        await using var row = await read.ExecuteReaderAsync();
        await row.ReadAsync();
        var e = StoredEvent.Read(row);
        var entry = new Entry(
            e.Seq,
            e.Id,
            e.Stream,
            streamType,
            e.Version,
            e.Type,
            e.At,
            e.Actor,
            e.OnBehalfOf,
            e.Source,
            e.Correlation,
            e.Causation,
            e.Data
        );
        await Database.Rows(
            "insert into audit.leaf (index, seq, event_id, hash) select count(*), $1, $2, $3 from audit.leaf",
            e.Seq,
            e.Id,
            MerkleTree.LeafHash(entry.ToBytes()).ToArray()
        );
    }

    /// <summary>The newer node has the whole history in its log.</summary>
    public async Task LogAll()
    {
        foreach (
            var row in await Database.Rows(
                "select e.seq_id, s.type from register.mt_events e join register.mt_streams s on s.id = e.stream_id order by 1"
            )
        )
            await Log((long)row[0]!, (string)row[1]!);
        await Database.Rows(
            """
            update audit.log_head set size = (select count(*) from audit.leaf), seq = last, without_gap = last
            from (select max(seq) as last from audit.leaf) leaves
            """
        );
    }

    public Task<long> Newest() => Database.Scalar<long>("select max(seq_id) from register.mt_events");
}

public sealed class NewerVersionTests(OlderNode node) : IClassFixture<OlderNode>
{
    private const string Unknown = "newer-version";

    private RegisterHost Host => node.Host;

    [Fact]
    public async Task What_depends_on_an_event_of_a_newer_version_is_not_decided_and_the_rest_is()
    {
        var cooperation = await Cooperation.Start(Host);
        var untouched = await Cooperation.Start(Host);
        var organisation = await Cooperation.Organisation(Host, "EEAS");
        var position = await node.Record(cooperation.Framework);
        var member = new
        {
            organisationId = organisation,
            party = "EU",
            joinedOn = "2020",
        };

        // The first is decided on what the node keeps in memory, the second on what is read.
        for (var i = 0; i < 2; i++)
            ShouldNotBeKnown(await Host.Post($"/v1/frameworks/{cooperation.Framework}/members", member), position);
        ShouldNotBeKnown(await Host.Post("/v1/meetings", cooperation.Meeting()), position);
        ShouldNotBeKnown(await Host.Post("/v1/commitments", cooperation.Commitment()), position);

        var together = await Task.WhenAll(
            Host.Post($"/v1/frameworks/{cooperation.Framework}/members", member),
            Host.Post($"/v1/frameworks/{untouched.Framework}/members", member),
            Host.Post("/v1/meetings", cooperation.Meeting()),
            Host.Post("/v1/meetings", untouched.Meeting())
        );
        together.Select(answer => answer.Status).ShouldBe([503, together[1].ShouldBeAccepted().Status, 503, 201]);
        (await Version(cooperation.Framework)).ShouldBe(4);
        (await Version(untouched.Framework)).ShouldBe(4);
    }

    [Fact]
    public async Task Of_a_batch_each_event_is_told_for_itself()
    {
        var cooperation = await Cooperation.Start(Host);
        var other = await Cooperation.Start(Host);
        var position = await node.Record(cooperation.Framework);

        var answer = await Host.Post(
            "/v1/events",
            new StringContent(
                new JsonArray(Scheduled(cooperation), Scheduled(other)).ToJsonString(),
                Encoding.UTF8,
                new MediaTypeHeaderValue("application/cloudevents-batch+json")
            )
        );

        var items = answer.Json["items"]!.AsArray();
        items[0]!["problem"]!.Text("type").ShouldBe($"/problems/{Unknown}", answer.Text);
        items[0]!["problem"]!.Text("detail").ShouldContain(position.ToString(CultureInfo.InvariantCulture));
        items[1]!.Text("outcome").ShouldBe("accepted");
    }

    [Theory]
    [InlineData("")]
    [InlineData("mode=atomic")]
    public async Task An_import_waits_for_a_newer_node_and_refuses_nothing(string query)
    {
        var cooperation = await Cooperation.Start(Host);
        var other = await Cooperation.Start(Host);
        var data = $$$"""{"frameworkId": "{{{cooperation.Framework}}}", "area": {"code": "visa", "name": "Visa"}}""";
        var position = await node.Record(cooperation.Framework, data);
        var rows = new[] { other, cooperation, other }.Select(c =>
            new JsonObject { ["command"] = "schedule-meeting", ["data"] = c.Meeting() }.ToJsonString()
        );

        var posted = await Imports.Post(Host, Encoding.UTF8.GetBytes(string.Join('\n', rows)), "application/x-ndjson", query);
        posted.Status.ShouldBe(202, posted.ToString());
        await Wait.Until("the import to be put aside", () =>
            Task.FromResult(Host.Warnings.Any(w => w.Contains(posted.Id.ToString(), StringComparison.Ordinal)))
        );
        await Wait.Until("it to be tried again", async () =>
            await Host.Database.Scalar<bool>("select attempts = 0 from ingestion.import where id = $1", [posted.Id])
        );
        var waiting = await Host.Get(posted.Header("Location")!);
        waiting.Json["refused"]!.GetValue<int>().ShouldBe(0);

        await Tamper.Do(Host.Database, $"update register.mt_events set type = 'area_added' where seq_id = {position}");
        var ended = await Imports.Ended(Host, posted);
        (ended.Json.Text("state"), ended.Json["accepted"]!.GetValue<int>(), ended.Json["refused"]!.GetValue<int>()).ShouldBe(
            ("completed", 3, 0),
            ended.Text
        );
        Host.Warnings.Count(w => w.Contains(posted.Id.ToString(), StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task The_feed_shows_what_is_known_before_and_names_what_is_not()
    {
        var cooperation = await Cooperation.Start(Host);
        var before = await node.Newest();
        var meeting = await cooperation.Schedule();
        var position = await node.Record(meeting.Id);
        await cooperation.Schedule();
        await node.Settle();

        foreach (var (filter, role) in new[] { ("", "analyst"), ("&streamType=meeting", "analyst"), ("", "without-figures") })
        {
            var page = await Host.Get($"/v1/feed?after={before}{filter}", role);
            page.ShouldBeRead()["items"]!.AsArray().Select(i => i!["position"]!.GetValue<long>()).ShouldBe([meeting.Position], filter);
            ShouldNotBeKnown(await Host.Get(FeedClient.Next(page)!, role), position);
        }

        // Who names types has asked for no other.
        var named = await Host.Get($"/v1/feed?after={before}&type=meeting_scheduled", "analyst");
        named.ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(2);

        var id = await Host.Database.Scalar<Guid>("select id from register.mt_events where seq_id = $1", [position]);
        ShouldNotBeKnown(await Host.Get($"/v1/feed/events/{id}", "analyst"), position);
    }

    [Fact]
    public async Task An_auditor_sees_the_event_and_asks_another_node_for_the_state()
    {
        var organisation = await Cooperation.Organisation(Host, "EEAS");
        var position = await node.Record(organisation);
        var otherwise = await node.Record(organisation);
        await node.Settle();
        await node.Log(position, streamType: "organisation");
        await node.Log(otherwise, streamType: "as nobody signed it");

        (await Altered(position)).ShouldBeNull();
        (await Altered(otherwise))!.GetValue<bool>().ShouldBeTrue();
        ShouldNotBeKnown(await Host.Get($"/v1/audit/streams/{organisation}/state", "auditor"), position);
        (await Host.Get($"/v1/audit/streams/{organisation}/state?version=1", "auditor")).Status.ShouldBe(200);

        async Task<JsonNode?> Altered(long seq)
        {
            var events = await Host.Get($"/v1/audit/streams/{organisation}", "auditor");
            events.Status.ShouldBe(200, events.Text);
            return events.Json["items"]!.AsArray().Single(e => e!["seq"]!.GetValue<long>() == seq)!["altered"];
        }
    }

    [Fact]
    public async Task A_stream_of_a_kind_of_a_newer_version_is_neither_altered_nor_taken_for_none()
    {
        var cooperation = await Cooperation.Start(Host);
        var (stream, position) = await node.RecordNewKind();
        await node.Settle();
        await node.Log(position, OlderNode.NewKind);

        (await Altered()).ShouldBeNull();
        ShouldNotBeKnown(await Host.Get($"/v1/audit/streams/{stream}/state", "auditor"), position, OlderNode.NewTypeOfKind);
        ShouldNotBeKnown(await Host.Get($"/v1/feed?after={position - 1}", "analyst"), position, OlderNode.NewTypeOfKind);
        var organisation = new
        {
            id = stream,
            name = "EEAS",
            shortName = "EEAS",
        };
        ShouldNotBeKnown(await Host.Post("/v1/organisations", organisation), position, OlderNode.NewTypeOfKind);
        ShouldNotBeKnown(await Host.Post($"/v1/meetings/{stream}/hold", new { }), position, OlderNode.NewTypeOfKind);
        var member = new
        {
            organisationId = stream,
            party = "EU",
            joinedOn = "2020",
        };
        var named = await Host.Post($"/v1/frameworks/{cooperation.Framework}/members", member);
        named.ShouldBeProblem(503, Unknown).Json.Text("detail").ShouldContain($"streams of the kind venue, as {stream} is;");

        // The log says what it is, and not the row.
        await Tamper.Do(Host.Database, $"update register.mt_streams set type = 'framework' where id = '{stream}'");
        (await Altered())!.GetValue<bool>().ShouldBeTrue();
        await Tamper.Do(Host.Database, $"update register.mt_streams set type = 'venue' where id = '{stream}'");

        async Task<JsonNode?> Altered() =>
            (await Host.Get($"/v1/audit/streams/{stream}", "auditor")).ShouldBeRead()["items"]!.AsArray().ShouldHaveSingleItem()![
                "altered"
            ];
    }

    /// <summary>The newer node has the event in the log. It stands before the position that the replay is to come to, or behind.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_replay_says_that_it_needs_a_newer_version_and_finds_nothing(bool isOfNewKind, bool isBehind)
    {
        await using var older = new OlderNode();
        await older.InitializeAsync();
        var organisation = await Cooperation.Organisation(older.Host, "EEAS");
        var position = isOfNewKind ? (await older.RecordNewKind()).Position : await older.Record(organisation);
        await Cooperation.Organisation(older.Host, "IOM");
        await older.LogAll();
        await older.Settle();

        var started = await older.Host.Post("/v1/audit/replays", new { position = isBehind ? position - 1 : position + 1 }, "auditor");
        started.Status.ShouldBe(202, started.ToString());
        JsonNode? replay = null;
        await Wait.Until("the replay's end", async () =>
            (replay = (await older.Host.Get(started.Header("Location")!, "auditor")).Json)["finishedAt"] is not null
        );

        replay!.Text("state").ShouldBe("failed", replay!.ToString());
        replay!.Text("reason").ShouldContain($"position {position}; a newer version recorded it. Ask for a replay once");
        replay!["findings"]!.AsArray().ShouldBeEmpty();
        (replay["differences"]!.GetValue<long>(), replay["damagedEvents"]!.GetValue<long>()).ShouldBe((0, 0));
        older.Host.Warnings.ShouldContain(w =>
            w.Contains($"The replay {started.Id} needs a node of a newer version", StringComparison.Ordinal)
        );
    }

    /// <summary>Records of before likenesses were kept, of which the first that is looked at was changed by a newer version.</summary>
    [Fact]
    public async Task Earlier_records_are_noted_all_the_same_and_what_is_left_is_left_to_a_later_start()
    {
        await using var database = await TestDatabase.Create();
        string directory;
        Guid[] organisations;
        await using (var before = await RegisterHost.Start(database))
        {
            directory = before.DataDirectory;
            organisations = [await Cooperation.Organisation(before, "EEAS"), await Cooperation.Organisation(before, "IOM")];
            await Wait.Until("the host to have noted what it found at its start", () => Noted("of_moments"));
            await database.Rows("delete from recording.likeness returning stream_id");
            foreach (var pass in new[] { "noted", "folded", "of_moments" })
                await database.Rows($"delete from recording.likeness_{pass} returning one");
        }

        var first = await database.Scalar<Guid>("select min(id::text)::uuid from register.mt_streams where id = any($1)", [organisations]);
        await OlderNode.Record(database, first);
        await using var later = await RegisterHost.Start(database, directory);
        await Wait.Until("the last pass over earlier records", () => Noted("of_moments"));

        (await database.Rows("select distinct stream_id from recording.likeness"))
            .ShouldHaveSingleItem()[0]
            .ShouldBe(organisations.Single(id => id != first));
        (await Noted("noted")).ShouldBeFalse();
        (await Noted("folded")).ShouldBeFalse();
        later.Warnings.ShouldContain(w => w.Contains($"By what stream {first} is alike is left", StringComparison.Ordinal));
        Directory.Delete(directory, recursive: true);

        Task<bool> Noted(string pass) => database.Scalar<bool>($"select exists (select from recording.likeness_{pass})");
    }

    [Fact]
    public async Task A_stream_ends_after_what_is_known_before()
    {
        var cooperation = await Cooperation.Start(Host);
        var before = await node.Newest();
        await node.Settle();
        using var stream = await Host.Open($"/v1/feed?after={before}", "analyst", ("Accept", "text/event-stream"));
        var meeting = await cooperation.Schedule();
        var position = await node.Record(meeting.Id);
        await cooperation.Schedule();
        await node.Settle();

        using var patience = new CancellationTokenSource(Wait.Patience);
        var text = await stream.Content.ReadAsStringAsync(patience.Token);
        var ids = text.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal)).ToList();
        text.Split('\n').Count(line => line.StartsWith("event: ", StringComparison.Ordinal)).ShouldBe(1, text);
        ids[^1].ShouldBe($"id: {position - 1}", text);
        text.ShouldContain($": This node does not know events of the type {OlderNode.NewType}");
    }

    [Fact]
    public async Task Webhooks_wait_and_say_so_once()
    {
        await using var receiver = await Receiver.Start();
        var cooperation = await Cooperation.Start(Host);
        var before = await node.Newest();
        var subscription = await Host.Subscribe(receiver.Url, ("from", before));
        var meeting = await cooperation.Schedule();
        var position = await node.Record(meeting.Id);
        await node.Settle();

        await Wait.Until("the wait to be told", () => Task.FromResult(Told() > 0));
        receiver.Taken.Select(r => r.Position).ShouldBe([meeting.Position]);
        await Host.Database.Rows("update feed.subscription set resumes_at = null where id = $1", subscription.Id);
        await Wait.Until("another try", async () =>
            await Host.Database.Scalar<bool>("select resumes_at is not null from feed.subscription where id = $1", [subscription.Id])
        );
        Told().ShouldBe(1);
        await Host.Unsubscribe(subscription.Id);

        int Told() =>
            Host.Warnings.Count(w =>
                w.Contains($"{subscription.Id}", StringComparison.Ordinal) && w.Contains($"position {position}", StringComparison.Ordinal)
            );
    }

    /// <summary>The node that runs the log gives it to a newer one, and raises an alarm where none takes it.</summary>
    [Fact]
    public async Task The_log_is_handed_over_and_is_an_alarm_where_nobody_takes_it()
    {
        var clock = new MovableClock();
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, clock: clock, settings: ("Audit:CheckpointMilliseconds", "50"));
        var organisation = await Cooperation.Organisation(host, "EEAS");
        await Log.CoversAll(host);
        await OlderNode.Record(database, organisation);

        await Wait.Until("the hand-over to be told", () =>
            Task.FromResult(host.Warnings.Any(w => w.Contains($"the type {OlderNode.NewType}", StringComparison.Ordinal)))
        );
        host.Errors.ShouldNotContain(e => e.Contains("ALARM", StringComparison.Ordinal));

        clock.Leap(TimeSpan.FromMinutes(1));
        await Wait.Until("the alarm", () =>
            Task.FromResult(host.Errors.Any(e => e.Contains("ALARM: the audit log is not signed any further", StringComparison.Ordinal)))
        );

        // It does not keep the log from whoever can lead it.
        await using var newer = await database.Source.OpenConnectionAsync();
        await using (var lead = new NpgsqlCommand($"select pg_advisory_lock({AdvisoryLocks.Log})", newer))
            await lead.ExecuteNonQueryAsync();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    private static void ShouldNotBeKnown(Answer answer, long position, string type = OlderNode.NewType)
    {
        answer.ShouldBeProblem(503, Unknown);
        answer.Header("Retry-After").ShouldNotBeNull();
        answer.Json.Text("detail").ShouldContain(type);
        answer.Json.Text("detail").ShouldContain($"position {position}");
        answer.Json.Text("detail").ShouldContain("a newer version recorded it");
    }

    private Task<long> Version(Guid stream) =>
        Host.Database.Scalar<long>("select version from register.mt_streams where id = $1", [stream]);

    private static JsonObject Scheduled(Cooperation cooperation) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = $"{Guid.NewGuid()}",
            ["source"] = "urn:newer",
            ["type"] = "org.cooperation.schedule-meeting.v1",
            ["data"] = cooperation.Meeting(),
        };
}

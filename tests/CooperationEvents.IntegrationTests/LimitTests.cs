using System.Globalization;
using System.Net;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

public sealed class LimitTests
{
    [Fact]
    public async Task A_caller_that_asks_too_much_is_told_when_to_come_again_and_others_are_not()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:RequestsPerSecond", "1"), ("Limits:Burst", "3")]);
        (await host.Get("/v1/organisations", "secretariat")).Status.ShouldBe(200);

        // Together: what takes long one after the other has a second for each.
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.Get("/v1/organisations")));

        answers.Count(a => a.Status == 200).ShouldBeGreaterThanOrEqualTo(3);
        answers.ShouldAllBe(a => a.Status == 200 || a.Status == 429);
        var refused = answers.First(a => a.Status != 200).ShouldBeProblem(429, "too-many-requests");
        AccessTests.ShouldBeClosed(refused, "429");
        int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
        refused.Json.Text("detail").ShouldContain("larger pages");
        refused.Json.Text("detail").ShouldNotContain("batch");
        var writes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.Post("/v1/organisations", new { })));
        writes.First(a => a.Status == 429).Json.Text("detail").ShouldContain("batch");
        var others = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.Post("/v1/audit/replays", new { })));
        others.First(a => a.Status == 429).Json.Text("detail").ShouldEndWith("then send this again, and ask more slowly.");
        (await host.Get("/v1/organisations", "analyst")).Status.ShouldBe(200);
        (await host.Get("/health/live", null)).Status.ShouldBe(200);
        host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_service_cannot_hold_is_refused_before_anything_is_done_for_it()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:AtOnce", "1"), ("Limits:Waiting", "0")]);
        await using var holder = await database.Source.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table register.mt_streams in access exclusive mode", holder, transaction))
            await hold.ExecuteNonQueryAsync();
        var first = Post();

        // A read that comes first takes the place itself, and the post is refused: it comes again.
        Answer? refused = null;
        await Wait.Until("the place to be taken", async () =>
        {
            if (first.IsCompleted)
                first = Post();
            return (refused = await host.Get("/v1/organisations")).Status == 503;
        });
        refused!.ShouldBeProblem(503, "busy").Header("Retry-After").ShouldBe("1");
        (await host.Get("/health/ready", null)).Status.ShouldBe(200);

        await transaction.RollbackAsync();
        (await first).ShouldBeAccepted(201);
        (await host.Get("/v1/organisations")).Status.ShouldBe(200);
        host.Errors.ShouldBeEmpty();

        Task<Answer> Post() => host.Post("/v1/organisations", new { name = "Frontex", shortName = "FRONTEX" });
    }

    [Fact]
    public async Task A_body_that_comes_slowly_and_a_position_that_is_waited_for_hold_no_place()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:AtOnce", "1"), ("Limits:Waiting", "64")]);
        using var slow = new HeldBody("{\"name\":\"Frontex\",\"shortName\":\"FRONTEX\"}");
        slow.Headers.ContentType = new("application/json");
        var posting = host.Post("/v1/organisations", slow);
        await slow.Started;
        var waiting = Enumerable.Range(0, 20).Select(_ => host.Get("/v1/organisations?minPosition=999999999", "analyst")).ToList();

        for (var i = 0; i < 20; i++)
            (await host.Get("/v1/organisations", "secretariat")).Status.ShouldBe(200);

        slow.Release();
        (await posting).ShouldBeAccepted(201);
        (await Task.WhenAll(waiting)).ShouldAllBe(a => a.Status == 503);
        host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_caller_never_holds_all_places_and_the_next_place_goes_to_who_holds_the_fewest()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:AtOnce", "4"), ("Limits:AtOnceOfOne", "3")]);
        await using var holder = await database.Source.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table register.mt_streams in access exclusive mode", holder, transaction))
            await hold.ExecuteNonQueryAsync();
        var many = Enumerable
            .Range(0, 40)
            .Select(i => host.Post("/v1/organisations", new { name = $"Agency {i}", shortName = $"A{i}" }))
            .ToList();

        for (var i = 0; i < 20; i++)
            (await host.Get("/v1/organisations", "analyst")).Status.ShouldBe(200);
        many.ShouldAllBe(m => !m.IsCompleted);

        await transaction.RollbackAsync();
        (await Task.WhenAll(many)).ShouldAllBe(m => m.Status == 201);
    }

    [Fact]
    public async Task A_node_is_not_ready_while_callers_who_ask_for_little_wait_long()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:AtOnce", "2"), ("Limits:AtOnceOfOne", "1")]);
        await using var holder = await database.Source.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table register.mt_streams in access exclusive mode", holder, transaction))
            await hold.ExecuteNonQueryAsync();
        var posts = new[] { "recorder", "secretariat", "admin" }
            .Select(role => host.Post("/v1/organisations", new { name = role, shortName = role }, role))
            .ToList();

        await Wait.Until("the node to say that it is exhausted", async () => (await host.Get("/health/ready", null)).Status == 503);
        (await host.Get("/health/live", null)).Status.ShouldBe(200);

        await transaction.RollbackAsync();
        (await Task.WhenAll(posts)).ShouldAllBe(m => m.Status == 201);
        (await host.Get("/health/ready", null)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Wrong_keys_of_an_address_cost_it_nothing_that_is_open_and_no_key_that_is_good()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings:
            [
                ("Limits:KeyAttempts", "10"),
                ("Limits:KeyAttemptsPerSecond", "1"),
                ("Limits:RequestsPerSecond", "1"),
                ("Limits:Burst", "30"),
            ]
        );
        (await host.Get("/v1/meetings")).Status.ShouldBe(200);

        var answers = new List<Answer>();
        do answers.Add(await host.Get("/v1/meetings", null, ("X-Api-Key", Authentication.ApiKeys.NewKey())));
        while (answers[^1].Status == 401 && answers.Count < 200);

        answers.Take(5).ShouldAllBe(a => a.Status == 401);
        answers[^1].ShouldBeProblem(429, "too-many-requests").Header("Retry-After").ShouldNotBeNull();
        (await host.Get("/docs/", null)).Status.ShouldBe(200);
        (await host.Get("/v1/audit/log/keys", null)).Status.ShouldBe(200);
        (await host.Get("/v1/meetings")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Who_tries_too_many_keys_is_told_so_and_a_good_one_is_looked_up_again_after_another_was_revoked()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings: [("Limits:KeyAttempts", "10"), ("Limits:KeyAttemptsPerSecond", "1")]
        );
        (await host.Get("/v1/meetings")).Status.ShouldBe(200);
        var other = (await host.Post("/v1/access/keys", new { owner = "Another", role = "reader" }, "admin")).Json.Text("id");

        Answer answer;
        var tried = 0;
        do answer = await host.Get("/v1/meetings", null, ("X-Api-Key", Authentication.ApiKeys.NewKey()));
        while (answer.Status == 401 && ++tried < 200);

        answer.ShouldBeProblem(429, "too-many-requests").Json.Text("detail").ShouldContain("keys");
        (await host.Post($"/v1/access/keys/{other}/revoke", null, "admin")).Status.ShouldBe(204);
        (await host.Get("/v1/meetings")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_good_key_that_many_clients_send_at_once_after_a_start_is_one_attempt()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings: [("Limits:KeyAttempts", "10"), ("Limits:KeyAttemptsPerSecond", "1")]
        );
        await using var holder = await database.Source.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table access.api_key in access exclusive mode", holder, transaction))
            await hold.ExecuteNonQueryAsync();

        var answers = Enumerable.Range(0, 40).Select(_ => host.Get("/v1/organisations", "analyst")).ToList();
        await Wait.Until("the key to be looked up", async () => await database.Scalar<bool>(
                """
                select exists (select from pg_locks where not granted and relation = 'access.api_key'::regclass
                    and database = (select oid from pg_database where datname = current_database()))
                """
            ));
        await transaction.RollbackAsync();

        (await Task.WhenAll(answers)).ShouldAllBe(a => a.Status == 200);
    }

    [Fact]
    public async Task A_batch_counts_as_what_it_is_and_a_day_has_an_end()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(
            database,
            settings: [("Limits:RequestsPerSecond", "1"), ("Limits:Burst", "20"), ("Limits:EventsPerDay", "150")]
        );

        (await Batch(150)).Status.ShouldBe(200);
        (await Batch(150)).ShouldBeProblem(429, "too-many-requests");
        (await host.Post("/v1/organisations", new { name = "One more", shortName = "ONE" }))
            .ShouldBeProblem(429, "too-many-requests")
            .Json.Text("detail")
            .ShouldContain("today");
        (await host.Post("/v1/organisations", new { name = "Of another", shortName = "TWO" }, "secretariat")).ShouldBeAccepted(201);
        (await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'")).ShouldBe(151);

        Task<Answer> Batch(int events)
        {
            var content = new ByteArrayContent(
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                    Enumerable
                        .Range(0, events)
                        .Select(i => new
                        {
                            specversion = "1.0",
                            id = $"{Guid.NewGuid()}",
                            source = "https://desk.example.org",
                            type = "org.cooperation.register-organisation.v1",
                            data = new { name = $"Agency {i}", shortName = $"A{i}" },
                        })
                )
            );
            content.Headers.ContentType = new("application/cloudevents-batch+json");
            return host.Post("/v1/events", content);
        }
    }

    [Fact]
    public async Task A_file_counts_as_it_goes_and_ends_where_the_day_does()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:EventsPerDay", "600")]);
        var rows = Enumerable
            .Range(0, 3_000)
            .Select(i => $$$"""{"command":"register-organisation","data":{"name":"Agency {{{i}}}","shortName":"A{{{i}}}"}}""");
        using var file = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', rows)));
        file.Headers.ContentType = new("application/x-ndjson");

        var import = await host.Post("/v1/imports?mode=partial", file);
        import.Status.ShouldBe(202, import.ToString());
        await Wait.Until("the import's end", async () =>
            (import = await host.Get($"/v1/imports/{import.Json.Text("id")}")).Json.Text("state") is "completed" or "failed"
        );

        import.Json.Text("state").ShouldBe("failed", import.Text);
        import.Json.Text("reason").ShouldContain("as many events today as one may");
        import.Json["accepted"]!.GetValue<long>().ShouldBeInRange(600, 1_100);
        var recorded = await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'");
        recorded.ShouldBe(import.Json["accepted"]!.GetValue<long>());
        (await host.Post("/v1/organisations", new { name = "One more", shortName = "ONE" })).ShouldBeProblem(429, "too-many-requests");
        (await host.Post("/v1/organisations", new { name = "Of another", shortName = "TWO" }, "secretariat")).ShouldBeAccepted(201);
    }

    [Fact]
    public async Task One_reader_does_not_take_the_streams_of_all()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Feed:MostStreams", "4"), ("Feed:MostStreamsOfOne", "2")]);
        (string, string) asStream = ("Accept", "text/event-stream");
        using var first = await host.Open("/v1/feed", "analyst", asStream);
        using var second = await host.Open("/v1/feed", "analyst", asStream);

        (await host.Get("/v1/feed", "analyst", asStream)).ShouldBeProblem(429, "too-many-requests");

        using var other = await host.Open("/v1/feed", "auditor", asStream);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_file_above_the_limit_is_refused_and_nothing_of_it_stays()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:ImportBytes", "1000000")]);
        using var file = new ByteArrayContent(new byte[2_000_000]);
        file.Headers.ContentType = new("application/x-ndjson");

        (await host.Post("/v1/imports", file)).ShouldBeProblem(413, "too-large");

        (
            await database.Scalar<long>("select (select count(*) from ingestion.import) + (select count(*) from ingestion.import_piece)")
        ).ShouldBe(0);
        (await database.Scalar<long>("select count(*) from keys.service_key where name like 'import/%'")).ShouldBe(0);
    }

    /// <summary>A body whose end is held back.</summary>
    private sealed class HeldBody(string body) : HttpContent
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task;

        public void Release() => _released.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{"u8.ToArray());
            await stream.FlushAsync();
            _started.SetResult();
            await _released.Task;
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body[1..]));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

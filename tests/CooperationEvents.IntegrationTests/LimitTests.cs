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
        var answers = new List<Answer>();
        for (var i = 0; i < 6; i++)
            answers.Add(await host.Get("/v1/organisations"));

        answers.Take(3).ShouldAllBe(a => a.Status == 200);
        var refused = answers[^1].ShouldBeProblem(429, "too-many-requests");
        int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
        (await host.Get("/v1/organisations", "analyst")).Status.ShouldBe(200);
        (await host.Get("/health/live", null)).Status.ShouldBe(200);
        host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_service_cannot_hold_is_refused_before_anything_is_done_for_it()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:AtOnce", "1"), ("Limits:Waiting", "0")]);
        using var slow = new HeldBody("{\"name\":\"Frontex\",\"shortName\":\"FRONTEX\"}");
        slow.Headers.ContentType = new("application/json");
        var first = host.Post("/v1/organisations", slow);
        await slow.Started;

        Answer? refused = null;
        await Wait.Until("the place to be taken", async () => (refused = await host.Get("/v1/organisations")).Status == 503);
        refused!.ShouldBeProblem(503, "busy").Header("Retry-After").ShouldBe("1");
        (await host.Get("/health/ready", null)).Status.ShouldBe(200);

        slow.Release();
        (await first).ShouldBeAccepted(201);
        (await host.Get("/v1/organisations")).Status.ShouldBe(200);
        host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_above_the_limit_is_refused_and_nothing_of_it_stays()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: [("Limits:ImportBytes", "1000000")]);
        using var file = new ByteArrayContent(new byte[2_000_000]);
        file.Headers.ContentType = new("application/x-ndjson");

        (await host.Post("/v1/imports", file)).ShouldBeProblem(413, "too-large");

        (await database.Scalar<long>("select (select count(*) from ingestion.import) + (select count(*) from ingestion.import_piece)")).ShouldBe(0);
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

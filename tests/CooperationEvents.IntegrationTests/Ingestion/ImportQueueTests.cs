using System.Globalization;
using System.Text;
using System.Text.Json;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Ingestion;

/// <summary>Imports beside one another: nobody waits for somebody else's large file.</summary>
public sealed class ImportQueueTests(SharedRegister register)
{
    private readonly string _system = $"queue-{Guid.NewGuid():n}";

    [Fact]
    public async Task A_small_file_ends_while_large_ones_are_worked_on()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Wait.Until("the imports of other tests to end", () =>
            register.Host.Database.Scalar<bool>(
                "select not exists (select from ingestion.import where finished_at is null and state <> 'uploading')"
            )
        );
        var large = new List<Answer>();
        Answer last,
            posted;
        await using (await HeldAppends.Of(register.Host.Database))
        {
            for (var i = 0; i < ImportSlots.ForAny + 1; i++)
                large.Add(await Imports.Post(register.Host, Large(cooperation, $"l{i}"), "application/x-ndjson", ""));
            last = await register.Host.Get(large[^1].Header("Location")!);
            posted = await Imports.Post(register.Host, Meetings(cooperation, "s", 50), "application/x-ndjson", "");
        }

        var small = await Imports.Ended(register.Host, posted);

        small.Json["accepted"]!.GetValue<long>().ShouldBe(50, small.Text);
        small.Json["ahead"].ShouldBeNull();
        last.Json.Text("state").ShouldBe("queued");
        last.Json["ahead"]!["imports"]!.GetValue<long>().ShouldBe(ImportSlots.ForAny);
        last.Json["ahead"]!["bytes"]!.GetValue<long>().ShouldBe(large.Take(ImportSlots.ForAny).Sum(a => a.Json["bytes"]!.GetValue<long>()));
        foreach (var import in large)
        {
            var path = import.Header("Location")!;
            (await register.Host.Get(path)).Json.Text("state").ShouldBeOneOf("queued", "appending");
            (await register.Host.Post($"{path}/cancel")).Json.Text("state").ShouldBe("cancelled");
        }
    }

    [Fact]
    public async Task Imports_side_by_side_lose_nothing_and_record_nothing_twice()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var posted = new List<Answer>();
        foreach (var query in new[] { "", "mode=atomic", "dryRun=true", "", "mode=atomic" })
            posted.Add(await Imports.Post(register.Host, Meetings(cooperation, "same", 300), "application/x-ndjson", query));
        posted.Add(await Imports.Post(register.Host, Meetings(cooperation, "other", 300), "application/x-ndjson", ""));

        var ended = await Task.WhenAll(posted.Select(p => Imports.Ended(register.Host, p)));

        foreach (var import in ended)
            (import.Json.Text("state"), import.Json["accepted"]!.GetValue<long>()).ShouldBe(("completed", 300), import.Text);
        var position = ended.Max(e => e.Json["position"]?.GetValue<long>() ?? 0);
        var figures = await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}", position, "analyst");
        figures.Json["meetingsHeld"]!.GetValue<int>().ShouldBe(600);
    }

    [Fact]
    public async Task A_cancelled_import_says_where_what_it_recorded_is()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await using var held = await HeldAppends.Of(register.Host.Database);
        var posted = await Imports.Post(register.Host, Meetings(cooperation, "c", 2_000), "application/x-ndjson", "");
        var path = posted.Header("Location")!;
        await held.LetPassUntil(async () => (await register.Host.Get(path)).Json["rows"]!.GetValue<long>() > 0);

        var cancelling = register.Host.Post($"{path}/cancel");
        await held.Awaited();
        await held.LetPass();
        var cancelled = await cancelling;

        var last = await register.Host.Database.Scalar<long>(
            "select max(seq_id) from register.mt_events where correlation_id = $1",
            posted.Json.Text("id")
        );
        cancelled.Position.ShouldBeGreaterThanOrEqualTo(last);
        cancelled.PositionHeader.ShouldBe(cancelled.Position);
    }

    /// <summary>Larger than a file for which a slot is kept.</summary>
    private byte[] Large(Cooperation cooperation, string prefix)
    {
        var file = Meetings(cooperation, prefix, 6_000);
        file.Length.ShouldBeGreaterThan((int)ImportSlots.Small);
        return file;
    }

    private byte[] Meetings(Cooperation cooperation, string prefix, int count)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            lines
                .Append(
                    JsonSerializer.Serialize(
                        new
                        {
                            command = "record-held-meeting",
                            data = new
                            {
                                title = $"Meeting {i}",
                                frameworks = new[] { new { frameworkId = cooperation.Framework, level = "senior-officials" } },
                                start = new DateOnly(2013, 1, 1).AddDays(i % 3000).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                                externalReference = new { system = _system, id = $"{prefix}-{i}" },
                            },
                        }
                    )
                )
                .Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }
}

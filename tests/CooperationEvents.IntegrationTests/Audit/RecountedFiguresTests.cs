using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>
/// Both verifiers count and name what the service publishes, by each definition: over frameworks that call a level differently, and parts
/// that nobody counts in.
/// </summary>
public sealed class RecountedFiguresTests
{
    private const string AsOf = "2019-12-31";
    private const string NotStated = "not-stated";

    [Fact]
    public async Task Every_publication_is_what_both_verifiers_count()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Audit:CheckpointMilliseconds", "50"));
        var (one, other, home, position) = await Register(host);
        JsonObject[] questions =
        [
            new(),
            new() { ["level"] = "heads" },
            new() { ["level"] = "heads", ["framework"] = other },
            new() { ["level"] = "technical-experts", ["year"] = 2018 },
            new() { ["party"] = NotStated },
            new() { ["party"] = NotStated, ["framework"] = one },
            new() { ["party"] = NotStated, ["framework"] = other },
            new() { ["party"] = NotStated, ["level"] = "heads" },
            new() { ["organisation"] = home },
            new() { ["party"] = NotStated, ["year"] = 2018 },
            new() { ["party"] = NotStated, ["from"] = "2018-02-01" },
            new() { ["level"] = NotStated },
            new() { ["level"] = NotStated, ["party"] = NotStated },
            new() { ["party"] = "EU" },
            new() { ["party"] = "EU", ["year"] = 2015 },
            new() { ["organisation"] = home, ["year"] = 2015 },
            new() { ["organisation"] = home, ["level"] = "heads" },
            new() { ["year"] = 2018 },
            new() { ["year"] = 2018, ["asOf"] = "2018-06-30" },
            new() { ["party"] = NotStated, ["orgView"] = "lineage" },
        ];
        var published = new List<(Guid Id, string Question, Answer Answer)>();
        foreach (var question in questions)
        {
            var asked = question.DeepClone().AsObject();
            (asked["asOf"], asked["knownAt"], asked["acknowledgeSmallCells"]) = (AsOfOf(question), $"{position}", true);
            var answer = (await host.Post("/v1/statistics/publications", asked, "admin")).ShouldBeAccepted(201);
            published.Add((answer.Id, $"{question.ToJsonString()} by definition 2", answer));
        }

        // What was known at a time: both have to find the position again.
        var time = $"{await database.Scalar<DateTime>("select now() at time zone 'UTC'"):yyyy-MM-dd'T'HH:mm:ss.ffffff}Z";
        var atATime = await host.Post(
            "/v1/statistics/publications",
            new
            {
                asOf = "2019",
                knownAt = time,
                acknowledgeSmallCells = true,
            },
            "admin"
        );
        published.Add((atATime.ShouldBeAccepted(201).Id, $"what was known at {time}", atATime));

        var last = atATime;
        await Log.CoversAll(host);
        var export = Directory.CreateDirectory(Path.Combine(host.DataDirectory, "recounted"));
        var entries = Path.Combine(export.FullName, Verifier.Export.Entries);
        await File.WriteAllBytesAsync(entries, await host.Bytes("/v1/audit/export", "auditor"));
        foreach (var question in questions.Where(q => !q.ContainsKey("orgView")))
        {
            var entry = await ByFirstDefinition(host, database, question, position, last.Position + 1 + published.Count);
            await File.AppendAllTextAsync(entries, Encoding.UTF8.GetString(entry.ToBytes()) + "\n");
            published.Add((entry.Stream, $"{question.ToJsonString()} by definition 1", last));
        }

        var wrong = new List<string>();
        foreach (var (id, question, _) in published)
        {
            wrong.AddRange(FigureCheck.Run(Verifier.Export.Open(export.FullName), id).Findings.Select(f => $"{question}, the first: {f}"));
            if (await Second(id, export) is { Length: > 0 } differs)
                wrong.Add($"{question}, the second: {differs}");
        }

        wrong.ShouldBeEmpty();
        await EachMemberIsCounted(database, published[0].Id, export);
        (await Sentence(host, published[1].Id, last)).ShouldContain("at the level Heads or Heads of Unit");
        (await Figure(host, published[4].Id, last))["meetingsHeld"]!.GetValue<int>().ShouldBe(4);
        (await host.Post("/v1/statistics/publications", new { organisation = NotStated }, "admin")).Status.ShouldBe(422);
        (await host.Post("/v1/statistics/publications", new { area = NotStated }, "admin")).Status.ShouldBe(422);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>A member of a figure that a verifier passes over is stated in public, and nobody counts it again.</summary>
    private static async Task EachMemberIsCounted(TestDatabase database, Guid publication, DirectoryInfo export)
    {
        var stored = JsonNode.Parse(
            await database.Scalar<string>(
                "select data::text from register.mt_events where type = 'figure_published' and data ->> 'publicationId' = $1",
                $"{publication}"
            )
        )!;
        foreach (var (member, value) in stored["figure"]!.AsObject())
        {
            var (altered, id) = (stored.DeepClone(), Guid.NewGuid());
            (altered["publicationId"], altered["figure"]![member]) = (id, value!.GetValue<int>() + 1);
            var entry = await Published(database, id, altered, stored["position"]!.GetValue<long>() + 10_000);
            await File.AppendAllTextAsync(
                Path.Combine(export.FullName, Verifier.Export.Entries),
                Encoding.UTF8.GetString(entry.ToBytes()) + "\n"
            );

            FigureCheck
                .Run(Verifier.Export.Open(export.FullName), id)
                .Findings.ShouldContain(
                    f => f.Text.StartsWith(member, StringComparison.Ordinal),
                    $"CooperationEvents.Verifier/Figures does not count {member}."
                );
            (await Second(id, export)).ShouldNotBeEmpty($"tests/second-implementation/figures.py does not count {member}.");
        }
    }

    /// <summary>Three frameworks, two of which call a level alike; meetings at which somebody, nobody, or no member counts.</summary>
    private static async Task<(Guid One, Guid Other, Guid Home, long Position)> Register(RegisterHost host)
    {
        var cooperation = await Cooperation.Start(host);
        var one = cooperation.Framework;
        var (other, third) = (await Framework(), await Framework());
        foreach (var (framework, name) in new[] { (one, "Heads"), (other, "Heads of Unit"), (third, "Heads") })
            await cooperation.Do(
                $"/v1/frameworks/{framework}/levels",
                new
                {
                    code = "heads",
                    name,
                    rank = 3,
                }
            );
        await cooperation.Do(
            $"/v1/frameworks/{other}/members",
            new
            {
                organisationId = cooperation.Iom,
                party = "IOM",
                joinedOn = "2012-07",
            }
        );
        var people = await cooperation.People(3);

        await Held([(one, "heads")], "2018-01-10", people[0], people[1]);
        await Held([(one, "heads")], "2018-02-10");
        await Held([(one, "heads"), (other, "heads")], "2018-03-10", people[0]);
        await Held([(other, "heads")], "2018-04-10", people[2]);
        await Held([(third, "technical-experts")], "2018-12-31T09:00", people[1]);
        var counted = await Held([(other, "technical-experts")], "2018-06-10");
        var last = await cooperation.Do(
            $"/v1/meetings/{counted}/delegations",
            new
            {
                organisationId = cooperation.Iom,
                count = 3,
                precision = "minimum",
            }
        );
        await host.Reaches(last.Position);
        return (one, other, cooperation.Home, last.Position);

        async Task<Guid> Framework() => (await host.Post("/v1/frameworks", Cooperation.Agreement())).ShouldBeAccepted(201).Id;

        async Task<Guid> Held((Guid Framework, string Level)[] placed, string start, params Guid[] attended)
        {
            var frameworks = new JsonArray([
                .. placed.SelectMany(p => Cooperation.Under(p.Framework, p.Level)).Select(p => p!.DeepClone()),
            ]);
            var (end, zone) = start.Contains('T', StringComparison.Ordinal) ? ("2019-01-01T00:00", "Europe/Brussels") : (start, null);
            var meeting = await cooperation.Schedule(("frameworks", frameworks), ("start", start), ("end", end), ("timeZone", zone));
            await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });
            if (attended.Length > 0)
                await cooperation.Do(
                    $"/v1/meetings/{meeting.Id}/attendance",
                    new { attendees = attended.Select(p => cooperation.Attendee(p, status: "attended")) }
                );
            return meeting.Id;
        }
    }

    private static string AsOfOf(JsonObject question) => question["asOf"]?.GetValue<string>() ?? AsOf;

    /// <summary>What the service would have published by definition 1, from what it answers by that definition today.</summary>
    private static async Task<Entry> ByFirstDefinition(
        RegisterHost host,
        TestDatabase database,
        JsonObject question,
        long position,
        long seq
    )
    {
        var asked = string.Concat(question.Where(q => q.Key != "asOf").Select(q => $"&{q.Key}={$"{q.Value}".Trim('"')}"));
        var query = $"asOf={AsOfOf(question)}&knownAt={position}&definition=1{asked}";
        var sheet = (await host.Get($"/v1/statistics/factsheet?{query}", "analyst")).ShouldBeRead();
        var events = new HashSet<Guid>();
        foreach (var measure in new[] { "meetingsHeld", "attendances", "unnamed" })
        {
            var explained = (await host.Get($"/v1/statistics/explain?{query}&measure={measure}", "analyst")).ShouldBeRead();
            events.UnionWith(explained["items"]!.AsArray().SelectMany(i => i!["events"]!.AsArray()).Select(e => e!.GetValue<Guid>()));
        }

        var ids = string.Concat(events.Select(e => $"{e}\n").Order(StringComparer.Ordinal));
        var id = Guid.NewGuid();
        var data = new JsonObject
        {
            ["publicationId"] = id,
            ["question"] = question.DeepClone(),
            ["asOf"] = AsOfOf(question),
            ["position"] = position,
            ["definition"] = "1",
            ["figure"] = new JsonObject
            {
                ["meetingsHeld"] = sheet["meetingsHeld"]!.DeepClone(),
                ["attendances"] = sheet["attendances"]!.DeepClone(),
                ["unnamed"] = sheet["unnamed"]!.DeepClone(),
                ["staffKnown"] = sheet["staff"]!["known"]!.DeepClone(),
                ["staffAtLeast"] = sheet["staff"]!["atLeast"]!.DeepClone(),
                ["staffAtMost"] = sheet["staff"]!["atMost"]?.DeepClone(),
            },
            ["sentence"] = sheet["sentence"]!.DeepClone(),
            ["evidence"] = new JsonObject
            {
                ["count"] = events.Count,
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ids))),
            },
        };
        return await Published(database, id, data, seq);
    }

    private static async Task<Entry> Published(TestDatabase database, Guid publication, JsonNode data, long seq) =>
        new(
            seq,
            Guid.NewGuid(),
            publication,
            "publication",
            1,
            "figure_published",
            DateTimeOffset.UnixEpoch,
            null,
            null,
            null,
            null,
            null,
            await database.Scalar<string>("select $1::jsonb::text", data.ToJsonString())
        );

    /// <summary>What the second implementation finds to differ; nothing where it counts the same, or where there is no Python.</summary>
    private static async Task<string> Second(Guid publication, DirectoryInfo export)
    {
        var script = Path.Combine(Repository.Root, "tests", "second-implementation", "verify.py");
        var start = new ProcessStartInfo("python3", ["-B", script, "figure", $"{publication}", export.FullName])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") is null or "")
        {
            return "";
        }

        using (process)
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? "" : await output + await errors;
        }
    }

    private static async Task<string> Sentence(RegisterHost host, Guid publication, Answer last) =>
        (await Read(host, publication, last))["sentence"]!.GetValue<string>();

    private static async Task<JsonNode> Figure(RegisterHost host, Guid publication, Answer last) =>
        (await Read(host, publication, last))["figure"]!;

    private static async Task<JsonNode> Read(RegisterHost host, Guid publication, Answer last)
    {
        var read = (await host.Read($"/v1/statistics/publications/{publication}", last.Position, "analyst")).ShouldBeRead();
        read["reproduced"]!.GetValue<bool>().ShouldBeTrue();
        return read;
    }
}

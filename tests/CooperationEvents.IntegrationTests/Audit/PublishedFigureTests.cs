using System.Text;
using CooperationEvents.Testing;
using CooperationEvents.Verifier;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>Anybody counts a published figure again: from an export, or from the proof of the publication alone.</summary>
public sealed class PublishedFigureTests
{
    [Fact]
    public async Task A_published_figure_is_counted_again_from_the_export_and_proven_from_one_file()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Audit:CheckpointMilliseconds", "50"));
        var cooperation = await Cooperation.Start(host);
        var people = await cooperation.People(8);
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance",
            new { attendees = people.Select(p => cooperation.Attendee(p, status: "attended")) }
        );
        await cooperation.Do($"/v1/meetings/{meeting.Id}/attendance/{people[0]}/correct", new { status = "absent", reason = "He left" });
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/delegations",
            new
            {
                organisationId = cooperation.Iom,
                count = 4,
                precision = "exact",
            }
        );
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/delegations",
            new
            {
                organisationId = cooperation.Iom,
                count = 5,
                precision = "minimum",
                reason = "One came late.",
            }
        );
        var merged = await cooperation.Do($"/v1/people/{people[1]}/merge", new { into = people[2], reason = "The same person." });
        await host.Reaches(merged.Position);
        var published = (
            await host.Post(
                "/v1/statistics/publications",
                new
                {
                    framework = cooperation.Framework,
                    asOf = "2018-12-31",
                    knownAt = $"{merged.Position}",
                },
                "admin"
            )
        ).ShouldBeAccepted(201);
        await Log.CoversAll(host);

        var file = Path.Combine(host.DataDirectory, "export.tar");
        await File.WriteAllBytesAsync(file, await host.Bytes("/v1/audit/export.tar", "auditor"));
        var counted = FigureCheck.Run(Verifier.Export.Open(file), published.Id);
        counted.Findings.ShouldBeEmpty();
        counted.Facts.ShouldContain(f => f.StartsWith("Counted:     the same", StringComparison.Ordinal));

        var proof = await host.Read($"/v1/statistics/publications/{published.Id}/proof", published.Position, "auditor");
        var report = PublicationProof.Run(
            proof.ShouldBeText("application/x-ndjson").Split('\n', StringSplitOptions.RemoveEmptyEntries),
            await Log.Keys(host),
            [],
            null,
            null
        );
        report.Findings.ShouldBeEmpty();
        (await host.Get($"/v1/statistics/publications/{published.Id}/proof", "analyst")).Status.ShouldBe(403);
        await EverybodyProvesTheStatement(host, published.Id);

        await Tamper.Do(
            database,
            "update register.mt_events set data = jsonb_set(data, '{corrected,status}', '\"attended\"') where type = 'attendance_corrected'"
        );
        await File.WriteAllBytesAsync(file, await host.Bytes("/v1/audit/export.tar", "auditor"));
        FigureCheck
            .Run(Verifier.Export.Open(file), published.Id)
            .Findings[0]
            .Text.ShouldStartWith("attendances: published was '6', and the entries give '7'");
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Theory]
    [InlineData(
        "update register.mt_events set data = jsonb_set(data, '{sentence}', '\"Nobody met.\"') where type = 'figure_published'",
        true
    )]
    [InlineData("delete from register.mt_events where type = 'figure_published'", true)]
    [InlineData("update register.mt_events set data = data || '{\"added\": true}' where type = 'meeting_held'", false)]
    [InlineData("delete from register.mt_events where type = 'meeting_held'", false)]
    public async Task What_was_altered_is_stated_and_proven_to_nobody(string alteration, bool isOfPublication)
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Audit:CheckpointMilliseconds", "50"));
        var cooperation = await Cooperation.Start(host);
        var meeting = await cooperation.Schedule();
        var held = await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });
        await host.Reaches(held.Position);
        var body = new { framework = cooperation.Framework, asOf = "2018-12-31" };
        var published = (await host.Post("/v1/statistics/publications", body, "admin")).ShouldBeAccepted(201);
        await Log.CoversAll(host);
        var proof = $"/v1/statistics/publications/{published.Id}/proof";
        string[] open =
        [
            .. new[] { "", ".json", ".csv", ".svg", ".entry", ".tlog-proof" }.Select(form => $"/public/figures/{published.Id}{form}"),
        ];
        (await host.Read(proof, published.Position, "auditor")).Status.ShouldBe(200);

        var tag = (await host.Get(open[1], role: null)).Header("ETag")!;

        await Tamper.Do(database, alteration);
        (await host.Get(proof, "auditor")).ShouldBeProblem(409, "event-altered");
        if (isOfPublication)
            (await host.Get(open[1], role: null, ("If-None-Match", tag))).ShouldBeProblem(409, "event-altered");
        foreach (var path in open)
        {
            var answer = await host.Get(path, role: null);
            if (isOfPublication)
                answer.ShouldBeProblem(409, "event-altered");
            else
                answer.Status.ShouldBe(200, path);
        }

        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Theory]
    [InlineData("update register.mt_events set data = jsonb_set(data, '{reason}', '\"Nothing.\"') where type = 'figure_withdrawn'")]
    [InlineData("delete from register.mt_events where type = 'figure_withdrawn'")]
    public async Task A_figure_whose_withdrawal_was_altered_is_stated_to_nobody(string alteration)
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Audit:CheckpointMilliseconds", "50"));
        var cooperation = await Cooperation.Start(host);
        var body = new { framework = cooperation.Framework, asOf = "2018-12-31" };
        var published = (await host.Post("/v1/statistics/publications", body, "admin")).ShouldBeAccepted(201);
        var withdrawn = await host.Post($"/v1/statistics/publications/{published.Id}/withdraw", new { reason = "An error" }, "admin");
        await host.Reaches(withdrawn.ShouldBeAccepted().Position);
        await Log.CoversAll(host);
        var path = $"/public/figures/{published.Id}";
        (await host.Get(path, role: null)).Text.ShouldContain("An error");

        await Tamper.Do(database, alteration);

        (await host.Get(path, role: null)).ShouldBeProblem(409, "event-altered");
        (await host.Get($"{path}.tlog-proof", role: null)).Status.ShouldBe(200);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>Without a key: its entry, and that the log has it.</summary>
    private static async Task EverybodyProvesTheStatement(RegisterHost host, Guid publication)
    {
        var proof = (await host.Get($"/public/figures/{publication}.tlog-proof", role: null)).ShouldBeText("text/plain");
        var entry = (await host.Get($"/public/figures/{publication}.entry", role: null)).ShouldBeText("application/json");

        var keys = await Log.Keys(host);
        entry.ShouldContain("involving");
        ProofCheck.Run(proof, Encoding.UTF8.GetBytes(entry), keys).Findings.ShouldBeEmpty();
        var altered = entry.Replace("involving", "without", StringComparison.Ordinal);
        ProofCheck.Run(proof, Encoding.UTF8.GetBytes(altered), keys).Findings.ShouldNotBeEmpty();
        (await host.Get($"/public/figures/{Guid.NewGuid()}.tlog-proof", role: null)).ShouldBeProblem(404, "not-found");
        (await host.Get($"/public/figures/{Guid.NewGuid()}.entry", role: null)).ShouldBeProblem(404, "not-found");
    }
}

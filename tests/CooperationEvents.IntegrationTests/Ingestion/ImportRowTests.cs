using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Ingestion;

/// <summary>Tables of which one row says several things: they are recorded together, or none of them is.</summary>
public sealed class ImportRowTests(SharedRegister register)
{
    private const string Table =
        "meeting;day;organisation;side;role;people\n"
        + "Visas;20.05.2019;DG X;EU;;\"Ada, Ben\"\n"
        + "Visas;20.05.2019;Agency Y;IOM;chair;Cy\n"
        + "Returns;2020;DG X;EU;expert;\"Ada, Dee\"\n"
        + "Health;2021;DG X;EU;;\n";

    private readonly string _system = $"rows-{Guid.NewGuid():n}";

    [Theory]
    [InlineData("partial")]
    [InlineData("atomic")]
    public async Task A_flat_table_is_tried_recorded_and_repeated_in_one_import_each(string mode)
    {
        var cooperation = await Cooperation.Start(register.Host);

        var dryRun = await Import(cooperation, Table, $"mode={mode}&dryRun=true");
        (await Recorded(dryRun)).ShouldBe(0);
        var recorded = await Import(cooperation, Table, $"mode={mode}");
        var repeated = await Import(cooperation, Table, $"mode={mode}");

        (dryRun.Json.Text("state"), Counts(dryRun)).ShouldBe(("completed", (4, 4, 0, 0)), dryRun.Text);
        (recorded.Json.Text("state"), Counts(recorded)).ShouldBe(("completed", (4, 4, 0, 0)), recorded.Text);
        Events(recorded).ShouldBe(Events(dryRun));
        (Counts(repeated), Events(repeated)).ShouldBe(((4, 4, 4, 0), 0), repeated.Text);
        var figures = (
            await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}", recorded.Position, "analyst")
        ).Json;
        (
            figures["meetingsHeld"]!.GetValue<int>(),
            figures["attendances"]!.GetValue<int>(),
            figures["staff"]!["known"]!.GetValue<int>()
        ).ShouldBe((3, 5, 4));
    }

    [Fact]
    public async Task Of_a_row_that_is_refused_nothing_is_recorded_and_the_others_are()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var table =
            "meeting;day;organisation;side;role;people\n"
            + "Visas;20.05.2019;DG X;EU;;Ada\n"
            + "Returns;20.05.2019;DG Z;NATO;;Eve\n"
            + "Health;20.05.2999;DG W;EU;;Fay\n"
            + "Visas;20.05.2019;DG X;EU;;Ben\n";

        var dryRun = await Import(cooperation, table, "dryRun=true");
        var recorded = await Import(cooperation, table, "");

        foreach (var import in new[] { dryRun, recorded })
        {
            Counts(import).ShouldBe((4, 2, 0, 2), import.Text);
            import.Json["refusals"]!
                .AsArray()
                .Select(r => (r!["row"]!.GetValue<int>(), r.Text("field"), r.Text("reason").Split(':')[0]))
                .ShouldBe([(3, "side", "join-framework"), (4, "day", "record-held-meeting")]);
        }

        var names = (
            await register.Host.Database.Rows(
                "select data->>'name' from register.mt_events where correlation_id = $1 and type = 'organisation_registered'",
                recorded.Json.Text("id")
            )
        ).Select(r => (string)r[0]!);
        names.ShouldBe(["DG X"]);
        Events(recorded).ShouldBe(await Recorded(recorded));
        await Imports.LeaveNone(register.Host, "keys.person_key where person_id not in (select id from register.mt_streams)");
        await Imports.LeaveNone(register.Host, "recording.external_reference where stream_id not in (select id from register.mt_streams)");
    }

    [Fact]
    public async Task Many_rows_of_one_meeting_are_all_recorded_in_their_order()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var table =
            "meeting;day;organisation;side;role;people\n"
            + string.Concat(Enumerable.Range(1, 300).Select(i => $"Visas {i % 3};2019;DG {i % 50 % 7};EU;;\"P{i}, P{i % 50}\"\n"));

        var recorded = await Import(cooperation, table, "");

        Counts(recorded).ShouldBe((300, 300, 0, 0), recorded.Text);
        var pairs = Enumerable.Range(1, 300).SelectMany(i => new[] { (i % 3, $"P{i}"), (i % 3, $"P{i % 50}") }).Distinct().Count();
        (
            await register.Host.Database.Scalar<long>(
                "select count(*) from register.mt_events where correlation_id = $1 and type = 'attendance_recorded'",
                recorded.Json.Text("id")
            )
        ).ShouldBe(pairs);
    }

    private static (long Rows, long Accepted, long Unchanged, long Refused) Counts(Answer import)
    {
        return (Of("rows"), Of("accepted"), Of("unchanged"), Of("refused"));

        long Of(string name) => import.Json[name]!.GetValue<long>();
    }

    private static long Events(Answer import) => import.Json["events"]!.GetValue<long>();

    private Task<long> Recorded(Answer import) =>
        register.Host.Database.Scalar<long>("select count(*) from register.mt_events where correlation_id = $1", import.Json.Text("id"));

    private async Task<Answer> Import(Cooperation cooperation, string table, string query)
    {
        var mapping = $$$$"""
            {
              "system": "{{{{_system}}}}",
              "dates": ["dd.MM.yyyy", "yyyy"],
              "commands": [
                {"command": "register-organisation", "fields": {"/name": "organisation", "/shortName": "organisation", "/externalReference": {"value": {"system": "{{{{_system}}}}", "id": "{organisation}"} } } },
                {"command": "join-framework", "fields": {"/frameworkId": {"value": {"system": "{{{{_system}}}}", "id": "f"}}, "/organisationId": "organisation", "/party": "side", "/joinedOn": {"value": "2012-07"}}},
                {"command": "record-held-meeting", "fields": {"/title": "meeting", "/start": "day", "/externalReference": {"value": {"system": "{{{{_system}}}}", "id": "{meeting}"}},
                  "/frameworks": {"value": [{"frameworkId": {"system": "{{{{_system}}}}", "id": "f"}, "level": "technical-experts"}]}}},
                {"command": "register-person", "each": {"column": "people", "split": ","}, "fields": {"/name": {"value": "{item}"}, "/externalReference": {"value": {"system": "{{{{_system}}}}", "id": "{item}"} } } },
                {"command": "record-attendance", "if": "people", "fields": {"/meetingId": "meeting",
                  "/attendees": {"column": "people", "split": ",", "each": {"personId": "{item}", "organisationId": "{organisation}", "role": "{role}", "status": "attended"} } } }
              ]
            }
            """.Replace($$"""{"system": "{{_system}}", "id": "f"}""", $"\"{cooperation.Framework}\"", StringComparison.Ordinal);
        return await Imports.Ended(
            register.Host,
            await Imports.Post(register.Host, Encoding.UTF8.GetBytes(table), "text/csv", mapping, query)
        );
    }
}

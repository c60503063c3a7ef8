using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Ingestion;

/// <summary>Public text that looks like a way to reach somebody is named by the report, of rows that were taken and of no others.</summary>
public sealed class ImportWarningTests(SharedRegister register)
{
    private readonly string _system = $"warned-{Guid.NewGuid():n}";

    [Theory]
    [InlineData("dryRun=true")]
    [InlineData("mode=partial")]
    public async Task Lines_of_commands_are_warned_of_by_the_member_and_again_when_the_file_is_sent_again(string query)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = cooperation.Meeting(
            ("venue", "Ask ada@example.org"),
            ("externalReference", new JsonObject { ["system"] = _system, ["id"] = "m@example.org" })
        );
        var file = string.Join(
            '\n',
            Line("record-held-meeting", held),
            Line("register-person", new JsonObject { ["name"] = "Ada", ["email"] = $"{_system}@example.org" }),
            Line("cancel-meeting", new JsonObject { ["meetingId"] = Guid.NewGuid(), ["reason"] = "Call +32 2 299 11 11" })
        );

        foreach (var _ in new[] { 1, 2 })
        {
            var import = await Import(Encoding.UTF8.GetBytes(file), "application/x-ndjson", null, query);

            Warned(import).ShouldBe([(1, "/data/venue")], import.Text);
            import.Json["notes"]![0]!.Text("reason").ShouldStartWith("This looks like an e-mail address. The text is public record");
            import.Json["refusals"]!.AsArray().Select(r => r!["row"]!.GetValue<int>()).ShouldBe([3], import.Text);
        }
    }

    [Theory]
    [InlineData("dryRun=true")]
    [InlineData("mode=atomic")]
    public async Task Tables_are_warned_of_by_the_column(string query)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var mapping = new JsonObject
        {
            ["command"] = "schedule-meeting",
            ["fields"] = new JsonObject
            {
                ["/title"] = "name",
                ["/venue"] = new JsonObject { ["value"] = "{house}, {room}" },
                ["/start"] = "day",
                ["/frameworks"] = new JsonObject { ["value"] = Cooperation.Under(cooperation.Framework, "technical-experts") },
            },
        };
        const string Table = "name;house;room;day\nVisas, by ada@example.org;Berlaymont;4;2018\nReturns;Palais;tel. 02/299.11.11;2019\n";

        var import = await Import(Encoding.UTF8.GetBytes(Table), "text/csv", mapping, query);

        import.Json.Text("state").ShouldBe("completed", import.Text);
        Warned(import).ShouldBe([(2, "name"), (3, "/venue")], import.Text);
        import.Json["notes"]![1]!.Text("reason").ShouldEndWith("It is made of the columns 'house', 'room'.");
    }

    [Theory]
    [InlineData("dryRun=true")]
    [InlineData("mode=partial")]
    public async Task Calendars_are_warned_of_by_the_property(string query)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var under = Cooperation.Under(cooperation.Framework, "technical-experts");
        var mapping = new JsonObject { ["system"] = _system, ["frameworks"] = under };
        var calendar = string.Join(
            "\r\n",
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//EN",
            "BEGIN:VEVENT",
            "UID:a@example.org",
            "DTSTAMP:20260101T000000Z",
            "SUMMARY:Visas\\, by ada@example.org",
            "LOCATION:Call +32 2 299 11 11",
            "DTSTART;VALUE=DATE:20260504",
            "END:VEVENT",
            "END:VCALENDAR",
            ""
        );

        var import = await Import(Encoding.UTF8.GetBytes(calendar), "text/calendar", mapping, query);

        import.Json.Text("state").ShouldBe("completed", import.Text);
        Warned(import).ShouldBe([(1, "SUMMARY"), (1, "LOCATION")], import.Text);
        import.Json["notes"]!.AsArray().Select(n => n!.Text("subject")).Distinct().ShouldBe(["a@example.org"]);
        import.Json["new"]!.GetValue<int>().ShouldBe(1);
    }

    private static string Line(string command, JsonObject data) => new JsonObject { ["command"] = command, ["data"] = data }.ToJsonString();

    private static IReadOnlyList<(int Row, string Field)> Warned(Answer import)
    {
        var notes = import.Json["notes"]!.AsArray().Where(n => n!.Text("kind") == "public-text").Select(n => n!).ToList();
        import.Json["publicTexts"]!.GetValue<int>().ShouldBe(notes.Count, import.Text);
        return [.. notes.Select(n => (n["row"]!.GetValue<int>(), n.Text("field")))];
    }

    private async Task<Answer> Import(byte[] file, string type, JsonObject? mapping, string query) =>
        await Imports.Ended(
            register.Host,
            mapping is null
                ? await Imports.Post(register.Host, file, type, query)
                : await Imports.Post(register.Host, file, type, mapping.ToJsonString(), query)
        );
}

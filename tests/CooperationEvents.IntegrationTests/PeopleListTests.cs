using System.Text.RegularExpressions;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

public sealed partial class PeopleListTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task People_are_found_by_the_words_of_their_name_by_address_and_by_reference()
    {
        var (family, mail, reference) = ($"Mu\u0308ller{Guid.NewGuid():N}", $"{Guid.NewGuid():N}@iom.example", Guid.NewGuid().ToString());
        var ana = (
            await Host.Post(
                "/v1/people",
                new
                {
                    name = $"Dr Ana {family}",
                    email = mail,
                    externalReference = new { system = "hr", id = reference },
                }
            )
        ).ShouldBeAccepted(201);
        var ben = (await Host.Post("/v1/people", new { name = $"Ben {family}" })).ShouldBeAccepted(201);

        (await Found($"name={Uri.EscapeDataString(family.ToUpperInvariant())}", ben)).ItemIds().ShouldBe([ana.Id, ben.Id]);
        (await Found($"name={Uri.EscapeDataString($"{family.Replace("u\u0308", "u", StringComparison.Ordinal)}, ana")}", ben))
            .ItemIds()
            .ShouldBe([ana.Id]);
        (await Found($"name={Uri.EscapeDataString($"Cem {family}")}", ben)).ItemIds().ShouldBeEmpty();
        (await Found($"email={mail.ToUpperInvariant()}", ben)).ItemIds().ShouldBe([ana.Id]);
        (await Found($"system=hr&id={reference}", ben)).ItemIds().ShouldBe([ana.Id]);

        var first = await Found($"name={family}&limit=1", ben);
        first.ItemIds().ShouldBe([ana.Id]);
        first.ShouldBeRead()["items"]![0]!.Text("email").ShouldBe(mail);
        first.Header("Link").ShouldNotBeNull().ShouldContain("rel=\"next\"");
        first.Header("Cache-Control").ShouldBe("no-store");
    }

    [Theory]
    [InlineData("%20%20")]
    [InlineData("%E2%80%8B")]
    public async Task A_name_of_which_nothing_is_seen_is_refused(string name) =>
        (await Host.Get($"/v1/people?name={name}", "admin")).ShouldBeProblem(422, "invalid", "/name");

    [Fact]
    public async Task Somebody_is_found_in_capitals_of_another_alphabet_and_is_told_as_a_possible_duplicate()
    {
        var family = $"Παπα{Guid.NewGuid():N}ς";
        var first = (await Host.Post("/v1/people", new { name = $"Νίκος {family}" })).ShouldBeAccepted(201);
        var second = (await Host.Post("/v1/people", new { name = $"ΝΙΚΟΣ {family.ToUpperInvariant()}" })).ShouldBeAccepted(201);

        second.Json["possibleDuplicates"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<Guid>().ShouldBe(first.Id);
        foreach (var name in new[] { $"νίκος {family}", $"ΝΙΚΟΣ {family.ToUpperInvariant()}" })
            (await Found($"name={Uri.EscapeDataString(name)}", second)).ItemIds().ShouldBe([first.Id, second.Id]);
    }

    [Fact]
    public async Task Who_is_noted_in_the_earlier_form_of_words_is_found_until_the_name_is_another()
    {
        var family = $"Παπα{Guid.NewGuid():N}ς";
        var person = (await Host.Post("/v1/people", new { name = $"Νίκος {family}" })).ShouldBeAccepted(201);
        var likenesses = Host.Services.GetRequiredService<Likenesses>();
        await Host.Database.Rows("delete from recording.likeness where stream_id = $1", person.Id);
        foreach (var word in NormalForm.EarlierWords($"Νίκος {family}"))
        {
            await Host.Database.Rows(
                "insert into recording.likeness (stream_id, digest, kind) values ($1, $2, 'person')",
                person.Id,
                await likenesses.Digest(StreamKind.Person, "name/word", word, TestContext.Current.CancellationToken)
            );
        }

        var query = $"name={Uri.EscapeDataString($"{family} Νίκος")}";
        (await Found(query, person)).ItemIds().ShouldBe([person.Id]);
        var mail = $"{Guid.NewGuid():N}@iom.example";
        var addressed = (
            await Host.Post($"/v1/people/{person.Id}/correct", new { reason = "was missing", email = mail })
        ).ShouldBeAccepted();
        (await Found(query, addressed)).ItemIds().ShouldBe([person.Id]);
        (await Found($"name={Uri.EscapeDataString($"ΝΙΚΟΣ {family.ToUpperInvariant()}")}", addressed)).ItemIds().ShouldBe([person.Id]);
        var other = $"Παπα{Guid.NewGuid():N}ς";
        var corrected = (
            await Host.Post($"/v1/people/{person.Id}/correct", new { reason = "married", name = $"Νίκος {other}" })
        ).ShouldBeAccepted();
        (await Found(query, corrected)).ItemIds().ShouldBeEmpty();
        (await Found($"name={Uri.EscapeDataString($"ΝΙΚΟΣ {other}")}", corrected)).ItemIds().ShouldBe([person.Id]);
    }

    [Fact]
    public async Task A_corrected_name_is_found_and_the_old_one_is_not()
    {
        var (before, after) = ($"A{Guid.NewGuid():N}", $"B{Guid.NewGuid():N}");
        var person = (await Host.Post("/v1/people", new { name = $"Ana {before}" })).ShouldBeAccepted(201).Id;
        var corrected = (
            await Host.Post($"/v1/people/{person}/correct", new { reason = "married", name = $"Ana {after}" })
        ).ShouldBeAccepted();

        (await Found($"name={after}", corrected)).ItemIds().ShouldBe([person]);
        (await Found($"name={before}", corrected)).ItemIds().ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_is_restricted_is_found_by_no_name_and_who_is_erased_never_again()
    {
        var name = $"Eva {Guid.NewGuid():N}";
        var person = (await Host.Post("/v1/people", new { name })).ShouldBeAccepted(201).Id;
        var like = (await Host.Post("/v1/people", new { name })).ShouldBeAccepted(201).Id;
        var query = $"name={Uri.EscapeDataString(name)}";

        var restricted = (
            await Host.Post($"/v1/people/{person}/restrict", new { restricted = true, reason = "asked for" }, "admin")
        ).ShouldBeAccepted();
        (await Found(query, restricted)).ItemIds().ShouldBe([like]);
        var shown = (
            await Host.Post($"/v1/people/{person}/restrict", new { restricted = false, reason = "taken back" }, "admin")
        ).ShouldBeAccepted();
        (await Found(query, shown)).ItemIds().ShouldBe([person, like]);

        (await Host.Erase(person)).ShouldBeAccepted();
        (await Host.Database.Rows("select 1 from recording.likeness where stream_id = $1", person)).ShouldBeEmpty();
        (await Host.Get($"/v1/people?{query}", "admin")).ItemIds().ShouldBe([like]);
    }

    [Theory]
    [InlineData("recorder")]
    [InlineData("analyst")]
    [InlineData("auditor")]
    public async Task Who_may_not_read_names_lists_nobody(string role) => (await Host.Get("/v1/people", role)).Status.ShouldBe(403);

    [Theory]
    [InlineData("system=hr", "/id")]
    [InlineData("id=7", "/system")]
    [InlineData("nmae=Ana", "/nmae")]
    public async Task Half_a_reference_and_a_misspelt_filter_are_refused(string query, string pointer) =>
        (await Host.Get($"/v1/people?{query}", "admin")).ShouldBeProblem(422, "invalid", pointer);

    [Fact]
    public async Task Lists_are_served_as_tables_too()
    {
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule(
            ("title", "=HYPERLINK(\"x\"), first"),
            ("topics", new System.Text.Json.Nodes.JsonArray("health", "migration"))
        );
        await Host.Reaches(meeting.Position);

        var table = await Host.Get(
            $"/v1/meetings?framework={cooperation.Framework}&minPosition={meeting.Position}",
            "analyst",
            ("Accept", "text/csv")
        );

        table.Status.ShouldBe(200, table.ToString());
        table.ContentType.ShouldBe("text/csv; charset=utf-8; header=present");
        var lines = table.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("id,version,title,state,frameworks,frameworkNames,levelNames,start,end,");
        lines.Length.ShouldBe(2);
        lines[1].ShouldContain($"{meeting.Id},1,");
        lines[1].ShouldContain("health; migration");
        lines[1].ShouldNotContain(",\"=HYPERLINK");
    }

    [Fact]
    public async Task Beside_ids_and_codes_stand_their_names()
    {
        var cooperation = await Cooperation.Start(Host);
        var old = await Cooperation.Organisation(Host, "DG DEVCO");
        var succession = new
        {
            kind = "replace",
            on = "2021",
            successors = new[] { cooperation.Iom },
        };
        await cooperation.Do($"/v1/organisations/{old}/succeed", succession);
        var host = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["organisationId"] = cooperation.Home });
        var topics = new System.Text.Json.Nodes.JsonArray("health");
        await cooperation.Schedule(("country", "BE"), ("hosts", host), ("topics", topics));
        var (name, into) = ($"Ana {Guid.NewGuid():N}", await cooperation.Person());
        var affiliation = new { organisationId = cooperation.Home };
        var person = (await Host.Post("/v1/people", new { name, affiliation })).ShouldBeAccepted(201).Id;
        var merged = await cooperation.Do($"/v1/people/{person}/merge", new { into, reason = "one person" });
        await Host.Reaches(merged.Position);

        var meetings = await Table($"/v1/meetings?framework={cooperation.Framework}&minPosition={merged.Position}");
        Cells(meetings, "frameworkNames", "levelNames", "countryName", "hostNames", "topicNames")
            .ShouldBe(["EU-IOM cooperation", "Senior officials", "Belgium", "DG HOME", "Health"]);

        var agreed = await cooperation.Schedule(("title", "Fifth meeting"));
        var commitment = await cooperation.Undertake(("meetingId", agreed.Id), ("area", "health"));
        var commitments = await Table($"/v1/commitments?framework={cooperation.Framework}&minPosition={commitment.Position}");
        Cells(commitments, "frameworkName", "meetingTitle", "ownerNames", "areaName")
            .ShouldBe(["EU-IOM cooperation", "Fifth meeting", "DG HOME", "Health"]);

        var frameworks = await Table("/v1/frameworks");
        Cells(frameworks, cooperation.Framework, "memberNames", "memberPartyNames").ShouldBe(MembersOf(cooperation));
        Cells(await Table("/v1/organisations"), old, "successionSuccessorNames").ShouldBe(["IOM"]);
        var people = await Table($"/v1/people?name={Uri.EscapeDataString(name)}", "admin");
        Cells(people, person, "affiliationNames", "mergedIntoName", "countedAsName").ShouldBe(["DG HOME", "Ada Lovelace", "Ada Lovelace"]);
    }

    /// <summary>Who joined on the same day stands in the order of the ids.</summary>
    private static string[] MembersOf(Cooperation cooperation) =>
        cooperation.Home.CompareTo(cooperation.Iom) < 0 ? ["DG HOME; IOM", "European Union; IOM"] : ["IOM; DG HOME", "IOM; European Union"];

    /// <summary>A list as CSV, which its metadata describe.</summary>
    private async Task<List<string[]>> Table(string path, string role = "analyst")
    {
        var table = await Host.Get(path, role, ("Accept", "text/csv"));
        table.Status.ShouldBe(200, table.ToString());
        var link = table.Header("Link").ShouldNotBeNull();
        link.ShouldContain("rel=\"describedby\"; type=\"application/csvm+json\"");
        var metadata = await Host.Get(link[1..link.IndexOf('>', StringComparison.Ordinal)], role);
        (metadata.Status, metadata.ContentType).ShouldBe((200, "application/csvm+json"), metadata.ToString());
        metadata.Json.Text("url").ShouldBe(path[(path.LastIndexOf('/') + 1)..]);
        var columns = metadata.Json["tableSchema"]!["columns"]!.AsArray();
        var rows = Rows(table.Text);
        rows[0].ShouldBe(columns.Select(c => c!["titles"]!.GetValue<string>()));
        rows.ShouldAllBe(row => row.Length == columns.Count);
        columns.Single(c => c!.Text("name") == "version")!.Text("datatype").ShouldBe("integer");
        return rows;
    }

    private static List<string[]> Rows(string csv) =>
        [
            .. from line in csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            select (string[])[.. Cell().Matches(line).Select(TextOf)],
        ];

    private static string TextOf(Match cell) =>
        cell.Groups[1].Success ? cell.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal) : cell.Groups[2].Value;

    private static IEnumerable<string> Cells(List<string[]> rows, params string[] columns) =>
        columns.Select(c => rows[1][Array.IndexOf(rows[0], c)]);

    private static IEnumerable<string> Cells(List<string[]> rows, Guid id, params string[] columns) =>
        columns.Select(c => rows.Single(row => row[0] == id.ToString())[Array.IndexOf(rows[0], c)]);

    private Task<Answer> Found(string query, Answer after) => Host.Read($"/v1/people?{query}", after.Position, "admin");

    [GeneratedRegex("(?:^|,)(?:\"((?:[^\"]|\"\")*)\"|([^,]*))")]
    private static partial Regex Cell();
}

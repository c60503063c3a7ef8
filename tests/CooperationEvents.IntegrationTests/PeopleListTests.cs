using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

public sealed class PeopleListTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task People_are_found_by_the_words_of_their_name_by_address_and_by_reference()
    {
        var (family, mail, reference) = ($"Mu\u0308ller{Guid.NewGuid():N}", $"{Guid.NewGuid():N}@iom.example", Guid.NewGuid().ToString());
        var ana = (await Host.Post("/v1/people", new { name = $"Dr Ana {family}", email = mail, externalReference = new { system = "hr", id = reference } })).ShouldBeAccepted(201);
        var ben = (await Host.Post("/v1/people", new { name = $"Ben {family}" })).ShouldBeAccepted(201);

        (await Found($"name={Uri.EscapeDataString(family.ToUpperInvariant())}", ben)).ItemIds().ShouldBe([ana.Id, ben.Id]);
        (await Found($"name={Uri.EscapeDataString($"{family.Replace("u\u0308", "u", StringComparison.Ordinal)}, ana")}", ben)).ItemIds().ShouldBe([ana.Id]);
        (await Found($"name={Uri.EscapeDataString($"Cem {family}")}", ben)).ItemIds().ShouldBeEmpty();
        (await Found($"email={mail.ToUpperInvariant()}", ben)).ItemIds().ShouldBe([ana.Id]);
        (await Found($"system=hr&id={reference}", ben)).ItemIds().ShouldBe([ana.Id]);

        var first = await Found($"name={family}&limit=1", ben);
        first.ItemIds().ShouldBe([ana.Id]);
        first.ShouldBeRead()["items"]![0]!.Text("email").ShouldBe(mail);
        first.Header("Link").ShouldNotBeNull().ShouldContain("rel=\"next\"");
        first.Header("Cache-Control").ShouldBe("no-store");
    }

    [Fact]
    public async Task A_corrected_name_is_found_and_the_old_one_is_not()
    {
        var (before, after) = ($"A{Guid.NewGuid():N}", $"B{Guid.NewGuid():N}");
        var person = (await Host.Post("/v1/people", new { name = $"Ana {before}" })).ShouldBeAccepted(201).Id;
        var corrected = (await Host.Post($"/v1/people/{person}/correct", new { reason = "married", name = $"Ana {after}" })).ShouldBeAccepted();

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

        var restricted = (await Host.Post($"/v1/people/{person}/restrict", new { restricted = true, reason = "asked for" }, "admin")).ShouldBeAccepted();
        (await Found(query, restricted)).ItemIds().ShouldBe([like]);
        var shown = (await Host.Post($"/v1/people/{person}/restrict", new { restricted = false, reason = "taken back" }, "admin")).ShouldBeAccepted();
        (await Found(query, shown)).ItemIds().ShouldBe([person, like]);

        var erased = await Host.Post($"/v1/people/{person}/erase", new { reason = "asked for" }, "admin");
        erased.Status.ShouldBeOneOf(200, 202);
        await Wait.Until("the digests are gone", async () =>
            (await Host.Database.Rows("select 1 from recording.likeness where stream_id = $1", person)).Count == 0);
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
        var meeting = await cooperation.Schedule(("title", "=HYPERLINK(\"x\"), first"), ("topics", new System.Text.Json.Nodes.JsonArray("health", "migration")));

        var table = await Host.Get($"/v1/meetings?framework={cooperation.Framework}&minPosition={meeting.Position}", "analyst", ("Accept", "text/csv"));

        table.Status.ShouldBe(200, table.ToString());
        table.ContentType.ShouldBe("text/csv; charset=utf-8; header=present");
        var lines = table.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("id,version,title,state,frameworks,start,end,");
        lines.Length.ShouldBe(2);
        lines[1].ShouldContain($"{meeting.Id},1,");
        lines[1].ShouldContain("health; migration");
        lines[1].ShouldNotContain(",\"=HYPERLINK");
    }

    private Task<Answer> Found(string query, Answer after) => Host.Read($"/v1/people?{query}", after.Position, "admin");
}

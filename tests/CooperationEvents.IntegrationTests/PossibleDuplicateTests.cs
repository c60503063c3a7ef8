using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

public sealed class PossibleDuplicateTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_person_of_the_same_address_or_name_is_recorded_and_said()
    {
        var (mail, name) = ($"{Guid.NewGuid():N}@iom.example", $"Ana {Guid.NewGuid():N}");
        var first = (await Host.Post("/v1/people", new { name, email = mail })).ShouldBeAccepted(201);
        first.Json["possibleDuplicates"].ShouldBeNull();

        var second = (
            await Host.Post("/v1/people", new { name = "Somebody Else " + Guid.NewGuid(), email = mail.ToUpperInvariant() })
        ).ShouldBeAccepted(201);
        Duplicates(second).ShouldBe([(first.Id, "same e-mail address")]);

        var body = new
        {
            id = Guid.NewGuid(),
            name = $"{name.Split(' ')[1].ToUpperInvariant()}, A\u0301na",
            email = mail,
        };
        var third = (await Host.Post("/v1/people", body)).ShouldBeAccepted(201);
        Duplicates(third).Select(d => d.Id).ShouldBe([first.Id, second.Id]);
        Duplicates(third)[0].Why.ShouldBe("same e-mail address, same name");

        (await Host.Post("/v1/people", body)).ShouldBeAccepted(201).Text.ShouldBe(third.Text);
        (await Host.Post("/v1/people", new { name, email = mail }, "recorder", ("Idempotency-Key", Guid.NewGuid().ToString()))).Json[
            "possibleDuplicates"
        ]!
            .AsArray()
            .Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_address_is_one_however_its_domain_is_written()
    {
        var (letters, name) = ($"b\u00FC{Guid.NewGuid():N}.example", $"{Guid.NewGuid():N}");
        var first = (await Host.Post("/v1/people", new { name = $"Bo {name}", email = $"bo@{letters}" })).ShouldBeAccepted(201);
        var ascii = new System.Globalization.IdnMapping().GetAscii(letters);
        var body = new
        {
            id = Guid.NewGuid(),
            name = $"Robert {name}",
            email = $"bo@{ascii}",
        };

        var second = (await Host.Post("/v1/people", body)).ShouldBeAccepted(201);

        Duplicates(second).ShouldBe([(first.Id, "same e-mail address")]);
        await Host.Reaches(second.Position);
        foreach (var domain in new[] { letters, letters.ToUpperInvariant(), ascii })
        {
            var again = new
            {
                body.id,
                body.name,
                email = $"bo@{domain}",
            };
            (await Host.Post("/v1/people", again)).ShouldBeAccepted(201).Position.ShouldBe(second.Position);
            var found = (await Host.Get($"/v1/people?email=bo@{Uri.EscapeDataString(domain)}", "privacy")).ShouldBeRead();
            found["items"]!.AsArray().Select(p => p!["id"]!.GetValue<Guid>()).ShouldBe([first.Id, second.Id], ignoreOrder: true);
        }
    }

    /// <summary>As a version before kept it: under the spelling it was sent in alone.</summary>
    [Fact]
    public async Task An_address_kept_in_one_spelling_is_found_by_others_and_by_none_once_it_is_corrected()
    {
        var letters = $"b\u00FC{Guid.NewGuid():N}.example";
        var ascii = new System.Globalization.IdnMapping().GetAscii(letters);
        var person = (await Host.Post("/v1/people", new { name = "Bo", email = $"bo@{letters}" })).ShouldBeAccepted(201);
        await Host.Database.Rows("delete from recording.likeness where stream_id = $1 and why = 'same e-mail address'", person.Id);
        await Host.Reaches(person.Position);
        (await Found(letters), await Found(ascii)).ShouldBe((1, 1));

        var corrected = await Host.Post($"/v1/people/{person.Id}/correct", new { reason = "He has none", removeEmail = true });

        await Host.Reaches(corrected.ShouldBeAccepted().Position);
        (await Found(letters), await Found(ascii)).ShouldBe((0, 0));

        async Task<int> Found(string domain) =>
            (await Host.Get($"/v1/people?email=bo@{Uri.EscapeDataString(domain)}", "privacy")).ShouldBeRead()["items"]!.AsArray().Count;
    }

    [Theory]
    [InlineData("mailto:ana@iom.example")]
    [InlineData("MailTo:ana@iom.example")]
    [InlineData("<ana@iom.example>")]
    [InlineData("ana@iom.example.")]
    public async Task What_only_holds_an_address_is_refused(string email)
    {
        var refused = (await Host.Post("/v1/people", new { name = "Ana Example", email })).ShouldBeProblem(422, "invalid", "/email");

        refused.Json["errors"]![0]!.Text("detail").ShouldContain("without mailto:");
    }

    [Fact]
    public async Task A_repeated_key_is_answered_as_the_first_time()
    {
        var body = new { name = $"Ben {Guid.NewGuid():N}" };
        (await Host.Post("/v1/people", body)).ShouldBeAccepted(201);
        var key = Guid.NewGuid().ToString();

        var first = (await Host.Post("/v1/people", body, "recorder", ("Idempotency-Key", key))).ShouldBeAccepted(201);
        (await Host.Post("/v1/people", body)).ShouldBeAccepted(201);
        var repeated = (await Host.Post("/v1/people", body, "recorder", ("Idempotency-Key", key))).ShouldBeAccepted(201);

        Duplicates(first).Count.ShouldBe(1);
        repeated.Text.ShouldBe(first.Text);
    }

    [Fact]
    public async Task A_repeat_is_told_what_was_told_first_whatever_became_of_it_since()
    {
        var (name, later) = ($"Board {Guid.NewGuid():N}", $"Board {Guid.NewGuid():N}");
        var earlier = (await Host.Post("/v1/organisations", new { name, shortName = "A" })).ShouldBeAccepted(201);
        var alike = new
        {
            id = Guid.NewGuid(),
            name,
            shortName = "B",
        };
        var alone = new
        {
            id = Guid.NewGuid(),
            name = later,
            shortName = "C",
        };
        var (key, other) = (("Idempotency-Key", Guid.NewGuid().ToString()), ("Idempotency-Key", Guid.NewGuid().ToString()));
        var first = (await Host.Post("/v1/organisations", alike, "recorder", key)).ShouldBeAccepted(201);
        var second = (await Host.Post("/v1/organisations", alone, "recorder", other)).ShouldBeAccepted(201);
        Duplicates(first).ShouldBe([(earlier.Id, "same name")]);

        (await Host.Post($"/v1/organisations/{earlier.Id}/rename", new { name = later, on = "2020" })).ShouldBeAccepted();
        (await Host.Post($"/v1/organisations/{second.Id}/rename", new { name, on = "2020" })).ShouldBeAccepted();

        (await Host.Post("/v1/organisations", alike, "recorder", key)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await Host.Post("/v1/organisations", alike)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await Host.Post("/v1/organisations", alone, "recorder", other)).ShouldBeAccepted(201).Text.ShouldBe(second.Text);
        (await Host.Post("/v1/organisations", alone)).ShouldBeAccepted(201).Text.ShouldBe(second.Text);
    }

    [Fact]
    public async Task Who_was_erased_is_no_longer_told_of()
    {
        var body = new { id = Guid.NewGuid(), name = $"Emil {Guid.NewGuid():N}" };
        var earlier = (await Host.Post("/v1/people", new { body.name })).ShouldBeAccepted(201).Id;
        Duplicates((await Host.Post("/v1/people", body)).ShouldBeAccepted(201)).Count.ShouldBe(1);

        (await Host.Erase(earlier)).ShouldBeAccepted();

        Duplicates((await Host.Post("/v1/people", body)).ShouldBeAccepted(201)).ShouldBeEmpty();
        (await Host.Database.Scalar<long>("select count(*) from recording.told_duplicate where other_id = $1", earlier)).ShouldBe(0);
    }

    [Fact]
    public async Task Organisations_are_alike_by_name_or_identifier_also_after_a_rename()
    {
        var (name, identifier) = ($"Directorate-General for {Guid.NewGuid():N}", $"urn:x:{Guid.NewGuid()}");
        var first = (
            await Host.Post(
                "/v1/organisations",
                new
                {
                    name,
                    shortName = "A",
                    identifiers = new[] { identifier },
                }
            )
        ).ShouldBeAccepted(201);
        Duplicates(
                (
                    await Host.Post("/v1/organisations", new { name = name.ToUpperInvariant().Replace('-', ' '), shortName = "B" })
                ).ShouldBeAccepted(201)
            )
            .ShouldBe([(first.Id, "same name")]);
        Duplicates(
                (
                    await Host.Post(
                        "/v1/organisations",
                        new
                        {
                            name = $"Other {Guid.NewGuid()}",
                            shortName = "C",
                            identifiers = new[] { identifier },
                        }
                    )
                ).ShouldBeAccepted(201)
            )
            .ShouldBe([(first.Id, "same identifier")]);

        (
            await Host.Post($"/v1/organisations/{first.Id}/rename", new { name = "Renamed " + Guid.NewGuid(), on = "2020" })
        ).ShouldBeAccepted();
        Duplicates((await Host.Post("/v1/organisations", new { name, shortName = "D" })).ShouldBeAccepted(201))
            .ShouldNotContain(d => d.Id == first.Id);
    }

    [Fact]
    public async Task An_organisation_whose_new_name_is_announced_is_alike_by_both_names()
    {
        var (name, coming, later) = ($"Agency {Guid.NewGuid():N}", $"Authority {Guid.NewGuid():N}", $"Office {Guid.NewGuid():N}");
        var first = (await Host.Post("/v1/organisations", new { name, shortName = "A" })).ShouldBeAccepted(201);
        (await Host.Post($"/v1/organisations/{first.Id}/rename", new { name = coming, on = "2199-01-01" })).ShouldBeAccepted();

        foreach (var known in new[] { name, coming })
            Duplicates((await Host.Post("/v1/organisations", new { name = known, shortName = "B" })).ShouldBeAccepted(201))
                .ShouldBe([(first.Id, "same name")]);

        (await Host.Post($"/v1/organisations/{first.Id}/rename", new { name = later, on = "2020" })).ShouldBeAccepted();
        foreach (var (known, isAlike) in new[] { (name, false), (later, true), (coming, true) })
            Duplicates((await Host.Post("/v1/organisations", new { name = known, shortName = "C" })).ShouldBeAccepted(201))
                .Any(d => d.Id == first.Id)
                .ShouldBe(isAlike, known);
        (await Host.Post($"/v1/organisations/{first.Id}/rename", new { name, on = "2021" })).ShouldBeAccepted();
        Duplicates((await Host.Post("/v1/organisations", new { name, shortName = "D" })).ShouldBeAccepted(201))
            .ShouldContain((first.Id, "same name"));
    }

    [Fact]
    public async Task Meetings_are_alike_by_days_or_edition_until_one_is_voided()
    {
        var cooperation = await Cooperation.Start(Host);
        var first = await cooperation.Schedule();
        Duplicates(await cooperation.Schedule()).ShouldBe([(first.Id, "same framework, level and days")]);

        JsonNode Edition() =>
            new JsonArray(
                new JsonObject
                {
                    ["frameworkId"] = cooperation.Framework,
                    ["level"] = "senior-officials",
                    ["edition"] = 4,
                }
            );
        var fourth = await cooperation.Schedule(("frameworks", Edition()), ("start", "2016"));
        Duplicates(await cooperation.Schedule(("frameworks", Edition()), ("start", "2017"))).ShouldBe([(fourth.Id, "same edition")]);
        Duplicates(await cooperation.Schedule(("start", "2016"))).ShouldBeEmpty();

        await cooperation.Do($"/v1/meetings/{first.Id}/void", new { reason = "entered twice" });
        Duplicates(await cooperation.Schedule()).ShouldNotContain(d => d.Id == first.Id);
        await cooperation.Do($"/v1/meetings/{first.Id}/reinstate", new { reason = "it was not" });
        var moved = await cooperation.Schedule(("start", "2018-09-09"));
        Duplicates(moved).ShouldBeEmpty();
        await cooperation.Do($"/v1/meetings/{moved.Id}/reschedule", new { start = "2018-04-04" });
        (await Listed("meeting")).ShouldContain(item => item.Contains(first.Id) && item.Contains(moved.Id));
    }

    [Fact]
    public async Task Meetings_are_alike_that_begin_at_one_moment_in_two_zones()
    {
        var cooperation = await Cooperation.Start(Host);
        var first = await cooperation.Schedule(("start", "2027-01-05T23:30"), ("timeZone", "UTC"));

        Duplicates(await cooperation.Schedule(("start", "2027-01-06T00:30"), ("timeZone", "Europe/Brussels")))
            .ShouldBe([(first.Id, "same framework, level and moment of beginning")]);
    }

    /// <summary>As a version before left it: by its days alone.</summary>
    [Fact]
    public async Task A_meeting_that_was_recorded_before_moments_were_noted_is_alike_once_a_later_version_has_looked_at_it()
    {
        await using var database = await TestDatabase.CreateEmpty();
        string directory;
        Guid first;
        Cooperation cooperation;
        await using (var before = await RegisterHost.Start(database))
        {
            directory = before.DataDirectory;
            cooperation = await Cooperation.Start(before);
            first = (await cooperation.Schedule(("start", "2027-01-05T23:30"), ("timeZone", "UTC"))).Id;
            await Wait.Until("the host to have noted what it found at its start", () =>
                database.Scalar<bool>("select exists (select from recording.likeness_of_moments)")
            );
            await database.Rows("delete from recording.likeness where why = 'same framework, level and moment of beginning' returning 1");
            await database.Rows("delete from recording.likeness_of_moments returning one");
        }

        await using var later = await RegisterHost.Start(database, directory);
        await Wait.Until("earlier meetings are noted anew", () =>
            database.Scalar<bool>("select exists (select from recording.likeness_of_moments)")
        );
        var body = cooperation.Meeting(("start", "2027-01-06T00:30"), ("timeZone", "Europe/Brussels"));
        Duplicates((await later.Post("/v1/meetings", body)).ShouldBeAccepted(201)).Select(d => d.Id).ShouldBe([first]);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task What_may_be_twice_is_listed_until_it_is_merged()
    {
        var name = $"Cem {Guid.NewGuid():N}";
        var first = (await Host.Post("/v1/people", new { name })).ShouldBeAccepted(201).Id;
        var second = (await Host.Post("/v1/people", new { name = $"Dora {Guid.NewGuid():N}" })).ShouldBeAccepted(201).Id;
        (await Listed("person")).ShouldNotContain(item => item.Contains(second));

        (await Host.Post($"/v1/people/{second}/correct", new { reason = "married", name })).ShouldBeAccepted();
        (await Listed("person")).ShouldContain(item => item.SequenceEqual(new[] { first, second }));
        (await Listed("organisation")).ShouldNotContain(item => item.Contains(second));

        (await Host.Post($"/v1/people/{second}/merge", new { into = first, reason = "one person" })).ShouldBeAccepted();
        (await Listed("person")).ShouldNotContain(item => item.Contains(second));

        (await Host.Post($"/v1/people/{second}/unmerge", new { reason = "two after all" })).ShouldBeAccepted();
        (await Listed("person")).ShouldContain(item => item.Contains(second));
    }

    [Fact]
    public async Task What_is_alike_by_several_things_is_listed_once_with_all_of_them()
    {
        var (name, mail) = ($"Ewa {Guid.NewGuid():N}", $"{Guid.NewGuid():N}@iom.example");
        var first = (await Host.Post("/v1/people", new { name, email = mail })).ShouldBeAccepted(201).Id;
        var second = (await Host.Post("/v1/people", new { name, email = mail })).ShouldBeAccepted(201).Id;
        var third = (await Host.Post("/v1/people", new { name = $"Fay {Guid.NewGuid():N}", email = mail })).ShouldBeAccepted(201).Id;
        var cooperation = await Cooperation.Start(Host);
        var meetings = new List<Guid>();
        for (var i = 0; i < 2; i++)
            meetings.Add((await cooperation.Schedule(("start", "2027-01-05T10:00"), ("timeZone", "Europe/Brussels"))).Id);

        (await Found("person")).ShouldBe(["same e-mail address: first second third", "same name: first second"]);
        (await Host.Post($"/v1/people/{third}/merge", new { into = first, reason = "one person" })).ShouldBeAccepted();
        (await Found("person")).ShouldBe(["same e-mail address, same name: first second"]);
        (await Found("meeting")).ShouldBe(["same framework, level and days, same framework, level and moment of beginning: earlier later"]);

        async Task<IEnumerable<string>> Found(string kind)
        {
            var names = new Dictionary<Guid, string>
            {
                [first] = "first",
                [second] = "second",
                [third] = "third",
                [meetings[0]] = "earlier",
                [meetings[1]] = "later",
            };
            return (await Items(kind))
                .Where(item => item.Ids.Any(names.ContainsKey))
                .Select(item => $"{item.Why}: {string.Join(' ', item.Ids.Select(id => names.GetValueOrDefault(id, "another")))}")
                .Order(StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task Events_of_one_batch_are_alike_too()
    {
        var name = $"Board {Guid.NewGuid():N}";

        var items = await Batch(Event(name), Event(name));

        items[0].AsObject().ContainsKey("possibleDuplicates").ShouldBeFalse();
        items[1]["possibleDuplicates"]!.AsArray()[0]!["id"]!.GetValue<Guid>().ShouldBe(items[0]["recordId"]!.GetValue<Guid>());
        items[1]["version"]!.GetValue<long>().ShouldBe(1);
    }

    [Fact]
    public async Task Ten_are_named_at_most_those_recorded_first_and_then_those_before_it_in_its_batch()
    {
        var name = $"Board {Guid.NewGuid():N}";
        var recorded = new List<Guid>();
        for (var i = 0; i < 3; i++)
            recorded.Add((await Host.Post("/v1/organisations", new { name, shortName = "B" })).ShouldBeAccepted(201).Id);

        object[] events = [.. Enumerable.Range(0, 12).Select(_ => Event(name))];
        var items = await Batch(events);

        IReadOnlyList<Guid> all = [.. recorded, .. items.Select(item => item["recordId"]!.GetValue<Guid>())];
        var named = items.Select(Named).ToList();
        foreach (var (place, those) in named.Index())
            those.ShouldBe(all.Take(Math.Min(recorded.Count + place, 10)), $"of item {place}");

        (await Batch(events)).Select(Named).ShouldBe(named);

        static IEnumerable<Guid> Named(JsonNode item) => item["possibleDuplicates"]!.AsArray().Select(d => d!["id"]!.GetValue<Guid>());
    }

    [Fact]
    public async Task A_name_that_another_takes_in_the_same_batch_is_found_as_it_is_then()
    {
        var (old, next) = ($"Board {Guid.NewGuid():N}", $"Board {Guid.NewGuid():N}");
        var first = (await Host.Post("/v1/organisations", new { name = old, shortName = "B" })).ShouldBeAccepted(201).Id;

        var items = await Batch(
            Event(old),
            Event(
                "rename-organisation",
                new
                {
                    organisationId = first,
                    name = next,
                    on = "2020",
                }
            ),
            Event(next),
            Event(old)
        );

        items[2]["possibleDuplicates"]!.AsArray().Select(d => d!["id"]!.GetValue<Guid>()).ShouldBe([first]);
        items[3]["possibleDuplicates"]!
            .AsArray()
            .Select(d => d!["id"]!.GetValue<Guid>())
            .ShouldBe([items[0]["recordId"]!.GetValue<Guid>()]);
    }

    private static object Event(string name) => Event("register-organisation", new { name, shortName = "B" });

    private static object Event(string operation, object data) =>
        new
        {
            specversion = "1.0",
            id = $"{Guid.NewGuid()}",
            source = "/d",
            type = $"org.cooperation.{operation}.v1",
            data,
        };

    private async Task<IReadOnlyList<JsonNode>> Batch(params object[] events)
    {
        using var batch = new StringContent(System.Text.Json.JsonSerializer.Serialize(events));
        batch.Headers.ContentType = new("application/cloudevents-batch+json");
        return [.. (await Host.Post("/v1/events", batch)).Json["items"]!.AsArray().Select(item => item!)];
    }

    private static IReadOnlyList<(Guid Id, string Why)> Duplicates(Answer answer) =>
        [.. (answer.Json["possibleDuplicates"]?.AsArray() ?? []).Select(d => (d!["id"]!.GetValue<Guid>(), d.Text("why")))];

    private async Task<IReadOnlyList<IReadOnlyList<Guid>>> Listed(string kind) => [.. (await Items(kind)).Select(item => item.Ids)];

    /// <summary>Every item of the list, page by page.</summary>
    private async Task<IReadOnlyList<(IReadOnlyList<Guid> Ids, string Why)>> Items(string kind)
    {
        var found = new List<(IReadOnlyList<Guid> Ids, string Why)>();
        string? next = $"/v1/possible-duplicates?kind={kind}&limit=100";
        while (next is not null)
        {
            var page = await Host.Get(next, "admin");
            foreach (var item in page.ShouldBeRead()["items"]!.AsArray())
            {
                item!.Text("kind").ShouldBe(kind);
                found.Add(([.. item!["ids"]!.AsArray().Select(id => id!.GetValue<Guid>())], item.Text("why")));
            }

            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        return found;
    }
}

using System.Text.Json.Nodes;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

/// <summary>Texts and references in the spellings in which other systems send them.</summary>
public sealed class SpellingTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    public static TheoryData<string, string> Spellings =>
        new()
        {
            { "m\u00fcller", "mu\u0308ller" },
            { "p1", "p1 " },
            { "p1", "p1\n" },
            { "p1", "p1\u200b" },
            { "p1", "p\u200b1" },
            { "p1", "\ufeffp1\u2060" },
            { "p1", "\u202ep1\u202c" },
        };

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Any_two_spellings_of_one_reference_name_one_record(string plain, string other)
    {
        var cooperation = await Cooperation.Start(Host);
        var system = Guid.NewGuid().ToString();
        JsonObject Reference(string id, string around = "") => new() { ["system"] = around + system + around, ["id"] = id };

        foreach (var path in new[] { "/v1/people", "/v1/organisations", "/v1/frameworks", "/v1/meetings", "/v1/commitments" })
        {
            var command = await Commands.All[path](cooperation);
            var body = command.Body.With("id", null);
            var first = (await Host.Post(path, body.With("externalReference", Reference(other)))).ShouldBeAccepted(201);
            (await Host.Post(path, body.With("externalReference", Reference(plain, "\u00a0"))))
                .ShouldBeAccepted(201)
                .Id.ShouldBe(first.Id, path);
            (await Host.Post(path, body.With("externalReference", Reference(other)))).ShouldBeAccepted(201).Text.ShouldBe(first.Text, path);

            foreach (var spelling in new[] { plain, other })
            {
                var found = await Host.Read($"{path}?system={system}&id={Uri.EscapeDataString(spelling)}", first.Position, "admin");
                found.ItemIds().ShouldBe([first.Id], path);
            }
        }

        var meeting = await cooperation.Schedule();
        var registered = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { new { personId = new { system, id = other }, organisationId = new { system, id = plain } } } }
        );
        var read = (await cooperation.Meeting(meeting.Id, registered)).ShouldBeRead();
        read["registrations"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_event_and_a_file_name_the_same_record_in_their_spelling()
    {
        var system = Guid.NewGuid().ToString();
        var first = (
            await Host.Post(
                "/v1/organisations",
                new
                {
                    name = "Ferry Board",
                    shortName = "FB",
                    externalReference = new { system, id = "m\u00fcller" },
                }
            )
        ).ShouldBeAccepted(201);

        var posted = await Host.Post(
            "/v1/events",
            new JsonObject
            {
                ["name"] = "Ferry Board\u200b",
                ["shortName"] = " FB",
                ["externalReference"] = new JsonObject { ["system"] = system, ["id"] = "mu\u0308ller " },
            },
            "recorder",
            ("ce-specversion", "1.0"),
            ("ce-id", Guid.NewGuid().ToString()),
            ("ce-source", "/d"),
            ("ce-type", "org.cooperation.register-organisation.v1")
        );

        posted.ShouldBeAccepted().Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task A_time_zone_is_one_by_whatever_name_it_goes()
    {
        var cooperation = await Cooperation.Start(Host);
        foreach (var path in new[] { "/v1/meetings", "/v1/meetings/record-held" })
        {
            var body = cooperation.Meeting(("id", Guid.NewGuid()), ("start", "2018-04-04T09:30"), ("timeZone", "europe/kiev"));
            var first = (await Host.Post(path, body)).ShouldBeAccepted(201);
            (await cooperation.Meeting(first.Id, first)).ShouldBeRead().Text("timeZone").ShouldBe("Europe/Kiev");
            (await Host.Post(path, body.With("timeZone", " Europe/Kyiv"))).ShouldBeAccepted(201).Text.ShouldBe(first.Text, path);
            (await Host.Post(path, body.With("timeZone", "Europe/Paris"))).ShouldBeProblem(409, "id-in-use", "/timeZone");
        }

        const string start = "2018-04-04T09:30";
        var meeting = await cooperation.Schedule(("start", start), ("timeZone", "Asia/Calcutta"));
        var moved = await cooperation.Do($"/v1/meetings/{meeting.Id}/reschedule", new { start, timeZone = "Asia/Kolkata" });
        moved.Version.ShouldBe(1);
        var correction = new { timeZone = "asia/kolkata", reason = "spelled anew" };
        var corrected = await cooperation.Do($"/v1/meetings/{meeting.Id}/correct", correction);
        corrected.Version.ShouldBe(1);
        moved = await cooperation.Do($"/v1/meetings/{meeting.Id}/reschedule", new { start, timeZone = "europe/paris" });
        (await cooperation.Meeting(meeting.Id, moved)).ShouldBeRead().Text("timeZone").ShouldBe("Europe/Paris");
    }

    [Theory]
    [InlineData("\u200b")]
    [InlineData("\u202e")]
    [InlineData("\ufeff")]
    [InlineData("\u3164")]
    [InlineData("\u2800")]
    [InlineData("\u00ad")]
    [InlineData(" \u2060\u3000")]
    public async Task What_shows_nothing_is_blank(string text)
    {
        (await Host.Post("/v1/organisations", new { name = text, shortName = text })).ShouldBeProblem(
            422,
            "invalid",
            "/name",
            "/shortName"
        );
        (await Host.Post("/v1/people", new { name = "Jo", externalReference = new { system = "s", id = text } })).ShouldBeProblem(
            422,
            "invalid",
            "/externalReference/id"
        );
    }

    [Fact]
    public async Task What_is_recorded_is_the_normal_form_and_scripts_keep_what_they_need()
    {
        var registered = (
            await Host.Post(
                "/v1/organisations",
                new { name = " \u202eفدراسیون می\u200cخواهم\u202c 👩\u200d🚀\n", shortName = "Mu\u0308\u200bl" }
            )
        ).ShouldBeAccepted(201);

        var read = (await Host.Read($"/v1/organisations/{registered.Id}", registered.Position)).ShouldBeRead();

        read.Text("name").ShouldBe("فدراسیون می\u200cخواهم 👩\u200d🚀");
        read.Text("shortName").ShouldBe("Mül");
    }

    [Theory]
    [InlineData("\u0007")]
    [InlineData("\u001b[31m")]
    [InlineData("\u009b")]
    [InlineData("\u0000")]
    public async Task Control_characters_are_refused(string control) =>
        (await Host.Post("/v1/organisations", new { name = $"Ferry{control}Board", shortName = "FB" }))
            .ShouldBeProblem(422, "invalid", "/name")
            .Text.ShouldContain("control character");

    [Theory]
    [InlineData("UTC+11")]
    [InlineData("UTC+05:30")]
    [InlineData("UTC-3")]
    [InlineData("+02:00")]
    public async Task An_offset_is_no_time_zone(string zone)
    {
        var cooperation = await Cooperation.Start(Host);

        (await Host.Post("/v1/meetings", cooperation.Meeting(("start", "2018-04-04T10:00"), ("timeZone", zone)))).ShouldBeProblem(
            422,
            "invalid",
            "/timeZone"
        );
    }

    [Fact]
    public async Task A_record_of_before_there_was_a_normal_form_is_found_by_the_spelling_it_was_sent_in()
    {
        var system = Guid.NewGuid().ToString();
        var registered = (await Host.Post("/v1/organisations", new { name = "Old Board", shortName = "OB" })).ShouldBeAccepted(201);
        var digest = await Host
            .Services.GetRequiredService<CooperationEvents.Privacy.PersonalData>()
            .Digest(
                System.Text.Encoding.UTF8.GetBytes($"external-reference\norganisation\n{system.Length}\n{system}\np1 "),
                TestContext.Current.CancellationToken
            );
        await Host.Database.Rows("insert into recording.external_reference values ($1, $2) returning stream_id", digest, registered.Id);

        var cooperation = await Cooperation.Start(Host);
        await cooperation.Do(
            $"/v1/frameworks/{cooperation.Framework}/members",
            new
            {
                organisationId = new { system, id = "p1 " },
                party = "EU",
                joinedOn = "2015",
            }
        );
        (await Host.Read($"/v1/organisations?system={system}&id=p1%20", registered.Position)).ItemIds().ShouldBe([registered.Id]);

        // No event names it so: a replay would say that.
        await Host.Database.Rows("delete from recording.external_reference where digest = $1", digest);
    }

    [Fact]
    public async Task Records_of_before_are_found_alike_and_by_their_normal_form_once_a_later_version_has_looked_at_them()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var (system, name) = ("crm", $"Ana {Guid.NewGuid():N}");
        Guid first,
            second;
        string directory;
        await using (var before = await RegisterHost.Start(database))
        {
            directory = before.DataDirectory;
            first = (await before.Post("/v1/people", new { name, externalReference = new { system, id = "mu\u0308ller" } }))
                .ShouldBeAccepted(201)
                .Id;
            second = (await before.Post("/v1/people", new { name })).ShouldBeAccepted(201).Id;
            await Wait.Until("the host to have noted what it found at its start", () =>
                database.Scalar<bool>("select exists (select from recording.likeness_noted)")
            );
            await database.Rows("delete from recording.likeness returning stream_id");
            await database.Rows("delete from recording.likeness_noted returning one");
            await database.Rows("delete from recording.external_reference returning stream_id");
        }

        await using var later = await RegisterHost.Start(database, directory);
        await Wait.Until("earlier records are noted", async () =>
            (await later.Get($"/v1/people?name={Uri.EscapeDataString(name)}", "admin")).ItemIds().Count == 2
        );
        (await later.Get($"/v1/people?system={system}&id=m%C3%BCller", "admin")).ItemIds().ShouldBe([first]);
        (await later.Get("/v1/possible-duplicates?kind=person", "admin")).ShouldBeRead()["items"]![0]!["ids"]!
            .AsArray()
            .Select(i => i!.GetValue<Guid>())
            .ShouldBe([first, second], ignoreOrder: true);
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>As versions noted them that folded no letters: a stroke was no plain letter, and a final sigma another one.</summary>
    [Fact]
    public async Task Names_that_were_noted_before_letters_were_folded_are_told_as_duplicates_once_a_later_version_has_looked_at_them()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var (earlier, now, mail) = ($"\u0141ukasz {Guid.NewGuid():N}", "", $"{Guid.NewGuid():N}@iom.example");
        now = earlier.Replace("\u0141", "L", StringComparison.Ordinal);
        Guid first,
            second,
            erased;
        string directory;
        await using (var before = await RegisterHost.Start(database))
        {
            directory = before.DataDirectory;
            first = (await before.Post("/v1/people", new { name = earlier, email = mail })).ShouldBeAccepted(201).Id;
            erased = (await before.Post("/v1/people", new { name = earlier })).ShouldBeAccepted(201).Id;
            second = (await before.Post("/v1/people", new { name = now })).ShouldBeAccepted(201).Id;
            await Wait.Until("the host to have noted what it found at its start", () =>
                database.Scalar<bool>("select exists (select from recording.likeness_folded)")
            );
            foreach (var person in new[] { first, erased })
                await AsEarlier(before, person);
            (await before.Erase(erased)).ShouldBeAccepted();
            await database.Rows("delete from recording.likeness_folded returning one");
            (await Duplicates(before)).ShouldBeEmpty();
        }

        await using var later = await RegisterHost.Start(database, directory);
        await Wait.Until("earlier names are noted anew", () =>
            database.Scalar<bool>("select exists (select from recording.likeness_folded)")
        );

        (await Duplicates(later)).ShouldHaveSingleItem().ShouldBe([first, second], ignoreOrder: true);
        foreach (var name in new[] { earlier, now })
            (await later.Get($"/v1/people?name={Uri.EscapeDataString(name)}", "admin")).ItemIds().ShouldBe([first, second]);
        (await later.Get($"/v1/people?email={mail}", "admin")).ItemIds().ShouldBe([first]);
        (await database.Scalar<long>("select count(*) from recording.likeness where stream_id = $1", erased)).ShouldBe(0);
        (await later.Post($"/v1/people/{first}/correct", new { reason = "married", name = $"Ana {Guid.NewGuid():N}" })).ShouldBeAccepted();
        (await Duplicates(later)).ShouldBeEmpty();
        Directory.Delete(directory, recursive: true);

        async Task AsEarlier(RegisterHost host, Guid person)
        {
            var likenesses = host.Services.GetRequiredService<Likenesses>();
            foreach (var (form, field) in new[] { (NormalForm.Words(earlier), "delete"), (NormalForm.EarlierWords(earlier), "insert") })
            foreach (
                var (trait, text, why) in form.Select(word => ("name/word", word, (string?)null))
                    .Append(("name", string.Join(' ', form.Order(StringComparer.Ordinal)), "same name"))
            )
            {
                var digest = await likenesses.Digest(StreamKind.Person, trait, text, TestContext.Current.CancellationToken);
                if (field == "delete")
                    await database.Rows("delete from recording.likeness where stream_id = $1 and digest = $2", person, digest);
                else
                    await database.Rows(
                        "insert into recording.likeness (stream_id, digest, kind, why) values ($1, $2, 'person', $3)",
                        person,
                        digest,
                        (object?)why ?? DBNull.Value
                    );
            }
        }

        static async Task<IReadOnlyList<Guid[]>> Duplicates(RegisterHost host) =>
            [
                .. (await host.Get("/v1/possible-duplicates?kind=person", "admin")).ShouldBeRead()["items"]!
                    .AsArray()
                    .Select(item => item!["ids"]!.AsArray().Select(id => id!.GetValue<Guid>()).ToArray()),
            ];
    }
}

using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Persons who turn out to be one, and those who turn out not to be.</summary>
public sealed class MergedPeopleTests(SharedRegister register)
{
    [Fact]
    public async Task Merged_persons_at_one_meeting_are_one_pair_counted_if_any_of_them_was()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ana, anna) = (await cooperation.Person("Ana"), await cooperation.Person("Anna"));
        var held = await Held(
            cooperation,
            cooperation.Attendee(ana, "observer", "attended"),
            cooperation.Attendee(anna, "delegate", "attended")
        );
        (await Figures(cooperation, held)).ShouldBe((1, 1, 1));

        var merged = await cooperation.Do($"/v1/people/{anna}/merge", new { into = ana, reason = "one mailbox" });
        (await Figures(cooperation, merged)).ShouldBe((1, 1, 0));
        (await Figures(cooperation, merged, $"&knownAt={held.Position}")).ShouldBe(
            (1, 1, 1),
            "What was known before the merge stays what it was."
        );
        (await Figures(cooperation, merged, "&asOf=2018-04-04")).ShouldBe((1, 1, 0), "A merge is known whatever day is asked about.");

        var person = (await Explained(cooperation, merged, "staff.known")).ShouldHaveSingleItem()!;
        person["personId"]!.GetValue<Guid>().ShouldBe(ana);
        person["events"]!.AsArray().Count.ShouldBe(2, "The attendance that counts, and the merge.");

        var unmerged = await cooperation.Do($"/v1/people/{anna}/unmerge", new { reason = "two colleagues" });
        (await Figures(cooperation, unmerged)).ShouldBe((1, 1, 1));
        (await Figures(cooperation, unmerged, $"&knownAt={merged.Position}")).ShouldBe((1, 1, 0));
    }

    [Theory]
    [InlineData("organisation")]
    [InlineData("party")]
    [InlineData("role")]
    public async Task Whether_a_pair_counts_is_decided_before_a_part_is_asked_about(string narrowed)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ana, anna) = (await cooperation.Person("Ana"), await cooperation.Person("Anna"));
        var guest = await Cooperation.Organisation(register.Host, "GUEST");
        await Held(
            cooperation,
            cooperation.Attendee(ana, "delegate", "attended"),
            new
            {
                personId = anna,
                organisationId = guest,
                role = "expert",
                status = "attended",
            }
        );
        var merged = await cooperation.Do($"/v1/people/{anna}/merge", new { into = ana, reason = "one mailbox" });
        var part = narrowed switch
        {
            "organisation" => $"{guest}",
            "party" => "not-stated",
            _ => "expert",
        };

        foreach (var definition in new[] { 1, 2 })
        {
            var answer = (
                await register.Host.Read(
                    $"/v1/statistics/cumulative?framework={cooperation.Framework}&{narrowed}={part}&definition={definition}",
                    merged.Position,
                    "analyst"
                )
            ).ShouldBeRead();
            (answer["attendances"]!.GetValue<int>(), answer["notCounted"]!["guests"]!.GetValue<int>()).ShouldBe((0, 0));
        }
    }

    [Theory]
    [InlineData("party=not-stated", 0, 0)]
    [InlineData("organisation=guest", 0, 0)]
    [InlineData("role=delegate", 0, 0)]
    [InlineData("party=IOM", 1, 0)]
    [InlineData("", 1, 0)]
    public async Task As_what_a_pair_that_does_not_count_is_reported_is_decided_before_a_part_is_asked_about(
        string part,
        int observers,
        int guests
    )
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ana, anna) = (await cooperation.Person("Ana"), await cooperation.Person("Anna"));
        var guest = await Cooperation.Organisation(register.Host, "GUEST");
        await Held(
            cooperation,
            new
            {
                personId = ana,
                organisationId = cooperation.Iom,
                role = "observer",
                status = "attended",
            },
            new
            {
                personId = anna,
                organisationId = guest,
                role = "delegate",
                status = "attended",
            }
        );
        var merged = await cooperation.Do($"/v1/people/{anna}/merge", new { into = ana, reason = "one mailbox" });

        var query = $"framework={cooperation.Framework}&{part.Replace("=guest", $"={guest}", StringComparison.Ordinal)}";
        var answer = (await register.Host.Read($"/v1/statistics/cumulative?{query}", merged.Position, "analyst")).ShouldBeRead();
        var reported = answer["notCounted"]!;
        (reported["observers"]!.GetValue<int>(), reported["guests"]!.GetValue<int>()).ShouldBe((observers, guests));
        foreach (var (measure, items) in new[] { ("observers", observers), ("guests", guests) })
            (
                await register.Host.Read($"/v1/statistics/explain?{query}&measure=notCounted.{measure}", merged.Position, "analyst")
            ).ShouldBeRead()["items"]!
                .AsArray()
                .Count.ShouldBe(items);
    }

    [Theory]
    [InlineData("delegate", "home", 1)]
    [InlineData("expert", "home", 2)]
    [InlineData("observer", "home", 2)]
    [InlineData("delegate", "iom", 2)]
    [InlineData("observer", "guest", 2)]
    public async Task Analysts_count_merged_persons_as_the_service_does(string role, string organisation, int rows)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(3);
        var organisationId = organisation switch
        {
            "home" => cooperation.Home,
            "iom" => cooperation.Iom,
            _ => await Cooperation.Organisation(register.Host, "GUEST"),
        };
        object[] attendees =
        [
            cooperation.Attendee(people[0], "delegate", "attended"),
            .. people
                .Skip(1)
                .Select(person => new
                {
                    personId = person,
                    organisationId,
                    role,
                    status = "attended",
                }),
        ];
        await Held(cooperation, attendees);
        var apart = await Held(cooperation, attendees);
        await cooperation.Do($"/v1/people/{people[1]}/merge", new { into = people[0], reason = "one mailbox" });
        var merged = await cooperation.Do($"/v1/people/{people[2]}/merge", new { into = people[1], reason = "one mailbox" });

        foreach (var position in new[] { apart.Position, merged.Position })
        foreach (var statement in AnalystsDocument.Statements)
            (await statement.Difference(register.Host, cooperation.Framework, new DateOnly(2026, 1, 1), position)).ShouldBeNull();
        foreach (var fact in role == "observer" ? new[] { "fact_attendance" } : ["fact_attendance", "fact_presence"])
            (
                await register.Host.Database.Scalar<long>(
                    $"select count(*) from analytics.{fact} where meeting_id = $1 and person_key is not null",
                    apart.Id
                )
            ).ShouldBe(rows, fact);
    }

    [Fact]
    public async Task A_line_of_merges_is_followed_to_its_end_and_an_unmerge_removes_one_link()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(4);
        var held = await Held(cooperation, [.. people.Select(p => cooperation.Attendee(p, "delegate", "attended"))]);
        await cooperation.Do($"/v1/people/{people[0]}/merge", new { into = people[1], reason = "one" });
        await cooperation.Do($"/v1/people/{people[2]}/merge", new { into = people[3], reason = "one" });
        var line = await cooperation.Do($"/v1/people/{people[1]}/merge", new { into = people[2], reason = "one" });
        (await Figures(cooperation, line)).ShouldBe((1, 1, 0));

        var first = (await register.Host.Read($"/v1/people/{people[0]}", line.Position)).ShouldBeRead();
        first["mergedInto"]!.GetValue<Guid>().ShouldBe(people[1]);
        first["countedAs"]!.GetValue<Guid>().ShouldBe(people[3]);

        var unmerged = await cooperation.Do($"/v1/people/{people[1]}/unmerge", new { reason = "two" });
        (await Figures(cooperation, unmerged)).ShouldBe((2, 2, 0));
        (await Figures(cooperation, unmerged, $"&knownAt={held.Position}")).ShouldBe((4, 4, 0));
        var second = (await register.Host.Read($"/v1/people/{people[1]}", unmerged.Position)).ShouldBeRead();
        (second["mergedInto"], second["countedAs"]).ShouldBe((null, null));
    }

    [Fact]
    public async Task Merges_posted_at_once_never_close_a_circle()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(6);

        var answers = await Task.WhenAll(
            people.Select(
                (person, i) =>
                    register.Host.Post($"/v1/people/{person}/merge", new { into = people[(i + 1) % people.Count], reason = "one" })
            )
        );

        answers.Count(a => a.Status == 200).ShouldBe(people.Count - 1);
        answers.Single(a => a.Status != 200).ShouldBeProblem(409, "merge-in-circle", "/into");
        var last = answers.Where(a => a.Status == 200).MaxBy(a => a.Position)!;
        var ends = await Task.WhenAll(
            people.Select(async p =>
                (await register.Host.Read($"/v1/people/{p}", last.Position)).ShouldBeRead()["countedAs"]?.GetValue<Guid>() ?? p
            )
        );
        ends.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Nobody_is_merged_into_somebody_unknown()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await cooperation.Person();
        (await register.Host.Post($"/v1/people/{person}/merge", new { into = Guid.NewGuid(), reason = "one" })).ShouldBeProblem(
            422,
            "unknown-reference",
            "/into"
        );
        (await register.Host.Post($"/v1/people/{person}/merge", new { into = cooperation.Home, reason = "one" })).ShouldBeProblem(
            422,
            "unknown-reference",
            "/into"
        );
        (await register.Host.Post($"/v1/people/{Guid.NewGuid()}/merge", new { into = person, reason = "one" })).ShouldBeProblem(
            404,
            "not-found"
        );
    }

    private static async Task<Answer> Held(Cooperation cooperation, params object[] attendees)
    {
        var body = cooperation.Meeting();
        body["attendees"] = Bodies.Of(new { attendees })["attendees"]!.DeepClone();
        return (await cooperation.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
    }

    private async Task<(int Attendances, int Known, int Observers)> Figures(Cooperation cooperation, Answer after, string more = "")
    {
        var answer = (
            await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}{more}", after.Position, "analyst")
        ).ShouldBeRead();
        return (
            answer["attendances"]!.GetValue<int>(),
            answer["staff"]!["known"]!.GetValue<int>(),
            answer["notCounted"]!["observers"]!.GetValue<int>()
        );
    }

    private async Task<JsonArray> Explained(Cooperation cooperation, Answer after, string measure) =>
        (
            await register.Host.Read(
                $"/v1/statistics/explain?framework={cooperation.Framework}&measure={measure}",
                after.Position,
                "analyst"
            )
        ).ShouldBeRead()["items"]!.AsArray();
}

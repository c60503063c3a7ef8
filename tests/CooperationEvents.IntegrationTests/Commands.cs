using System.Reflection;
using System.Text.Json.Nodes;
using CooperationEvents.Hosting;
using CooperationEvents.Http;
using Wolverine.Http;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// For every command a body the service accepts, with whatever must be recorded before it. A command that needs no more than one
/// organisation, framework, person, meeting or commitment takes its example; the others stand here. The bodies hold ids of their own where
/// the command makes something, so that posting one again is the same request.
/// </summary>
internal static class Commands
{
    public sealed record Prepared(string Path, JsonObject Body)
    {
        /// <summary>Who may post it.</summary>
        public string Role { get; init; } = "secretariat";
    }

    /// <summary>Those that stand here, by the path of the route.</summary>
    public static IReadOnlyDictionary<string, Func<Cooperation, Task<Prepared>>> Here { get; } =
        new Dictionary<string, Func<Cooperation, Task<Prepared>>>
        {
            ["/v1/organisations"] = _ =>
                At(
                    "/v1/organisations",
                    new
                    {
                        id = Guid.NewGuid(),
                        name = "European External Action Service",
                        shortName = "EEAS",
                        identifiers = new[] { "https://example.org/eeas" },
                        externalReference = External(),
                    }
                ),
            ["/v1/organisations/{organisationId}/succeed"] = async c =>
                await At(
                    $"/v1/organisations/{c.Home}/succeed",
                    new
                    {
                        kind = "split",
                        on = "2025-02-01",
                        successors = new[] { await Cooperation.Organisation(c.Host, "DG ENEST"), c.Iom },
                        @default = c.Iom,
                    }
                ),
            ["/v1/frameworks"] = _ =>
            {
                var body = Cooperation.Agreement();
                body["id"] = Guid.NewGuid();
                return Task.FromResult(new Prepared("/v1/frameworks", body));
            },
            ["/v1/frameworks/{frameworkId}/members"] = async c =>
                await At(
                    $"/v1/frameworks/{c.Framework}/members",
                    new
                    {
                        organisationId = await Cooperation.Organisation(c.Host, "EEAS"),
                        party = "EU",
                        joinedOn = "2014-05-02",
                        evidence = "https://example.org/minutes",
                    }
                ),
            ["/v1/frameworks/{frameworkId}/members/{organisationId}/leave"] = c =>
                At($"/v1/frameworks/{c.Framework}/members/{c.Home}/leave", new { leftOn = "2019" }),
            ["/v1/frameworks/{frameworkId}/members/{organisationId}/correct"] = c =>
                At($"/v1/frameworks/{c.Framework}/members/{c.Home}/correct", new { reason = "minutes found", joinedOn = "2012-09-01" }),
            ["/v1/frameworks/{frameworkId}/end/correct"] = async c =>
            {
                await c.Do($"/v1/frameworks/{c.Framework}/end", new { endedOn = "2030" });
                return await At($"/v1/frameworks/{c.Framework}/end/correct", new { reason = "prolonged", endedOn = "2032" });
            },
            ["/v1/people"] = c =>
                At(
                    "/v1/people",
                    new
                    {
                        id = Guid.NewGuid(),
                        name = "Grace Hopper",
                        email = "grace@example.org",
                        affiliation = new
                        {
                            organisationId = c.Home,
                            function = "Director",
                            grade = "AD14",
                            from = "2015",
                        },
                        externalReference = External(),
                    }
                ),
            ["/v1/people/{personId}/affiliations"] = async c =>
                await At(
                    $"/v1/people/{await c.Person()}/affiliations",
                    new
                    {
                        organisationId = c.Iom,
                        id = Guid.NewGuid(),
                        function = "Adviser",
                        grade = "P4",
                        from = "2016-02",
                    }
                ),
            ["/v1/people/{personId}/affiliations/{affiliationId}/end"] = async c =>
            {
                var person = await c.Person();
                var started = (
                    await c.Host.Post($"/v1/people/{person}/affiliations", new { organisationId = c.Home, from = "2016" })
                ).ShouldBeAccepted(201);
                return await At($"/v1/people/{person}/affiliations/{started.Json.Text("affiliationId")}/end", new { until = "2019-06-30" });
            },
            ["/v1/people/{personId}/correct"] = async c =>
                await At(
                    $"/v1/people/{await c.Person()}/correct",
                    new
                    {
                        reason = "misspelt",
                        name = "Augusta Ada King",
                        email = "ada@example.org",
                    }
                ),
            ["/v1/people/{personId}/merge"] = async c =>
                await At($"/v1/people/{await c.Person()}/merge", new { into = await c.Person(), reason = "one mailbox" }),
            ["/v1/people/{personId}/unmerge"] = async c =>
            {
                var person = await c.Person();
                await c.Do($"/v1/people/{person}/merge", new { into = await c.Person(), reason = "one mailbox" });
                return await At($"/v1/people/{person}/unmerge", new { reason = "two colleagues of one name" });
            },
            ["/v1/people/{personId}/restrict"] = async c =>
                await At($"/v1/people/{await c.Person()}/restrict", new { reason = "the name is disputed", restricted = true }) with
                {
                    Role = "privacy",
                },
            ["/v1/people/{personId}/erase"] = async c =>
                await At($"/v1/people/{await c.Person()}/erase", new { reason = "asked for on paper" }) with
                {
                    Role = "privacy",
                },
            ["/v1/meetings"] = c =>
                Task.FromResult(
                    new Prepared(
                        "/v1/meetings",
                        c.Meeting(
                            ("id", Guid.NewGuid()),
                            ("end", "2018-04-05"),
                            ("mode", "online"),
                            ("topics", new JsonArray("health")),
                            ("hosts", new JsonArray(new JsonObject { ["organisationId"] = c.Home, ["role"] = "chair" }))
                        )
                    )
                ),
            ["/v1/meetings/record-held"] = async c => new Prepared(
                "/v1/meetings/record-held",
                c.Meeting(
                    ("id", Guid.NewGuid()),
                    ("start", "2019"),
                    (
                        "attendees",
                        new JsonArray(
                            new JsonObject
                            {
                                ["personId"] = await c.Person(),
                                ["organisationId"] = c.Home,
                                ["status"] = "attended",
                            }
                        )
                    ),
                    (
                        "delegations",
                        new JsonArray(
                            new JsonObject
                            {
                                ["organisationId"] = c.Iom,
                                ["count"] = 3,
                                ["precision"] = "exact",
                            }
                        )
                    )
                )
            ),
            ["/v1/meetings/{meetingId}/hosts"] = c =>
                OfMeeting(c, "hosts", new { hosts = new[] { new { organisationId = c.Home, role = "co-host" } } }),
            ["/v1/meetings/{meetingId}/agenda"] = c =>
                OfMeeting(c, "agenda", new { items = new[] { new { title = "Opening", topic = "health" } } }),
            ["/v1/meetings/{meetingId}/hold"] = c =>
                OfMeeting(
                    c,
                    "hold",
                    new
                    {
                        heldFrom = "2018-04-04",
                        heldTo = "2018-04-06",
                        mode = "online",
                    }
                ),
            ["/v1/meetings/{meetingId}/correct"] = c =>
                OfMeeting(
                    c,
                    "correct",
                    new
                    {
                        reason = "misspelt",
                        title = "Senior Officials Meeting",
                        venue = "Brussels",
                    }
                ),
            ["/v1/meetings/{meetingId}/reinstate"] = async c =>
            {
                var prepared = await OfMeeting(c, "reinstate", new { reason = "it was not" });
                await c.Do(prepared.Path.Replace("reinstate", "void", StringComparison.Ordinal), new { reason = "entered twice" });
                return prepared;
            },
            ["/v1/meetings/{meetingId}/registrations"] = async c =>
                await OfMeeting(
                    c,
                    "registrations",
                    new { attendees = new[] { c.Attendee(await c.Person(), "speaker"), c.Attendee(await c.Person()) } }
                ),
            ["/v1/meetings/{meetingId}/registrations/{personId}/withdraw"] = async c =>
            {
                var person = await c.Person();
                var prepared = await OfMeeting(c, $"registrations/{person}/withdraw", new { reason = "ill" });
                await c.Do(
                    prepared.Path.Replace($"/{person}/withdraw", "", StringComparison.Ordinal),
                    new { attendees = new[] { c.Attendee(person) } }
                );
                return prepared;
            },
            ["/v1/meetings/{meetingId}/attendance"] = async c =>
                await OfMeeting(
                    c,
                    "attendance",
                    new
                    {
                        attendees = new[]
                        {
                            c.Attendee(await c.Person(), "expert", "attended"),
                            c.Attendee(await c.Person(), status: "absent"),
                        },
                    }
                ),
            ["/v1/meetings/{meetingId}/attendance/{personId}/correct"] = async c =>
            {
                var person = await c.Person();
                var prepared = await OfMeeting(
                    c,
                    $"attendance/{person}/correct",
                    new
                    {
                        reason = "was there",
                        status = "attended",
                        role = "chair",
                        mode = "online",
                    }
                );
                await c.Do(
                    prepared.Path.Replace($"/{person}/correct", "", StringComparison.Ordinal),
                    new { attendees = new[] { c.Attendee(person, status: "absent") } }
                );
                return prepared;
            },
            ["/v1/meetings/{meetingId}/delegations"] = c =>
                OfMeeting(
                    c,
                    "delegations",
                    new
                    {
                        organisationId = c.Iom,
                        count = 9,
                        precision = "estimated",
                    }
                ),
            ["/v1/meetings/{meetingId}/outcomes"] = c =>
                OfMeeting(
                    c,
                    "outcomes",
                    new
                    {
                        id = Guid.NewGuid(),
                        kind = "best-practice",
                        text = new { en = "Share early.", fr = "Partager tôt." },
                        documentUrl = "https://example.org/outcome",
                        sha256 = new string('a', 64),
                        status = "agreed",
                    }
                ),
            ["/v1/meetings/{meetingId}/documents"] = c =>
                OfMeeting(
                    c,
                    "documents",
                    new
                    {
                        title = "Statement",
                        url = "https://example.org/s",
                        status = "adopted",
                        sha256 = new string('b', 64),
                        language = "en",
                    }
                ),
            ["/v1/meetings/{meetingId}/outcomes/{outcomeId}/correct"] = async c =>
            {
                var outcome = Guid.NewGuid();
                var prepared = await OfMeeting(
                    c,
                    $"outcomes/{outcome}/correct",
                    new
                    {
                        reason = "as in the minutes",
                        kind = "decision",
                        text = new { en = "Share earlier." },
                        documentUrl = "https://example.org/minutes",
                        sha256 = new string('c', 64),
                        remove = new[] { "status" },
                    }
                );
                await c.Do(
                    prepared.Path.Replace($"/{outcome}/correct", "", StringComparison.Ordinal),
                    new
                    {
                        id = outcome,
                        kind = "conclusion",
                        text = new { en = "Share early." },
                        status = "draft",
                    },
                    201
                );
                return prepared;
            },
            ["/v1/meetings/{meetingId}/documents/{documentId}/correct"] = async c =>
            {
                var meeting = $"/v1/meetings/{(await c.Schedule()).Id}";
                var linked = await c.Do(
                    $"{meeting}/documents",
                    new
                    {
                        title = "Statement",
                        url = "https://example.org/t",
                        status = "draft",
                        language = "en",
                    }
                );
                return await At(
                    $"{meeting}/documents/{linked.Json.Text("documentId")}/correct",
                    new
                    {
                        reason = "another meeting's",
                        title = "Joint statement",
                        url = "https://example.org/s",
                        status = "adopted",
                        sha256 = new string('d', 64),
                        remove = new[] { "language" },
                    }
                );
            },
            ["/v1/commitments"] = async c => new Prepared(
                "/v1/commitments",
                c.Commitment(
                    ("id", Guid.NewGuid()),
                    ("meetingId", (await c.Schedule()).Id),
                    ("area", "health"),
                    ("externalReference", Bodies.Of(External()))
                )
            ),
            ["/v1/commitments/{commitmentId}/correct"] = async c =>
                await OfCommitment(
                    c,
                    "correct",
                    new
                    {
                        reason = "as in the minutes",
                        text = "Share forecasts of floods.",
                        owners = new[] { c.Iom },
                        meetingId = (await c.Schedule()).Id,
                        area = "migration",
                        remove = new[] { "due-on" },
                    }
                ),
            ["/v1/commitments/{commitmentId}/review"] = async c =>
                await OfCommitment(
                    c,
                    "review",
                    new
                    {
                        meetingId = (await c.Schedule()).Id,
                        on = "2018-10-01",
                        assessment = "On track",
                        note = "Two rivers are missing.",
                    }
                ),
            ["/v1/commitments/{commitmentId}/reopen"] = async c =>
            {
                var prepared = await OfCommitment(c, "reopen", new { reason = "they stopped" });
                await c.Do(prepared.Path.Replace("reopen", "drop", StringComparison.Ordinal), new { reason = "others do it" });
                return prepared;
            },
            ["/v1/statistics/publications"] = async c =>
            {
                var meeting = (await c.Host.Post("/v1/meetings/record-held", c.Meeting())).ShouldBeAccepted(201);
                (await c.Host.Read($"/v1/meetings/{meeting.Id}", meeting.Position)).ShouldBeRead();
                return await At(
                    "/v1/statistics/publications",
                    new
                    {
                        id = Guid.NewGuid(),
                        framework = c.Framework,
                        asOf = "2024",
                        knownAt = $"{meeting.Position}",
                        level = "senior-officials",
                        year = 2018,
                        organisation = c.Home,
                        orgView = "lineage",
                        externalReference = External(),
                    }
                );
            },
            ["/v1/statistics/publications/{publicationId}/withdraw"] = async c =>
            {
                var published = (
                    await c.Host.Post(
                        "/v1/statistics/publications",
                        new
                        {
                            asOf = "2012",
                            knownAt = "0",
                            acknowledgeSmallCells = true,
                        },
                        "analyst"
                    )
                ).ShouldBeAccepted(201);
                return await At($"/v1/statistics/publications/{published.Id}/withdraw", new { reason = "superseded" });
            },
        };

    /// <summary>Every command of the service, by the path of its route.</summary>
    public static IReadOnlyDictionary<string, Func<Cooperation, Task<Prepared>>> All { get; } =
        Posts().ToDictionary(post => post.Template, post => Here.GetValueOrDefault(post.Template) ?? (c => Example(c, post)));

    /// <summary>The operation id of each, by the path of its route.</summary>
    public static IReadOnlyDictionary<string, string> OperationIds { get; } =
        Posts().ToDictionary(post => post.Template, post => post.OperationId!);

    /// <summary>An external reference nobody used before.</summary>
    public static object External() => new { system = "crm", id = Guid.NewGuid().ToString() };

    private static IEnumerable<WolverinePostAttribute> Posts() =>
        from endpoint in typeof(CommandAttribute).Assembly.GetTypes()
        from method in endpoint.GetMethods(BindingFlags.Static | BindingFlags.Public)
        where method.IsDefined(typeof(CommandAttribute))
        select method.GetCustomAttribute<WolverinePostAttribute>()!;

    private static async Task<Prepared> Example(Cooperation c, WolverinePostAttribute post)
    {
        var example = OpenApiExamples.All.SingleOrDefault(e => e.Operation == post.OperationId && !e.Prepares)
            ?? throw new InvalidOperationException($"{post.OperationId} has no example; add one to openapi-examples.json.");
        var path = post.Template;
        foreach (var parameter in example.Path.Keys)
            path = path.Replace(
                $"{{{parameter}}}",
                parameter switch
                {
                    "organisationId" => $"{c.Home}",
                    "frameworkId" => $"{c.Framework}",
                    "personId" => $"{await c.Person()}",
                    "meetingId" => $"{(await c.Schedule()).Id}",
                    "commitmentId" => $"{(await c.Undertake()).Id}",
                    _ => throw new InvalidOperationException(
                        $"{post.OperationId} needs more than its example: write it in Commands.cs, with what must be recorded before it."
                    ),
                },
                StringComparison.Ordinal
            );
        return new Prepared(path, example.Body.DeepClone().AsObject());
    }

    private static async Task<Prepared> OfMeeting(Cooperation cooperation, string command, object body) =>
        await At($"/v1/meetings/{(await cooperation.Schedule()).Id}/{command}", body);

    private static async Task<Prepared> OfCommitment(Cooperation cooperation, string command, object body) =>
        await At($"/v1/commitments/{(await cooperation.Undertake()).Id}/{command}", body);

    private static Task<Prepared> At(string path, object body) => Task.FromResult(new Prepared(path, Bodies.Of(body)));
}

// Loads the sample history over the HTTP API; run by deploy/demo. What is sourced and what is invented: demo-data/README.md.
#:property PublishAot=false
#:property GenerateDocumentationFile=true
#:property RestorePackagesWithLockFile=false

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

if (args is not [var url, var keysFile, var editionsFile])
{
    Console.Error.WriteLine("Usage: demo URL KEYS-FILE EDITIONS-CSV");
    return 2;
}

try
{
    using var register = new Register(url, keysFile);
    await new SampleHistory(register).Load(Edition.ReadAll(editionsFile));
    return 0;
}
catch (DemoFailed failed)
{
    Console.Error.WriteLine($"demo: {failed.Message}");
    return 1;
}

/// <summary>The sample history: what the public record says of the Senior Officials Meetings, and invented activity around it.</summary>
internal sealed class SampleHistory(Register register)
{
    private const string EstablishedOn = "2012-07";
    private const string SeniorOfficials = "senior-officials";
    private const string HeadsOfUnit = "heads-of-unit";
    private const string TechnicalExperts = "technical-experts";
    private const string AsOf = "2018-04-04";
    private const string NearJoined = "2016-02-16";
    private const string Near = "dg-near";
    private const string Guest = "sample-guest";

    /// <summary>Sample persons by what they are there for, by number.</summary>
    private static readonly Range Staff = 1..329,
        Interpreters = 329..341,
        Guests = 341..351,
        LaterStaff = 351..381;

    /// <summary>The organisations of the sample persons, dealt out in turn.</summary>
    private static readonly string[] Turn = ["iom", "dg-home", "iom", "dg-devco", "eeas", "iom", "dg-echo", "iom", Near, "iom"];

    private static readonly string[] Ordinals =
    [
        "First",
        "Second",
        "Third",
        "Fourth",
        "Fifth",
        "Sixth",
        "Seventh",
        "Eighth",
        "Ninth",
        "Tenth",
        "Eleventh",
    ];

    private static readonly Sample[] HeldMeetings =
    [
        new(HeadsOfUnit, "Preparing the first Senior Officials Meeting", "2013-02-12", "BE", "governance"),
        new(TechnicalExperts, "Return and reintegration data", "2013-10", "BE", "return-reintegration"),
        new(TechnicalExperts, "Displacement tracking", "2014-03-18", "CH", "humanitarian", "2014-03-19"),
        new(HeadsOfUnit, "Annual planning", "2014-07-08", "BE", "governance"),
        new(TechnicalExperts, "Resettlement support", "2015-02-24", "BE", "humanitarian"),
        new(HeadsOfUnit, "Migration and development", "2015-06-16", "CH", "development"),
        new(TechnicalExperts, "Crisis response on migration routes", "2015-11-10", "BE", "crisis-response", "2015-11-12"),
        new(HeadsOfUnit, "Preparing the third Senior Officials Meeting", "2016-01-26", "BE", "governance"),
        new(TechnicalExperts, "Counter-trafficking indicators", "2016-09-21", null, "crisis-response", Mode: "online"),
        new(HeadsOfUnit, "Mid-term review", "2017-05-30", "BE", "governance"),
        new(TechnicalExperts, "Climate and mobility", "2017-11-14", "CH", "development", "2017-11-15"),
        new(TechnicalExperts, "Labour mobility schemes", "2018-10-17", "BE", "development"),
        new(HeadsOfUnit, "Preparing the sixth Senior Officials Meeting", "2019-04-09", "BE", "governance", Mode: "hybrid"),
        new(TechnicalExperts, "Health at borders", "2020-11-18", null, "humanitarian", Mode: "online"),
        new(HeadsOfUnit, "Displacement from Ukraine", "2022-06-14", "BE", "humanitarian"),
        new(HeadsOfUnit, "Annual planning", "2025-01-21", "BE", "governance"),
    ];

    public async Task Load(IReadOnlyList<Edition> editions)
    {
        await register.Check();
        var frameworkId = await Framework();
        await People();
        var meetings = editions
            .Where(e => e.Date.Length > 0)
            .Select(Sourced)
            .Concat(HeldMeetings.Select(Invented))
            .OrderBy(m => m.Start, StringComparer.Ordinal)
            .ToList();
        await Register.Each(meetings, Record);
        await Lifecycles();
        Attend(meetings);
        await Register.Each(meetings, m => register.Post($"/v1/meetings/{m.Id}/attendance", new { attendees = m.Attendees }));
        await Details(meetings);
        await Commitments(meetings);
        await Report(frameworkId);
    }

    // --- Organisations, framework, people ---

    private async Task<string> Framework()
    {
        (string Id, string ShortName, string Name)[] organisations =
        [
            ("dg-home", "DG HOME", "Directorate-General for Migration and Home Affairs"),
            ("dg-devco", "DG DEVCO", "Directorate-General for International Cooperation and Development"),
            ("dg-echo", "DG ECHO", "Directorate-General for European Civil Protection and Humanitarian Aid Operations"),
            ("eeas", "EEAS", "European External Action Service"),
            (Near, "DG NEAR", "Directorate-General for Neighbourhood and Enlargement Negotiations"),
            ("iom", "IOM", "International Organization for Migration"),
            (Guest, "Sample Guest", "Sample Guest Organisation (invented)"),
        ];
        var ids = new Dictionary<string, string>();
        foreach (var (id, shortName, name) in organisations)
            ids[id] = await register.Create(
                "/v1/organisations",
                new
                {
                    name,
                    shortName,
                    externalReference = Reference(id),
                }
            );
        var frameworkId = await register.Create(
            "/v1/frameworks",
            new
            {
                name = "EU-IOM Strategic Cooperation Framework",
                establishedOn = EstablishedOn,
                parties = new[]
                {
                    new { code = "EU", name = "European Union" },
                    new { code = "IOM", name = "International Organization for Migration" },
                },
                levels = new[]
                {
                    new
                    {
                        code = SeniorOfficials,
                        name = "Senior Officials Meeting",
                        rank = 1,
                    },
                    new
                    {
                        code = HeadsOfUnit,
                        name = "Meeting of heads of unit",
                        rank = 2,
                    },
                    new
                    {
                        code = TechnicalExperts,
                        name = "Meeting of technical experts",
                        rank = 3,
                    },
                },
                areas = new[]
                {
                    new { code = "governance", name = "Governance of the cooperation" },
                    new { code = "humanitarian", name = "Humanitarian assistance" },
                    new { code = "crisis-response", name = "Crisis preparedness and response" },
                    new { code = "development", name = "Migration and development" },
                    new { code = "return-reintegration", name = "Return and reintegration" },
                },
                externalReference = Reference("eu-iom"),
            }
        );
        foreach (var (id, _, _) in organisations.Where(o => o.Id != Guest))
        {
            await register.Post(
                $"/v1/frameworks/{frameworkId}/members",
                new
                {
                    organisationId = Reference(id),
                    party = id == "iom" ? "IOM" : "EU",
                    joinedOn = id == Near ? NearJoined : EstablishedOn,
                    evidence = id == Near
                        ? "Joined by exchange of letters on the day of the third Senior Officials Meeting, by the public record of that day"
                        : "Named in the public record of the first Senior Officials Meeting; the month is that of the framework",
                }
            );
        }

        await register.Post(
            $"/v1/organisations/{ids["dg-devco"]}/rename",
            new
            {
                name = "Directorate-General for International Partnerships",
                shortName = "DG INTPA",
                on = "2021-01",
            }
        );
        return frameworkId;
    }

    private async Task People() => await Register.Each(Enumerable.Range(1, LaterStaff.End.Value - 1), number => register.Create(
                "/v1/people",
                new
                {
                    name = $"Sample Person {number:000}",
                    email = $"sample.person.{number:000}@example.org",
                    affiliation = new { organisationId = Reference(OrganisationOf(number)), function = "Sample function (invented)" },
                    externalReference = Person(number),
                }
            ));

    // --- Meetings ---

    private static Held Sourced(Edition edition) =>
        new($"som-{edition.Number}", edition.Date)
        {
            Services = [.. edition.Services],
            Body = new
            {
                title = $"{Ordinals[edition.Number - 1]} EU-IOM Senior Officials Meeting",
                frameworks = Placed(SeniorOfficials, edition.Number),
                start = edition.Date,
                mode = edition.Mode == "online" ? "online" : "in-person",
                hosts = HostsOf(edition.Number),
                externalReference = Reference($"som-{edition.Number}"),
            },
            Documents =
            [
                new
                {
                    title = $"Public record of the meeting (day: {edition.Certainty})",
                    url = edition.Source,
                    status = "published",
                },
            ],
        };

    /// <summary>Who hosted, chaired or opened, where the public record says so.</summary>
    private static object[] HostsOf(int edition) =>
        edition switch
        {
            3 =>
            [
                new
                {
                    organisationId = Reference("dg-devco"),
                    role = "opener",
                    onBehalfOf = "the Commissioner",
                },
            ],
            5 => [new { organisationId = Reference(Near), role = "host" }],
            8 =>
            [
                new
                {
                    organisationId = Reference("dg-devco"),
                    role = "host",
                    onBehalfOf = "the EU",
                },
            ],
            9 =>
            [
                new
                {
                    organisationId = Reference("dg-echo"),
                    role = "host",
                    onBehalfOf = "the EU",
                },
            ],
            11 =>
            [
                new { organisationId = Reference("dg-home"), role = "chair" },
                new { organisationId = Reference("iom"), role = "chair" },
            ],
            _ => [],
        };

    private static Held Invented(Sample sample) =>
        new($"{sample.Level}-{sample.Start}", sample.Start)
        {
            Body = new
            {
                title = $"{sample.Title} (invented)",
                frameworks = Placed(sample.Level),
                start = sample.Start,
                end = sample.End ?? sample.Start,
                mode = sample.Mode,
                country = sample.Country,
                hosts = new[] { new { organisationId = Reference(sample.Country == "CH" ? "iom" : "dg-home") } },
                topics = new[] { sample.Area },
                externalReference = Reference($"{sample.Level}-{sample.Start}"),
            },
        };

    private async Task Record(Held meeting) => meeting.Id = await register.Create("/v1/meetings/record-held", meeting.Body);

    /// <summary>Meetings with a life: one that was registered for and held, and four that did not come to that, or not yet.</summary>
    private async Task Lifecycles()
    {
        var held = await Schedule(TechnicalExperts, "Early warning", "2023-10-10", "2023-10-11", "crisis-response");
        await RegisterFor(held, 1..25);
        await register.Post(
            $"/v1/meetings/{held}/agenda",
            new { items = new[] { new { title = "Early warning in practice (invented)" }, new { title = "Next steps (invented)" } } }
        );
        await register.Post(
            $"/v1/meetings/{held}/hold",
            new
            {
                heldFrom = "2023-10-10",
                heldTo = "2023-10-11",
                mode = "in-person",
            }
        );
        await register.Post(
            $"/v1/meetings/{held}/attendance",
            new
            {
                attendees = Enumerable
                    .Range(1, 24)
                    .Where(n => OrganisationOf(n) != Guest)
                    .Select(n =>
                        Attendee(
                            n,
                            n % 8 == 0 ? "excused"
                                : n % 11 == 0 ? "absent"
                                : "attended"
                        )
                    ),
            }
        );

        var cancelled = await Schedule(TechnicalExperts, "Field visit methods", "2020-04-22", "2020-04-22", "humanitarian");
        await register.Post($"/v1/meetings/{cancelled}/cancel", new { reason = "Travel is not possible (invented)" });

        var missed = await Schedule(HeadsOfUnit, "Budget follow-up", "2021-02-09", "2021-02-09", "governance");
        await register.Post($"/v1/meetings/{missed}/did-not-take-place", new { reason = "The quorum was not reached (invented)" });

        var postponed = await Schedule(TechnicalExperts, "Data exchange", "2027-03-10", "2027-03-10", "development");
        await RegisterFor(postponed, 30..36);
        await register.Post($"/v1/meetings/{postponed}/postpone", new { reason = "The study it needs is late (invented)" });

        var scheduled = await Schedule(
            HeadsOfUnit,
            "Annual planning",
            "2027-06-16T10:00",
            "2027-06-16T12:30",
            "governance",
            "Europe/Brussels"
        );
        await RegisterFor(scheduled, 1..19);
    }

    private Task<string> Schedule(string level, string title, string start, string end, string area, string? timeZone = null) =>
        register.Create(
            "/v1/meetings",
            new
            {
                title = $"{title} (invented)",
                frameworks = Placed(level),
                start,
                end,
                timeZone,
                country = "BE",
                topics = new[] { area },
                hosts = new[] { new { organisationId = Reference("dg-echo") } },
                externalReference = Reference($"{level}-{start}"),
            }
        );

    private Task RegisterFor(string meeting, Range people) =>
        register.Post(
            $"/v1/meetings/{meeting}/registrations",
            new { attendees = Numbers(people).Select(n => new { personId = Person(n), organisationId = Reference(OrganisationOf(n)) }) }
        );

    // --- Who was there: all invented ---

    private static void Attend(List<Held> meetings)
    {
        var counted = meetings.Where(m => string.CompareOrdinal(m.Start, AsOf) <= 0).ToList();
        var later = meetings.Except(counted).ToList();
        var withNear = counted.Where(m => string.CompareOrdinal(m.Start, NearJoined) >= 0).ToList();
        foreach (var number in Numbers(Staff))
        {
            // Everybody attends one meeting of those counted, ten by ten so that a meeting sees every organisation; some miss or attend
            // another.
            var ten = number / Turn.Length;
            var possible = OrganisationOf(number) == Near ? withNear : counted;
            var first = FromOn(possible, ten, OrganisationOf(number));
            first.Add(number, RoleOf(first, number), "attended");
            if (number % 3 == 0)
                FromOn(possible, ten + 1 + number % 4, OrganisationOf(number))
                    .Add(
                        number,
                        "delegate",
                        number % 9 == 0 ? "excused"
                            : number % 15 == 0 ? "absent"
                            : "attended"
                    );
            if (number % 2 == 0)
                FromOn(later, ten, OrganisationOf(number)).Add(number, number % 10 == 0 ? "expert" : "delegate", "attended");
        }

        foreach (var number in Numbers(LaterStaff))
            FromOn(later, number / Turn.Length, OrganisationOf(number)).Add(number, "delegate", "attended");
        foreach (var number in Numbers(Interpreters))
            meetings[number % meetings.Count].Add(number, "interpreter", "attended");
        foreach (var number in Numbers(Guests))
            meetings[number * 3 % meetings.Count].Add(number, number % 2 == 0 ? "observer" : "delegate", "attended");

        // DG NEAR before it was a member: guests, whom the figure leaves out of that meeting.
        foreach (var number in Numbers(Staff).Where(n => OrganisationOf(n) == Near).Take(2))
            counted.Single(m => m.Start == "2015-11-10").Add(number, "delegate", "attended");
    }

    /// <summary>The first of the meetings from a place on that the organisation was named at.</summary>
    private static Held FromOn(List<Held> meetings, int place, string organisation) =>
        Enumerable
            .Range(0, meetings.Count)
            .Select(i => meetings[(place + i) % meetings.Count])
            .First(m => m.Services.Count == 0 || organisation == "iom" || m.Services.Contains(organisation));

    private static string RoleOf(Held meeting, int number) =>
        meeting.Attendees.Any(a => a.OrganisationId == Reference(OrganisationOf(number)))
            ? number % 7 == 0
                ? "speaker"
                : "delegate"
            : "head-of-delegation";

    private async Task Details(List<Held> meetings)
    {
        await Count("technical-experts-2015-02-24", "iom", 6);
        await Count("technical-experts-2015-02-24", "dg-home", 4);
        await Count("heads-of-unit-2015-06-16", "eeas", 2);
        await Count("technical-experts-2017-11-14", Guest, 3);
        foreach (var meeting in meetings)
        {
            foreach (var document in meeting.Documents)
                await register.Post($"/v1/meetings/{meeting.Id}/documents", document);
        }

        await register.Post(
            $"/v1/meetings/{Find("heads-of-unit-2017-05-30")}/outcomes",
            new { kind = "conclusion", text = new { en = "Heads of unit report to the next Senior Officials Meeting (invented)." } }
        );
        await register.Post(
            $"/v1/meetings/{Find("technical-experts-2017-11-14")}/outcomes",
            new { kind = "best-practice", text = new { en = "Local authorities take part in planning from the start (invented)." } }
        );

        Task Count(string meeting, string organisation, int count) =>
            register.Post(
                $"/v1/meetings/{Find(meeting)}/delegations",
                new
                {
                    organisationId = Reference(organisation),
                    count,
                    precision = "exact",
                }
            );

        string Find(string name) => meetings.Single(m => m.Name == name).Id;
    }

    /// <summary>One that was fulfilled, one that is overdue, and one that has no due date.</summary>
    private async Task Commitments(List<Held> meetings)
    {
        var shared = await Make("data", "heads-of-unit-2017-05-30", "Share displacement data every quarter", "humanitarian", "2018", "iom");
        await register.Post($"{shared}/progress", new { on = "2017-11", note = "The first two quarters are shared (invented)" });
        await register.Post(
            $"{shared}/review",
            new
            {
                meetingId = Reference("heads-of-unit-2019-04-09"),
                on = "2019-04-09",
                assessment = "Late, and on track again (invented)",
            }
        );
        await register.Post($"{shared}/fulfil", new { on = "2019-06" });
        var indicators = await Make(
            "indicators",
            "heads-of-unit-2025-01-21",
            "Agree on indicators of reintegration",
            "return-reintegration",
            "2025-12",
            "dg-home",
            "iom"
        );
        await register.Post($"{indicators}/progress", new { on = "2025-09", note = "A first list is with the members (invented)" });
        await Make("planning", "heads-of-unit-2025-01-21", "Set up a joint plan of training", "governance", null, "eeas", "iom");

        async Task<string> Make(string name, string meeting, string text, string area, string? dueOn, params string[] owners) =>
            "/v1/commitments/"
            + await register.Create(
                "/v1/commitments",
                new
                {
                    frameworkId = Reference("eu-iom"),
                    meetingId = meetings.Single(m => m.Name == meeting).Id,
                    text = $"{text} (invented)",
                    owners = owners.Select(Reference),
                    area,
                    dueOn,
                    externalReference = Reference($"commitment-{name}"),
                }
            );
    }

    // --- The answer ---

    private async Task Report(string frameworkId)
    {
        var (accepted, known, left) = register.Counts;
        var sentence = await register.Text($"/v1/statistics/factsheet?framework={frameworkId}&asOf={AsOf}&minPosition={register.Position}");
        Console.WriteLine(
            $"The sample history is loaded: {accepted} commands "
                + $"accepted{(known == 0 ? "" : $", {known} of them again with the same answer")}."
        );
        foreach (var refusal in left)
            Console.WriteLine($"Left as it is: {refusal}");
        Console.WriteLine();
        Console.WriteLine(sentence.Trim());
        Console.WriteLine();
        Console.WriteLine($"Where to look next: {register.Url}/ in a browser, with the key \"analyst\" in {register.KeysFile}.");
        Console.WriteLine("The same from a program, with that key as X-Api-Key, such as");
        Console.WriteLine(
            $"  curl -H \"X-Api-Key: $(sed -E 's/.*\"analyst\":\"([^\"]+)\".*/\\1/' {register.KeysFile})\" "
                + $"'{register.Url}/v1/statistics/factsheet?framework={frameworkId}&asOf={AsOf}' -H 'Accept: text/plain'"
        );
        foreach (
            var path in new[]
            {
                $"/v1/statistics/cumulative?framework={frameworkId}&asOf={AsOf}",
                $"/v1/statistics/explain?framework={frameworkId}&asOf={AsOf}&measure=staff.known",
                $"/v1/meetings?framework={frameworkId}&level={SeniorOfficials}",
                $"/v1/frameworks/{frameworkId}",
            }
        )
        {
            Console.WriteLine($"  {register.Url}{path}");
        }
    }

    private static IEnumerable<int> Numbers(Range range) => Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value);

    private static string OrganisationOf(int number) =>
        number >= Guests.Start.Value && number < Guests.End.Value ? Guest : Turn[number % Turn.Length];

    private static ExternalReference Reference(string id) => new("sample-history", id);

    private static ExternalReference Person(int number) => Reference($"person-{number:000}");

    private static object[] Placed(string level, int? edition = null) =>
        [
            new
            {
                frameworkId = Reference("eu-iom"),
                level,
                edition,
            },
        ];

    private static Attendee Attendee(int number, string status, string role = "delegate") =>
        new(Person(number), Reference(OrganisationOf(number)), status, role);

    private sealed record Sample(
        string Level,
        string Title,
        string Start,
        string? Country,
        string Area,
        string? End = null,
        string Mode = "in-person"
    );

    private sealed record Held(string Name, string Start)
    {
        public required object Body { get; init; }

        /// <summary>The services the public record names; empty where it names none.</summary>
        public IReadOnlyList<string> Services { get; init; } = [];

        public IReadOnlyList<object> Documents { get; init; } = [];

        public string Id { get; set; } = "";

        public List<Attendee> Attendees { get; } = [];

        public void Add(int number, string role, string status)
        {
            if (Attendees.All(a => a.PersonId != Person(number)))
                Attendees.Add(Attendee(number, status, role));
        }
    }
}

/// <summary>A Senior Officials Meeting as the public record has it; without a day where no source was found.</summary>
internal sealed record Edition(int Number, string Date, string Certainty, string Mode, IReadOnlyList<string> Services, string Source)
{
    public static IReadOnlyList<Edition> ReadAll(string path) =>
        [
            .. File.ReadLines(path)
                .Skip(1)
                .Select(Split)
                .Select(f => new Edition(
                    int.Parse(f[0], CultureInfo.InvariantCulture),
                    f[1],
                    f[2],
                    f[3],
                    [.. f[5].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Service)],
                    f[7]
                )),
        ];

    /// <summary>"NEAR(text cut)" is DG NEAR; DEVCO and INTPA are one organisation under two names.</summary>
    private static string Service(string name) =>
        name.Split('(')[0] switch
        {
            "EEAS" => "eeas",
            "INTPA" => "dg-devco",
            var service => "dg-" + service.ToLowerInvariant(),
        };

    private static List<string> Split(string line)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        foreach (var c in line)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(c);
        }

        fields.Add(field.ToString());
        return fields;
    }
}

internal sealed record ExternalReference(string System, string Id);

internal sealed record Attendee(ExternalReference PersonId, ExternalReference OrganisationId, string Status, string Role);

internal sealed class DemoFailed(string message) : Exception(message);

/// <summary>The service under its HTTP API. Every post can be repeated: its Idempotency-Key follows from what it says.</summary>
internal sealed class Register(string url, string keysFile) : IDisposable
{
    private const int AtOnce = 4;
    private const int Attempts = 10;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient _http = new() { BaseAddress = new Uri(url) };
    private readonly JsonNode _keys = ReadKeys(keysFile);
    private readonly ConcurrentQueue<string> _left = new();
    private int _accepted;
    private int _known;
    private long _position;

    public string Url => url;

    public string KeysFile => keysFile;

    public long Position => _position;

    public (int Accepted, int Known, IReadOnlyList<string> Left) Counts => (_accepted, _known, [.. _left]);

    public static Task Each<T>(IEnumerable<T> items, Func<T, Task> act) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (item, _) => await act(item));

    public async Task Check()
    {
        try
        {
            await Text("/v1/organisations?limit=1");
        }
        catch (HttpRequestException e)
        {
            throw new DemoFailed($"{url} does not answer ({e.Message}). Start the service with deploy/run.");
        }
    }

    /// <summary>Creates something, or finds it as an earlier run created it, and answers its id.</summary>
    public async Task<string> Create(string path, object body)
    {
        var (status, answer) = await Submit(path, body);
        return status == HttpStatusCode.Created
            ? (string)answer["id"]!
            : throw new DemoFailed($"POST {path} was answered {(int)status}: {answer.ToJsonString()}");
    }

    /// <summary>Changes something. What has been changed otherwise since an earlier run is left as it is.</summary>
    public async Task Post(string path, object body)
    {
        var (status, answer) = await Submit(path, body);
        if (status == HttpStatusCode.Conflict || (string?)answer["type"] == "/problems/delegation-already-counted")
            _left.Enqueue($"{path}: {answer["detail"] ?? answer["title"]}");
        else if (status is not (HttpStatusCode.OK or HttpStatusCode.Created))
            throw new DemoFailed($"POST {path} was answered {(int)status}: {answer.ToJsonString()}");
    }

    public async Task<string> Text(string path)
    {
        using var response = await Send(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-Api-Key", (string)_keys["analyst"]!);
            request.Headers.Add("Accept", "text/plain, application/json;q=0.5");
            return request;
        });
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new DemoFailed($"GET {path} was answered {(int)response.StatusCode}: {text}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, JsonNode Answer)> Submit(string path, object body)
    {
        var json = JsonSerializer.Serialize(body, Json);
        var key = "sample-history-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        using var response = await Send(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent(json, Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("X-Api-Key", (string)_keys["recorder"]!);
            request.Headers.Add("Idempotency-Key", key);
            request.Headers.Add("Cooperation-Source", "sample-history");
            return request;
        });
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        if (response.IsSuccessStatusCode)
        {
            Interlocked.Increment(ref _accepted);
            if (response.Headers.Contains("Idempotency-Replayed"))
                Interlocked.Increment(ref _known);
            Reach((long)answer["position"]!);
        }

        return (response.StatusCode, answer);
    }

    private static JsonNode ReadKeys(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file))!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DemoFailed($"The keys cannot be read: {e.Message}");
        }
    }

    /// <summary>Sends again while the service says that it is worth trying.</summary>
    private async Task<HttpResponseMessage> Send(Func<HttpRequestMessage> request)
    {
        for (var attempt = 1; ; attempt++)
        {
            var response = await _http.SendAsync(request());
            if (response.Headers.RetryAfter?.Delta is not { } pause || attempt == Attempts)
                return response;
            response.Dispose();
            await Task.Delay(pause);
        }
    }

    private void Reach(long position)
    {
        long current;
        while ((current = Interlocked.Read(ref _position)) < position)
            Interlocked.CompareExchange(ref _position, position, current);
    }
}

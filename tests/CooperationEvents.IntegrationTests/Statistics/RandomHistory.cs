using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>One command of a random history: its kind, and the seed that everything else of it follows from.</summary>
public sealed record Step(string Kind, int Seed);

/// <summary>A command as it is posted.</summary>
public sealed record Posted(string Path, object Body);

/// <summary>
/// Random histories of a small world: few frameworks, organisations, people, meetings and days, so that commands meet each
/// other, and days meet the boundaries of memberships, months and years. A step knows nothing of the steps before it: any
/// part of a history is a history, which lets a failing one be made small.
/// </summary>
public sealed class RandomHistory(IReadOnlyList<Step> steps, string salt)
{
    public const int Frameworks = 3;
    public const int Organisations = 7;
    public const int People = 15;
    public const int Meetings = 10;
    public const int Publications = 3;
    public const int Commitments = 3;

    /// <summary>Those of them that most commands are about, so that commands meet each other.</summary>
    private const int UsualFrameworks = 2;
    private const int UsualOrganisations = 4;
    private const int UsualPeople = 8;
    private const int UsualMeetings = 6;

    /// <summary>Days next to each other, at the ends of months and years, and one that is never reached.</summary>
    private static readonly string[] Days =
    [
        "2018-03-31",
        "2018-04-01",
        "2018-04-02",
        "2018-04-30",
        "2018-05-01",
        "2018-12-31",
        "2019-01-01",
        "2019-01-02",
        "2020-02-28",
        "2020-02-29",
        "2020-03-01",
        "2021-06-15",
        "2021-06-16",
        "2021-06-17",
    ];

    /// <summary>The days on which memberships begin and end, and on which as many meetings begin as on all others.</summary>
    private static readonly string[] Boundaries = ["2018-04-01", "2018-04-30", "2018-12-31", "2020-02-29", "2021-06-16"];

    private static readonly string[] Parts = ["2018-04", "2018-12", "2020-02", "2021-06", "2018", "2019", "2020", "2021"];
    private static readonly string[] Levels = ["senior-officials", "heads-of-unit", "technical-experts", "added"];
    private static readonly string[] Parties = ["EU", "IOM", "AU"];
    private static readonly string[] Areas = ["returns", "visas"];

    /// <summary>In a path, the document of that meeting that was linked last: its id is known once it is recorded.</summary>
    public const string LastDocument = "last-document";

    private static readonly string[] HostRoles = ["host", "host", "co-host", "chair", "opener"];
    private static readonly string[] Modes = ["in-person", "online", "hybrid"];
    private static readonly string[] FollowUps = ["progress", "review", "due-date", "correct", "fulfil", "drop", "reopen"];
    private static readonly string[] Removable = ["mode", "venue", "country", "in-margins-of", "time-zone"];
    private static readonly string[] Roles =
    [
        "chair",
        "head-of-delegation",
        "delegate",
        "expert",
        "speaker",
        "rapporteur",
        "observer",
        "interpreter",
        "support",
    ];

    private static readonly string[] OfMeetingsAlone =
    [
        "record-held",
        "reschedule",
        "hosts",
        "cancel",
        "hold",
        "hold",
        "correct",
        "void",
        "reinstate",
        "attend",
        "attend",
        "correct-attendance",
        "delegation",
    ];

    private static readonly Gen<Step> Any = Gen.Select(
        Gen.Frequency(
            (2, Gen.Const("schedule")),
            (8, Gen.Const("record-held")),
            (4, Gen.Const("reschedule")),
            (1, Gen.Const("relocate")),
            (2, Gen.Const("hosts")),
            (3, Gen.Const("agenda")),
            (2, Gen.Const("postpone")),
            (2, Gen.Const("cancel")),
            (22, Gen.Const("hold")),
            (2, Gen.Const("did-not-take-place")),
            (12, Gen.Const("correct")),
            (5, Gen.Const("void")),
            (6, Gen.Const("reinstate")),
            (5, Gen.Const("register")),
            (3, Gen.Const("withdraw")),
            (34, Gen.Const("attend")),
            (16, Gen.Const("correct-attendance")),
            (14, Gen.Const("delegation")),
            (6, Gen.Const("outcome")),
            (6, Gen.Const("correct-outcome")),
            (4, Gen.Const("document")),
            (4, Gen.Const("correct-document")),
            (2, Gen.Const("join")),
            (4, Gen.Const("leave")),
            (7, Gen.Const("correct-membership")),
            (2, Gen.Const("level")),
            (1, Gen.Const("area")),
            (2, Gen.Const("end")),
            (4, Gen.Const("correct-end")),
            (2, Gen.Const("rename")),
            (10, Gen.Const("succeed")),
            (1, Gen.Const("correct-person")),
            (12, Gen.Const("merge")),
            (3, Gen.Const("publish")),
            (5, Gen.Const("withdraw-publication")),
            (14, Gen.Const("follow-up")),
            (5, Gen.Const("unmerge")),
            (4, Gen.Const("affiliate")),
            (5, Gen.Const("end-affiliation")),
            (8, Gen.Const("repeat"))
        ),
        Gen.Int[0, int.MaxValue],
        (kind, seed) => new Step(kind, seed)
    );

    /// <summary>What a world begins with, and then about eighty commands of any kind in any order.</summary>
    public static Gen<Step[]> Steps { get; } =
        Gen.Select(
            Gen.Int[2, Frameworks],
            Gen.Int[4, Organisations],
            Gen.Int[UsualPeople, People],
            Gen.Int[0, int.MaxValue],
            Any.Array[70, 90],
            (frameworks, organisations, people, seed, any) =>
                (Step[])
                    [
                        .. Enumerable.Range(0, frameworks).Select(i => new Step("framework", i)),
                        .. Enumerable.Range(0, organisations).Select(i => new Step("organisation", i)),
                        .. Enumerable.Range(0, people).Select(i => new Step("person", i)),
                        .. Enumerable
                            .Range(0, UsualFrameworks * UsualOrganisations)
                            .Select(i => new Step("found", Multiple(seed, UsualFrameworks * UsualOrganisations, i) + i)),
                        .. Enumerable.Range(0, 3).Select(i => new Step("leave", Multiple(seed, 1, i))),
                        .. Enumerable.Range(0, seed % 2).Select(_ => new Step("dissolve", seed)),
                        new Step("record-empty", seed),
                        .. Enumerable.Range(0, UsualMeetings).Select(i => new Step("schedule", Multiple(seed, Meetings, i) + i)),
                        .. Enumerable.Range(0, Commitments).Select(i => new Step("commitment", Multiple(seed, Commitments, i) + i)),
                        .. any,
                    ]
        );

    /// <summary>More commands, which change meetings and nothing that concerns all of them.</summary>
    public static Gen<Step[]> OfMeetings { get; } =
        Gen.Select(Gen.Int[0, OfMeetingsAlone.Length - 1], Gen.Int[0, int.MaxValue], (kind, seed) =>
            new Step(OfMeetingsAlone[kind], seed)
        ).Array[120];

    public IReadOnlyList<Step> Commands => steps;

    /// <summary>Days at which figures may change, and the days beside them.</summary>
    public static DateOnly AsOf(Random random)
    {
        var day = DateOnly.ParseExact(Days[random.Next(Days.Length)], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return random.Next(6) switch
        {
            0 => day.AddDays(-1),
            1 => day.AddDays(1),
            2 => new DateOnly(day.Year, 12, 31),
            3 => new DateOnly(2026, 1, 1),
            _ => day,
        };
    }

    /// <summary>A day on or before another, from which on meetings are counted.</summary>
    public static DateOnly From(Random random, DateOnly asOf) => AsOf(random) is var day && day <= asOf ? day : asOf;

    public Guid Framework(int i) => Id("framework", i);

    public Guid Meeting(int i) => Id("meeting", i);

    public Guid Publication(int i) => Id("publication", i);

    public Guid Commitment(int i) => Id("commitment", i);

    /// <summary>The command of a step, with ids of this history's own.</summary>
    public Posted Command(int index)
    {
        var step = steps[index];
        while (step.Kind == "repeat")
        {
            index = step.Seed % Math.Max(1, index);
            step = steps[index].Kind == "repeat" && index == 0 ? new Step("organisation", 0) : steps[index];
        }

        return Command(step.Kind, step.Seed, new Random(step.Seed));
    }

    private Posted Command(string kind, int seed, Random r)
    {
        var meeting = $"/v1/meetings/{Meeting(MeetingFor(kind, r))}";
        switch (kind)
        {
            case "framework":
                return new(
                    "/v1/frameworks",
                    new
                    {
                        id = Framework(seed),
                        name = $"Framework {seed}",
                        establishedOn = new[] { "2012-07", "2018", "2018-01-15" }[seed],
                        parties = Parties.Take(2 + seed % 2).Select(p => new { code = p, name = p }),
                        levels = Levels
                            .Take(1 + seed)
                            .Select(
                                (l, i) =>
                                    new
                                    {
                                        code = l,
                                        name = l,
                                        rank = i + 1,
                                    }
                            ),
                        areas = Areas.Select(a => new { code = a, name = a }),
                    }
                );
            case "organisation":
                return new(
                    "/v1/organisations",
                    new
                    {
                        id = Id("organisation", seed),
                        name = $"Organisation {seed}",
                        shortName = $"ORG{seed}",
                    }
                );
            case "person":
                return new("/v1/people", new { id = Id("person", seed), name = $"Person {seed}" });
            case "found":
                return new(
                    $"/v1/frameworks/{Framework(seed % UsualFrameworks)}/members",
                    new
                    {
                        organisationId = Id("organisation", seed / UsualFrameworks % UsualOrganisations),
                        party = AParty(r),
                        joinedOn = r.Next(4) > 0 ? "2016" : ADate(r),
                    }
                );
            case "join":
                return new(
                    $"/v1/frameworks/{AFramework(r)}/members",
                    new
                    {
                        organisationId = AnOrganisation(r),
                        party = AParty(r),
                        joinedOn = ADate(r),
                    }
                );
            case "leave":
                return new($"/v1/frameworks/{AFramework(r)}/members/{AnOrganisation(r)}/leave", new { leftOn = ADate(r) });
            case "correct-membership":
            {
                var body = new Dictionary<string, object> { ["reason"] = "It was recorded wrongly." };
                var (path, joined) = ($"/v1/frameworks/{AFramework(r)}/members/{AnOrganisation(r)}/correct", ADate(r));
                if (r.Next(8) == 0)
                    body["replaces"] = joined;
                if (r.Next(3) == 0)
                    body["party"] = AParty(r);
                if (r.Next(2) == 0)
                    body["joinedOn"] = joined;
                switch (r.Next(4))
                {
                    case 0:
                        body["leftOn"] = ADate(r);
                        break;
                    case 1:
                        body["stillMember"] = true;
                        break;
                    case 2:
                        (body["joinedOn"], body["leftOn"]) = (joined, joined);
                        break;
                }

                return new(path, body);
            }

            case "level":
                return new(
                    $"/v1/frameworks/{AFramework(r)}/levels",
                    new
                    {
                        code = "added",
                        name = "Added",
                        rank = 50,
                    }
                );
            case "area":
                return new($"/v1/frameworks/{AFramework(r)}/areas", new { code = $"area-{r.Next(3)}", name = "Area" });
            case "end":
                return new($"/v1/frameworks/{AFramework(r)}/end", new { endedOn = r.Next(3) == 0 ? "2021-06-16" : "2030" });
            case "correct-end":
                return new(
                    $"/v1/frameworks/{AFramework(r)}/end/correct",
                    r.Next(2) == 0
                        ? new { reason = "It goes on.", notEnded = true }
                        : new { reason = "It was prolonged.", endedOn = "2032" }
                );
            case "rename":
                return new(
                    $"/v1/organisations/{AnOrganisation(r)}/rename",
                    new
                    {
                        name = $"Renamed {r.Next(4)}",
                        shortName = $"NEW{r.Next(4)}",
                        on = ADate(r),
                    }
                );
            case "succeed":
            {
                Guid[] successors = [.. Enumerable.Range(0, r.Next(3) == 0 ? 1 : 2).Select(_ => AnOrganisation(r)).Distinct()];
                var body = new Dictionary<string, object>
                {
                    ["kind"] =
                        successors.Length > 1 ? "split"
                        : r.Next(2) == 0 ? "merge"
                        : "replace",
                    ["on"] = ADate(r),
                    ["successors"] = successors,
                };
                if (successors.Length > 1 && r.Next(3) == 0)
                    body["default"] = successors[r.Next(2)];
                return new($"/v1/organisations/{AnOrganisation(r)}/succeed", body);
            }

            case "dissolve":
            {
                var dissolved = r.Next(UsualOrganisations);
                var successors = new[] { 1, 2 }.Select(next => Id("organisation", (dissolved + next) % UsualOrganisations));
                return new(
                    $"/v1/organisations/{Id("organisation", dissolved)}/succeed",
                    new
                    {
                        kind = "split",
                        on = ADate(r),
                        successors,
                    }
                );
            }

            case "publish":
            {
                var number = seed % Publications;
                var body = new Dictionary<string, object>
                {
                    ["id"] = Publication(number),
                    ["framework"] = AFramework(r),
                    ["asOf"] = $"{AsOf(r):yyyy-MM-dd}",
                };
                if (r.Next(8) > 0)
                    body["acknowledgeSmallCells"] = true;
                if (r.Next(4) == 0)
                    body["from"] = "2016";
                if (r.Next(4) == 0)
                    body["party"] = AParty(r);
                if (r.Next(4) == 0)
                    (body["organisation"], body["orgView"]) = (AnOrganisation(r), "lineage");
                return new("/v1/statistics/publications", body);
            }

            case "withdraw-publication":
                return new($"/v1/statistics/publications/{Publication(r.Next(Publications))}/withdraw", new { reason = "Superseded." });
            case "merge":
                return new($"/v1/people/{APerson(r)}/merge", new { into = APerson(r), reason = "They are one." });
            case "unmerge":
                return new($"/v1/people/{APerson(r)}/unmerge", new { reason = "They are not." });
            case "correct-person":
                return new($"/v1/people/{APerson(r)}/correct", new { name = $"Name {r.Next(100)}", reason = "Misspelt." });
            case "affiliate":
            {
                var person = Math.Min(r.Next(2), r.Next(2));
                return new(
                    $"/v1/people/{Id("person", person)}/affiliations",
                    new
                    {
                        id = Id("affiliation", person),
                        organisationId = AnOrganisation(r),
                        function = "Adviser",
                    }
                );
            }

            case "end-affiliation":
            {
                var person = Math.Min(r.Next(2), r.Next(2));
                return new($"/v1/people/{Id("person", person)}/affiliations/{Id("affiliation", person)}/end", new { until = ADate(r) });
            }

            case "schedule":
                return new("/v1/meetings", AMeeting(seed % Meetings, r));
            case "record-held":
            {
                var body = AMeeting(UsualMeetings - 1 + seed % (Meetings - UsualMeetings + 1), r);
                if (r.Next(5) > 1)
                    body["attendees"] = Attendees(r);
                if (r.Next(5) > 2)
                    body["delegations"] = new[]
                    {
                        new
                        {
                            organisationId = AnOrganisation(r),
                            count = ACount(r),
                            precision = APrecision(r),
                        },
                    };
                return new("/v1/meetings/record-held", body);
            }

            case "record-empty":
            {
                // Nobody is said to have been there; half of them end at midnight.
                var body = AMeeting(Meetings - 1, r);
                if (seed % 2 == 0)
                    (body["start"], body["end"], body["timeZone"]) = ("2018-12-31T09:30", "2019-01-01T00:00", "Europe/Brussels");
                return new("/v1/meetings/record-held", body);
            }

            case "reschedule":
                return new($"{meeting}/reschedule", AWhen(r, "start", "end"));
            case "hold":
            {
                var body = r.Next(2) == 0 ? [] : AWhen(r, "heldFrom", "heldTo");
                body.Remove("timeZone");
                if (r.Next(4) == 0)
                    body["mode"] = Modes[r.Next(3)];
                return new($"{meeting}/hold", body);
            }

            case "correct":
            {
                var body = r.Next(2) == 0 ? [] : AWhen(r, "start", "end");
                body["reason"] = "It was recorded wrongly.";
                if (r.Next(3) == 0)
                    body["undo"] = new[] { "hold", "hold", "cancellation", "did-not-take-place" }[r.Next(4)];
                if (r.Next(3) == 0)
                    body["frameworks"] = Placements(r);
                if (r.Next(3) == 0)
                    body["title"] = $"Corrected {r.Next(100)}";
                if (r.Next(4) == 0)
                    body["remove"] = new[] { Removable[r.Next(Removable.Length)] };
                else if (r.Next(4) == 0)
                    body["mode"] = Modes[r.Next(3)];
                if (r.Next(4) == 0)
                    body["hosts"] = Hosts(r);
                if (r.Next(4) == 0)
                    body["topics"] = Topics(r);
                if (r.Next(6) == 0)
                    body["country"] = "CH";
                if (r.Next(6) == 0)
                    body.Remove("start");
                if (r.Next(6) == 0)
                    body.Remove("end");
                return new($"{meeting}/correct", body);
            }

            case "relocate":
                return new(
                    $"{meeting}/relocate",
                    new
                    {
                        mode = Modes[r.Next(3)],
                        venue = $"Room {r.Next(9)}",
                        country = r.Next(2) == 0 ? "BE" : "CH",
                    }
                );
            case "hosts":
                return new($"{meeting}/hosts", new { hosts = Hosts(r) });
            case "agenda":
                return new($"{meeting}/agenda", new { items = new[] { new { title = $"Item {r.Next(100)}", topic = "returns" } } });
            case "postpone" or "cancel" or "did-not-take-place" or "void" or "reinstate":
                return new($"{meeting}/{kind}", new { reason = $"Reason {r.Next(100)}." });
            case "register":
                return new(
                    $"{meeting}/registrations",
                    new
                    {
                        attendees = Some(r)
                            .Append(TheRegistered)
                            .Distinct()
                            .Select(p => new
                            {
                                personId = p,
                                organisationId = AnOrganisation(r),
                                role = ARole(r),
                            }),
                    }
                );
            case "withdraw":
                return new($"{meeting}/registrations/{(r.Next(2) == 0 ? TheRegistered : APerson(r))}/withdraw", new { });
            case "attend":
                return new($"{meeting}/attendance", new { attendees = Attendees(r) });
            case "correct-attendance":
            {
                var body = new Dictionary<string, object> { ["reason"] = "It was recorded wrongly." };
                if (r.Next(2) == 0)
                    body["status"] = AStatus(r);
                if (r.Next(2) == 0)
                    body["role"] = ARole(r);
                if (r.Next(3) == 0)
                    body["organisationId"] = AnOrganisation(r);
                return new($"{meeting}/attendance/{APerson(r)}/correct", body);
            }

            case "delegation":
            {
                var body = new Dictionary<string, object>
                {
                    ["organisationId"] = r.Next(2) == 0 ? MostOftenCounted : AnOrganisation(r),
                    ["count"] = ACount(r),
                    ["precision"] = APrecision(r),
                };
                if (r.Next(4) > 0)
                    body["reason"] = "Counted again.";
                return new($"{meeting}/delegations", body);
            }

            case "outcome":
                return new(
                    $"{meeting}/outcomes",
                    new
                    {
                        id = AnOutcome(r),
                        kind = "best-practice",
                        text = new { en = "Shared lists.", fr = "Listes communes." },
                        status = "agreed",
                    }
                );
            case "correct-outcome":
                return new(
                    $"{meeting}/outcomes/{AnOutcome(r)}/correct",
                    r.Next(4) switch
                    {
                        0 => new { reason = "It was not agreed.", withdrawn = true },
                        1 => new { reason = "It was agreed.", withdrawn = false },
                        _ => new { reason = "As in the minutes.", text = new { en = $"Shared list {r.Next(3)}." } },
                    }
                );
            case "correct-document":
                return new(
                    $"{meeting}/documents/{LastDocument}/correct",
                    r.Next(4) switch
                    {
                        0 => new { reason = "Of another meeting.", withdrawn = true },
                        1 => new { reason = "Of this one.", withdrawn = false },
                        _ => new { reason = "Misspelt.", title = $"Report {r.Next(3)}" },
                    }
                );
            case "document":
                return new(
                    $"{meeting}/documents",
                    new
                    {
                        title = $"Minutes {r.Next(9)}",
                        url = "https://example.org/minutes",
                        status = "adopted",
                        language = "en",
                    }
                );
            case "commitment":
                return new(
                    "/v1/commitments",
                    new
                    {
                        id = Commitment(seed % Commitments),
                        frameworkId = AFramework(r),
                        text = $"Undertaking {seed % Commitments}",
                        owners = new[] { AnOrganisation(r) },
                        area = Areas[r.Next(2)],
                        dueOn = ADate(r),
                    }
                );
            case "follow-up":
            {
                var command = FollowUps[r.Next(FollowUps.Length)];
                return new($"/v1/commitments/{Commitment(CommitmentFor(command, r))}/{command}", AFollowUp(command, r));
            }

            default:
                throw new InvalidOperationException($"There is no step {kind}.");
        }
    }

    /// <summary>
    /// The first meeting is seldom held, so that people can register for it; the second and third are those that are voided; the last of
    /// the usual ones has most of the outcomes and documents, so that they can be corrected.
    /// </summary>
    private static int MeetingFor(string kind, Random r) =>
        (kind, Usually(UsualMeetings, Meetings, r)) switch
        {
            ("register" or "withdraw" or "postpone" or "reschedule", var any) => r.Next(3) > 0 ? 0 : any,
            ("void" or "reinstate", var any) => r.Next(4) > 0 ? 1 + r.Next(2) : any,
            ("outcome" or "correct-outcome" or "document" or "correct-document", var any) => r.Next(4) > 0 ? UsualMeetings - 1 : any,
            ("hold" or "cancel" or "did-not-take-place", 0) => UsualMeetings - 1,
            (_, var any) => any,
        };

    /// <summary>The first commitment is mostly the one that is closed, so that it can be opened again.</summary>
    private static int CommitmentFor(string command, Random r) =>
        command is "fulfil" or "drop" or "reopen" && r.Next(4) > 0 ? 0 : r.Next(Commitments);

    private object AFollowUp(string command, Random r) =>
        command switch
        {
            "progress" => new { on = ADate(r), note = $"Note {r.Next(9)}" },
            "review" => new
            {
                meetingId = Meeting(r.Next(UsualMeetings)),
                on = ADate(r),
                assessment = $"Assessment {r.Next(3)}",
            },
            "due-date" => new { dueOn = ADate(r), reason = "Agreed anew." },
            "correct" when r.Next(3) == 0 => new
            {
                reason = "It was recorded wrongly.",
                remove = new[] { "meeting-id", "area", "due-on" }[r.Next(3)..],
            },
            "correct" => new
            {
                reason = "It was recorded wrongly.",
                meetingId = Meeting(r.Next(UsualMeetings)),
                owners = new[] { AnOrganisation(r) },
            },
            "fulfil" => new { on = ADate(r) },
            _ => new { reason = $"Reason {r.Next(9)}." },
        };

    private Dictionary<string, object> AMeeting(int number, Random r)
    {
        var body = AWhen(r, "start", "end");
        body["id"] = Meeting(number);
        body["title"] = $"Meeting {number}";
        body["frameworks"] = Placements(r);
        if (r.Next(3) == 0)
            body["mode"] = Modes[r.Next(3)];
        if (r.Next(4) == 0)
            (body["venue"], body["country"], body["topics"]) = ("Rue Joseph II", "BE", Topics(r));
        if (r.Next(2) == 0)
            body["hosts"] = Hosts(r);
        return body;
    }

    /// <summary>A day, a month, a year or a local time, for one day or several; rarely a day to come.</summary>
    private static Dictionary<string, object> AWhen(Random r, string from, string to)
    {
        var body = new Dictionary<string, object>();
        var day = r.Next(2) == 0 ? r.Next(Days.Length) : Array.IndexOf(Days, Boundaries[r.Next(Boundaries.Length)]);
        switch (r.Next(12))
        {
            case 0 or 1:
                body[from] = Parts[r.Next(Parts.Length)];
                if (r.Next(3) == 0)
                    body[to] = r.Next(2) == 0 ? "2021" : body[from];
                break;
            case 2 or 3:
                body[from] = $"{Days[day]}T09:30";
                if (r.Next(4) > 0)
                    body[to] =
                        r.Next(3) > 0
                            ? $"{Days[Math.Min(day + 1 + r.Next(2), Days.Length - 1)]}T00:00"
                            : $"{Days[Math.Min(day + r.Next(3), Days.Length - 1)]}T17:00";
                body["timeZone"] = r.Next(2) == 0 ? "Europe/Brussels" : "Pacific/Auckland";
                break;
            case 4 or 5 or 6:
                body[from] = Days[day];
                body[to] = Days[Math.Min(day + r.Next(3), Days.Length - 1)];
                break;
            case 7 when r.Next(3) == 0:
                body[from] = "2099-01-01";
                break;
            default:
                body[from] = Days[day];
                break;
        }

        return body;
    }

    private object[] Placements(Random r)
    {
        int[] under = r.Next(4) switch
        {
            0 => [0, 1],
            1 => [Usually(UsualFrameworks, Frameworks, r), 0],
            _ => [Usually(UsualFrameworks, Frameworks, r)],
        };
        return [.. under.Distinct().Select(f => new { frameworkId = Framework(f), level = Levels[Usually(1 + f, Levels.Length, r)] })];
    }

    private object[] Hosts(Random r) =>
        [
            .. Enumerable
                .Range(0, r.Next(4))
                .Select(_ => (Organisation: AnOrganisation(r), Role: HostRoles[r.Next(HostRoles.Length)]))
                .DistinctBy(h => h.Organisation)
                .Select(h => new { organisationId = h.Organisation, role = h.Role }),
        ];

    private static string[] Topics(Random r) => [.. Areas.Skip(r.Next(2)).Take(1 + r.Next(2))];

    private object[] Attendees(Random r) =>
        [
            .. Some(r)
                .Select(p => new
                {
                    personId = p,
                    organisationId = AnOrganisation(r),
                    role = ARole(r),
                    status = AStatus(r),
                }),
        ];

    private IEnumerable<Guid> Some(Random r) => Enumerable.Range(0, 1 + r.Next(5)).Select(_ => APerson(r)).Distinct().ToArray();

    private Guid AnOutcome(Random r) => Id("outcome", Math.Min(r.Next(2), r.Next(2)));

    private Guid AFramework(Random r) => Framework(Usually(UsualFrameworks, Frameworks, r));

    private Guid AnOrganisation(Random r) => Id("organisation", Usually(UsualOrganisations, Organisations, r));

    private Guid APerson(Random r) => Id("person", Math.Min(Usually(UsualPeople, People, r), Usually(UsualPeople, People, r)));

    /// <summary>Whose delegation is counted so often that some counts are corrected.</summary>
    private Guid MostOftenCounted => Id("organisation", 0);

    /// <summary>Who is registered whenever somebody is, so that a withdrawal finds somebody.</summary>
    private Guid TheRegistered => Id("person", 0);

    private static string AParty(Random r) => Parties[r.Next(12) == 0 ? 2 : r.Next(2)];

    private static string ADate(Random r) =>
        r.Next(6) switch
        {
            0 or 1 => "2016",
            2 => new[] { "2018-04", "2019" }[r.Next(2)],
            _ => Boundaries[r.Next(Boundaries.Length)],
        };

    private static string ARole(Random r) => Roles[r.Next(Roles.Length)];

    private static string AStatus(Random r) => new[] { "attended", "attended", "attended", "absent", "excused" }[r.Next(5)];

    private static int ACount(Random r) => new[] { 0, 1, 2, 5, 12, 130 }[r.Next(6)];

    private static string APrecision(Random r) => new[] { "exact", "exact", "exact", "exact", "estimated", "minimum" }[r.Next(6)];

    /// <summary>A random multiple of <paramref name="of"/>: what is added to it can be told by its remainder.</summary>
    private static int Multiple(int seed, int of, int i) => new Random(unchecked(seed + i * 715_827_883)).Next(int.MaxValue / of) * of;

    private static int Usually(int usual, int all, Random r) => r.Next(r.Next(20) == 0 ? all : usual);

    private Guid Id(string kind, int i)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}/{kind}/{i}"))[..16];
        (bytes[7], bytes[8]) = ((byte)(bytes[7] & 0x0F | 0x40), (byte)(bytes[8] & 0x3F | 0x80));
        return new Guid(bytes);
    }
}

using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests;

/// <summary>
/// A small history whose figures were counted by hand: a service that another replaced, a person who is another, a meeting that ends at
/// midnight, head counts, and later a second framework under which hardly anybody counts; and publications of it, of which one says
/// what the entries do not give.
/// </summary>
internal sealed class SampleFigures : FigureHistory
{
    private static readonly Guid Framework = SampleLog.Id(1, 1),
        Other = SampleLog.Id(1, 2),
        ThirdFramework = SampleLog.Id(1, 3);
    private static readonly Guid Home = SampleLog.Id(2, 1),
        Devco = SampleLog.Id(2, 2);
    private static readonly Guid Intpa = SampleLog.Id(2, 3),
        Iom = SampleLog.Id(2, 4);
    private static readonly Guid First = SampleLog.Id(3, 1),
        Second = SampleLog.Id(3, 2),
        Third = SampleLog.Id(3, 3),
        Joint = SampleLog.Id(3, 4),
        Empty = SampleLog.Id(3, 5),
        Counted = SampleLog.Id(3, 6),
        Estimated = SampleLog.Id(3, 7),
        Ministers = SampleLog.Id(3, 8);

    private const string Since = "Since the start of the cooperation in July 2012, ";
    private const string In2019 = "From 1 January 2019 to 31 December 2019, ";

    public SampleFigures()
    {
        foreach (var (id, name) in new[] { (Home, "DG HOME"), (Devco, "DG DEVCO"), (Intpa, "DG INTPA"), (Iom, "IOM") })
            Register(id, name);
        Establish(Framework, "2012-07", ["EU", "IOM"], ("som", "Senior Officials Meeting"));
        (Guid, string, string)[] members = [(Home, "EU", "2012-07"), (Devco, "EU", "2012-07"), (Iom, "IOM", "2012"), (Intpa, "EU", "2021")];
        foreach (var (id, party, joinedOn) in members)
            Join(Framework, id, party, joinedOn);
        Add(
            "member_left",
            new
            {
                frameworkId = Framework,
                organisationId = Devco,
                joinedOn = "2012-07",
                leftOn = "2021",
            }
        );
        Add(
            "organisation_succeeded",
            new
            {
                organisationId = Devco,
                kind = "replace",
                on = "2021-01-16",
                successors = new[] { Intpa },
            }
        );
        Add(
            "organisation_renamed",
            new
            {
                organisationId = Home,
                name = "Home Affairs",
                shortName = "HOME",
                on = "2023",
            }
        );

        Held(First, "2018-04-04", "2018-04-04");
        Attend(First, 1, Home, "delegate");
        Attend(First, 2, Devco, "delegate");
        Attend(First, 3, Devco, "expert");
        CountHeads(First, Iom, 2, "exact");
        Held(Second, "2019-12-31T09:00", "2020-01-01T00:00");
        Attend(Second, 2, Devco, "chair");
        Attend(Second, 4, Home, "delegate");
        Attend(Second, 6, Home, "observer");
        Held(Third, "2022-05", "2022-05");
        Attend(Third, 5, Intpa, "delegate");
        CountHeads(Third, Iom, 3, "minimum");
        Add("person_merged", new { personId = SampleLog.Id(5, 4), into = SampleLog.Id(5, 1) });

        List<Guid> all = [.. Of(First, 1, 2, 3), .. Heads(First), .. Of(Second, 2, 4), .. Of(Third, 5), .. Heads(Third), Merge];
        List<Guid> lineage = [.. Of(First, 2, 3), .. Of(Second, 2), .. Of(Third, 5)];
        List<Guid> second = [.. Of(Second, 2, 4), Merge];
        var (folded, from, none) = (new { organisation = Intpa, orgView = "lineage" }, new { from = "2019" }, Array.Empty<Guid>());
        const string Have = "meetings have taken place at all levels, involving";
        Publish("2", new { }, "2023", (3, 0, 6, 5, 4, 5, null), $"{Since}3 {Have} at least 5 EU and IOM staff.", all);
        Publish("2", folded, "2023", (3, 0, 4, 0, 3, 3, 3), $"{Since}3 {Have} 3 DG INTPA staff.", lineage);
        Publish("2", folded, "2020", (0, 0, 0, 0, 0, 0, 0), $"{Since}no meetings with counted DG INTPA staff have taken place.", none);
        List<Guid> home = [.. Of(First, 1), .. Of(Second, 4), Merge];
        Publish("2", new { organisation = Home }, "2023", (2, 0, 2, 0, 1, 1, 1), $"{Since}2 {Have} 1 member of HOME staff.", home);
        Publish(
            "2",
            from,
            "2019",
            (1, 0, 2, 0, 2, 2, 2),
            $"{In2019}1 meeting took place at all levels, involving 2 EU and IOM staff.",
            second
        );
        Publish("1", from, "2019", (0, null, 0, 0, 0, 0, 0), $"{In2019}no meetings took place.", none);
        const string Heads2 = "In 2018, 1 meeting took place at all levels, involving 2 IOM staff.";
        Publish("2", new { party = "IOM", year = 2018 }, "2023", (1, 0, 0, 2, 0, 2, 2), Heads2, [.. Of(First), .. Heads(First)]);

        // What the entries do not give.
        Publish("2", folded, "2023", (3, 0, 5, 0, 3, 3, 3), $"{Since}4 {Have} 3 DG INTPA staff.", lineage, "attendances", "sentence");
        Publish(
            "2",
            folded,
            "2023",
            (3, 0, 4, 0, 3, 3, 3),
            $"{Since}3 {Have} 3 DG INTPA staff.",
            lineage[1..],
            "evidence.count",
            "evidence.sha256"
        );
        AddOther();
        PublishOfBoth();
        PublishEstimated();
        PublishLevelOfOne();
    }

    /// <summary>The publications, each with the items that the entries do not give.</summary>
    public List<(Guid Publication, string[] Differs)> Publications { get; } = [];

    private Guid Merge => Entries.Single(e => e.Type == "person_merged").Id;

    /// <summary>A framework that calls the level otherwise, and has one member.</summary>
    private void AddOther()
    {
        Establish(Other, "2015", ["IOM", "EU"], ("som", "Summit"));
        Join(Other, Iom, "IOM", "2015");
        Held(Joint, "2023-03-01", "2023-03-01", Framework, Other);
        Attend(Joint, 1, Home, "delegate");
        Held(Empty, "2023-04-01", "2023-04-01", Other);
        Held(Counted, "2023-05-01", "2023-05-01", Other);
        CountHeads(Counted, Iom, 2, "exact");
    }

    private void PublishOfBoth()
    {
        var (framework, year, none) = ((Guid?)null, 2023, Array.Empty<Guid>());
        var som = new
        {
            framework,
            year,
            level = "som",
        };
        var nobody = new
        {
            framework,
            year,
            party = "not-stated",
        };
        const string Three = "In 2023, 3 meetings took place at the level";
        const string Two = "In 2023, 2 meetings took place at all levels";
        const string Unnamed = "In 2023, 2 meetings at which nobody is counted took place";
        const string Without = "Of 1 meeting, no attendance is recorded.";
        List<Guid> all = [.. Of(Joint, 1), .. Of(Empty), .. Of(Counted), .. Heads(Counted)];
        List<Guid> two = [.. Of(Joint), .. Of(Empty)];
        const string Both = $"{Three} Senior Officials Meeting or Summit, involving at least 2 EU and IOM staff. {Without}";
        Publish("2", som, "2023", (3, 1, 1, 2, 1, 2, null), Both, all);
        Publish("1", som, "2023", (3, null, 1, 2, 1, 2, 3), $"{Three} som, involving between 2 and 3 EU and IOM staff.", all);
        Publish("2", nobody, "2023", (2, 1, 0, 0, 0, 0, null), $"{Unnamed} at all levels. {Without}", two);
        Publish("1", nobody, "2023", (2, null, 0, 0, 0, 0, 0), $"{Two}, involving 0 not-stated staff.", two);
        const string NoneOfNobody = "In 2023, no meetings at which nobody is counted took place.";
        Publish("2", new { year, party = "not-stated" }, "2023", (0, 0, 0, 0, 0, 0, 0), NoneOfNobody, none);
        const string NoLevel = "In 2023, no meetings took place at the level not-stated.";
        Publish("2", som with { level = "not-stated" }, "2023", (0, 0, 0, 0, 0, 0, 0), NoLevel, none);
        var party = new
        {
            framework,
            year,
            party = "not-stated",
            organisation = Home,
        };
        const string NoneOfHome = "In 2023, no meetings with counted HOME staff took place.";
        Publish("2", party, "2023", (0, 0, 0, 0, 0, 0, 0), NoneOfHome, none);
    }

    /// <summary>Where a party's staff is known by estimates alone, the sentence says no number, and names the party all the same.</summary>
    private void PublishEstimated()
    {
        Held(Estimated, "2024-03-01", "2024-03-01");
        Attend(Estimated, 1, Home, "delegate");
        CountHeads(Estimated, Iom, 12, "estimated");
        var (iom, both) = (new { party = "IOM", year = 2024 }, new { year = 2024 });
        const string Counted = "In 2024, 1 meeting with counted IOM staff took place at all levels.";
        const string One = "In 2024, 1 meeting took place at all levels, involving at least 1 member of EU and IOM staff.";
        Publish("2", iom, "2024", (1, 0, 0, 12, 0, 0, null), Counted, [.. Of(Estimated), .. Heads(Estimated)]);
        Publish("2", both, "2024", (1, 0, 1, 12, 1, 1, null), One, [.. Of(Estimated, 1), .. Heads(Estimated)]);
    }

    /// <summary>A level that one of the frameworks has: the sentence names its parties alone, and by the first definition those of all.</summary>
    private void PublishLevelOfOne()
    {
        Establish(ThirdFramework, "2024", ["AU", "IOM"], ("ministers", "Ministers"));
        Join(ThirdFramework, Iom, "IOM", "2024");
        Schedule(Ministers, "2024-06-01", "2024-06-01", "ministers", ThirdFramework);
        Hold(Ministers, "2024-06-01", "2024-06-01");
        Attend(Ministers, 3, Iom, "delegate");
        Attend(Ministers, 5, Iom, "chair");
        var ministers = new
        {
            framework = (Guid?)null,
            year = 2024,
            level = "ministers",
        };
        List<Guid> two = [.. Of(Ministers, 3, 5)];
        const string One = "In 2024, 1 meeting took place at the level";
        Publish("2", ministers, "2024", (1, 0, 2, 0, 2, 2, 2), $"{One} Ministers, involving 2 AU and IOM staff.", two);
        Publish("1", ministers, "2024", (1, null, 2, 0, 2, 2, 2), $"{One} ministers, involving 2 EU, IOM and AU staff.", two);
    }

    private void Held(Guid meeting, string start, string end, params Guid[] placed)
    {
        Schedule(meeting, start, end, "som", placed.Length == 0 ? [Framework] : placed);
        Hold(meeting, start, end);
    }

    private void Attend(Guid meeting, int person, Guid organisation, string role) =>
        Attend(meeting, SampleLog.Id(5, person), organisation, role);

    /// <summary>The events of a meeting, and of the attendance of these people at it.</summary>
    private IEnumerable<Guid> Of(Guid meeting, params int[] people) =>
        Entries
            .Where(e => Names(e, meeting))
            .Where(e => e.Type.StartsWith("meeting", StringComparison.Ordinal) || people.Any(p => Names(e, SampleLog.Id(5, p))))
            .Select(e => e.Id);

    private IEnumerable<Guid> Heads(Guid meeting) =>
        Entries.Where(e => e.Type == "delegation_counted" && Names(e, meeting)).Select(e => e.Id);

    private static bool Names(Entry entry, Guid id) => entry.Data.Contains($"{id}", StringComparison.Ordinal);

    private void Publish(
        string definition,
        object part,
        string year,
        (int Held, int? Without, int Attendances, int Unnamed, int Known, int Least, int? Most) figure,
        string sentence,
        IReadOnlyList<Guid> evidence,
        params string[] differs
    )
    {
        var question = JsonSerializer.SerializeToNode(part)!.AsObject();
        if (!question.ContainsKey("framework"))
            question["framework"] = Framework;
        else if (question["framework"] is null)
            question.Remove("framework");
        var publication = SampleLog.Id(4, Publications.Count + 1);
        Publications.Add((publication, differs));
        var counted = new Dictionary<string, int?>
        {
            ["meetingsHeld"] = figure.Held,
            ["attendances"] = figure.Attendances,
            ["unnamed"] = figure.Unnamed,
            ["staffKnown"] = figure.Known,
            ["staffAtLeast"] = figure.Least,
            ["staffAtMost"] = figure.Most,
            ["meetingsWithoutAttendance"] = figure.Without,
        };
        Add(
            "figure_published",
            new
            {
                publicationId = publication,
                question,
                asOf = $"{year}-12-31",
                position = Entries.Count,
                definition,
                figure = counted.Where(c => c.Value is not null).ToDictionary(),
                sentence,
                evidence = new { count = evidence.Count, sha256 = DigestOf(evidence) },
            }
        );
    }
}

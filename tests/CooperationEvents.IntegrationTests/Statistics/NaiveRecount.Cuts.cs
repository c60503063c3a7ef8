using System.Globalization;
using System.Text.Json;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>
/// The figures cut by dimensions and periods, counted from one list of rows: who was there, at which meeting, under which of its
/// frameworks, with one value of every dimension; somebody who belongs to several cells is in as many rows.
/// </summary>
/// <remarks>
/// <para>Where nobody who counts was at a meeting under a framework, one row says so: party, organisation and role are not stated.</para>
/// <para>The people of a delegation have no role that is stated. A host's role of host or co-host makes it one; chairs and openers are
/// neither.</para>
/// <para>A part that is asked about leaves the rows that have all of its values.</para>
/// </remarks>
public sealed partial class NaiveRecount
{
    public const string NotStated = "not-stated";

    /// <summary>The ways to cut the figures; a part is named by all but the framework, which the question names.</summary>
    public static readonly string[] Dimensions =
    [
        "level",
        "party",
        "organisation",
        "area",
        "host",
        "co-host",
        "country",
        "mode",
        "role",
        "year",
    ];

    private readonly List<Row> _rows = [];

    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>The rows of a question about activity up to a day; of a framework, or of all where null.</summary>
    public NaiveRecount Cut(Guid? asked, DateOnly asOf)
    {
        foreach (var (id, meeting) in _meetings)
        {
            var last = LastDayOf(meeting);
            var placements = meeting.Placements.Where(p => asked is null || p.Framework == asked).ToList();
            if (meeting.State != "held" || last > asOf || last < _from)
                continue;
            foreach (var placement in placements)
            {
                var before = _rows.Count;
                foreach (
                    var (person, attendance) in meeting.Attendances.Where(a =>
                        a.Value.Status == "attended" && RolesThatCount.Contains(a.Value.Role)
                    )
                )
                {
                    if (PartyOf(attendance.Organisation, placement.Framework, LastDay(meeting.Start)) is { } party)
                        Add(party, Shown(attendance.Organisation), attendance.Role, Merged(person), null);
                }

                foreach (var (organisation, heads) in meeting.Delegations.Where(d => d.Value.Count > 0))
                {
                    if (PartyOf(organisation, placement.Framework, LastDay(meeting.Start)) is { } party)
                        Add(party, Shown(organisation), NotStated, null, (organisation, heads.Count, heads.Precision));
                }

                if (_rows.Count == before)
                    Add(NotStated, NotStated, NotStated, null, null);

                void Add(string party, string organisation, string role, Guid? person, (Guid, int, string)? heads)
                {
                    foreach (var area in OrNotStated(meeting.Topics))
                    {
                        foreach (var host in OrNotStated(Hosting("host")))
                        {
                            foreach (var coHost in OrNotStated(Hosting("co-host")))
                            {
                                _rows.Add(
                                    new Row(
                                        id,
                                        last,
                                        meeting.End,
                                        IsWithoutAttendance(meeting),
                                        person,
                                        heads,
                                        new()
                                        {
                                            ["framework"] = $"{placement.Framework}",
                                            ["level"] = placement.Level,
                                            ["party"] = party,
                                            ["organisation"] = organisation,
                                            ["area"] = area,
                                            ["host"] = host,
                                            ["co-host"] = coHost,
                                            ["country"] = OrNotStated(meeting.Country),
                                            ["mode"] = OrNotStated(meeting.Mode),
                                            ["role"] = role,
                                            ["year"] = last.Year.ToString(CultureInfo.InvariantCulture),
                                        }
                                    )
                                );
                            }
                        }
                    }
                }
            }

            IEnumerable<string> Hosting(string role) =>
                meeting.Hosts.Where(h => h.Role == role).Select(h => Shown(h.Organisation)).Distinct();
        }

        return this;

        string Shown(Guid organisation) => ShownAs(organisation, asOf)?.ToString() ?? "unallocated";
    }

    /// <summary>Leaves the part with these values.</summary>
    public void Narrow(IEnumerable<KeyValuePair<string, string>> part)
    {
        foreach (var (dimension, value) in part)
            _rows.RemoveAll(r => r.Values[dimension] != value);
    }

    /// <summary>Every cell by its values, with its figures; then the overlap and the total.</summary>
    public IReadOnlyList<string> Breakdown(IReadOnlyList<string> by, IReadOnlyDictionary<string, string> part, Guid? asked)
    {
        var cells = _rows
            .GroupBy(r => string.Join(" ", by.Select(d => Key(d, r.Values["framework"], r.Values[d]))))
            .ToDictionary(g => g.Key, Count);
        var asking = Having(part, asked);
        if (by is ["framework"])
        {
            foreach (var framework in asking)
                cells.TryAdd($"framework {framework.Id}", Count([]));
        }

        if (by is ["level"] or ["party"])
        {
            foreach (var framework in asking)
            {
                foreach (
                    var code in (by[0] == "level" ? framework.Levels : framework.Parties).Where(c => part.GetValueOrDefault(by[0], c) == c)
                )
                    cells.TryAdd(Key(by[0], $"{framework.Id}", code), Count([]));
            }
        }

        var total = Count(_rows);
        return
        [
            .. cells.Select(c => $"{c.Key} {c.Value}").Order(StringComparer.Ordinal),
            $"overlap {cells.Values.Sum(c => c.Meetings.Count) - total.Meetings.Count} "
                + $"{cells.Values.Sum(c => c.WithoutAttendance) - total.WithoutAttendance} "
                + $"{cells.Values.Sum(c => c.Attendances.Count) - total.Attendances.Count} "
                + $"{cells.Values.Sum(c => c.Unnamed) - total.Unnamed}",
            $"total {total}",
            .. by.Count == 1 ? PeopleInRows(by[0]) : [],
        ];
    }

    /// <summary>What a framework does not have it cannot have held anything at: it has no row then.</summary>
    private List<Framework> Having(IReadOnlyDictionary<string, string> part, Guid? asked)
    {
        return [.. _frameworks.Where(f => (asked is null || f.Id == asked) && Has("level", f.Levels) && Has("party", f.Parties))];

        bool Has(string dimension, IEnumerable<string> codes) =>
            !part.TryGetValue(dimension, out var value) || value == NotStated || codes.Contains(value);
    }

    /// <summary>The figures of all rows together.</summary>
    public Tally TotalOfRows => Count(_rows);

    /// <summary>How many persons are in one row, in two, and so on.</summary>
    private IEnumerable<string> PeopleInRows(string by) =>
        _rows
            .Where(r => r.Person is not null)
            .GroupBy(r => r.Person!.Value)
            .GroupBy(person => person.Select(r => Key(by, r.Values["framework"], r.Values[by])).Distinct().Count())
            .OrderBy(g => g.Key)
            .Select(g => $"people in {g.Key}: {g.Count()}");

    /// <summary>
    /// Who attended held meetings and does not count. At each meeting a person is of one kind, the first that they were there, and is
    /// counted in the part if they were of that kind in it.
    /// </summary>
    public string NotCountedOf(Guid? asked, DateOnly asOf, IReadOnlyDictionary<string, string> part)
    {
        var (pairs, guestHeads) = (new[] { 0, 0, 0, 0 }, 0);
        foreach (var meeting in _meetings.Values.Where(m => m.State == "held"))
        {
            var last = LastDayOf(meeting);
            var placements = meeting.Placements.Where(p => (asked is null || p.Framework == asked) && Is("level", p.Level)).ToList();
            if (
                last > asOf
                || last < _from
                || placements.Count == 0
                || !Is("year", $"{last.Year}")
                || !Is("country", OrNotStated(meeting.Country))
                || !Is("mode", OrNotStated(meeting.Mode))
                || !AnyIs("area", meeting.Topics)
                || !AnyIs("host", Hosting("host"))
                || !AnyIs("co-host", Hosting("co-host"))
            )
                continue;
            foreach (var person in meeting.Attendances.Where(a => a.Value.Status == "attended").GroupBy(a => Merged(a.Key), a => a.Value))
            {
                if (person.Any(a => RolesThatCount.Contains(a.Role) && PartiesOf(a.Organisation).Any()))
                    continue;
                var kind = person.Min(a => KindOf(a.Role));
                if (
                    person.Any(a =>
                        KindOf(a.Role) == kind
                        && PartiesOf(a.Organisation).DefaultIfEmpty(NotStated).Any(p => Is("party", p))
                        && Matches(a.Organisation, a.Role)
                    )
                )
                    pairs[kind]++;
            }

            guestHeads += meeting
                .Delegations.Where(d => !PartiesOf(d.Key).Any() && Is("party", NotStated) && Matches(d.Key, NotStated))
                .Sum(d => d.Value.Count);

            IEnumerable<string> PartiesOf(Guid organisation) =>
                placements.Select(p => PartyOf(organisation, p.Framework, LastDay(meeting.Start))).OfType<string>();

            IEnumerable<string> Hosting(string role) =>
                meeting.Hosts.Where(h => h.Role == role).Select(h => Shown(h.Organisation)).Distinct();
        }

        return $"{string.Join(' ', pairs)} {guestHeads}";

        static int KindOf(string role) =>
            role switch
            {
                "observer" => 0,
                "interpreter" => 1,
                "support" => 2,
                _ => 3,
            };

        bool Is(string dimension, string value) => part.GetValueOrDefault(dimension, value) == value;

        bool AnyIs(string dimension, IEnumerable<string> values) => OrNotStated(values).Any(v => Is(dimension, v));

        bool Matches(Guid organisation, string role) => Is("organisation", Shown(organisation)) && Is("role", role);

        string Shown(Guid organisation) => ShownAs(organisation, asOf)?.ToString() ?? "unallocated";
    }

    /// <summary>The same, of an answer of the service.</summary>
    public static IReadOnlyList<string> BreakdownOf(JsonElement answer)
    {
        var by = answer.GetProperty("by").EnumerateArray().Select(d => d.GetString()!).ToList();
        var overlap = answer.GetProperty("overlap");
        return
        [
            .. answer
                .GetProperty("items")
                .EnumerateArray()
                .Select(row => $"{string.Join(" ", by.Select(d => Key(d, Text(row, "framework"), ValueOf(row, d))))} {Figures(row)}")
                .Order(StringComparer.Ordinal),
            $"overlap {overlap.GetProperty("meetingsHeld").GetInt32()} "
                + $"{(overlap.TryGetProperty("meetingsWithoutAttendance", out var without) ? without.GetInt32() : null)} "
                + $"{overlap.GetProperty("attendances").GetInt32()} {overlap.GetProperty("unnamed").GetInt32()}",
            $"total {Figures(answer.GetProperty("total"))}",
            .. overlap.TryGetProperty("people", out var people)
                ? people
                    .EnumerateArray()
                    .Select(p => $"people in {p.GetProperty("rows").GetInt32()}: {p.GetProperty("persons").GetInt32()}")
                : [],
        ];
    }

    /// <summary>
    /// Every period from the first with a meeting to the last, with the figures in it and up to its end; then what is unplaced.
    /// </summary>
    public IReadOnlyList<string> Series(string per)
    {
        var lines = new List<string>();
        if (_rows.Count > 0)
        {
            var end = _rows.Max(r => r.Last);
            for (var period = PeriodOf(per, _rows.Min(r => r.Last)); period.From <= end; period = PeriodOf(per, period.To.AddDays(1)))
            {
                var within = Count(_rows.Where(r => !Unplaced(r) && period.From <= r.Last && r.Last <= period.To));
                lines.Add($"{period.Name} {period.From:O} {period.To:O} {within} | {Count(_rows.Where(r => r.Last <= period.To))}");
            }
        }

        if (_rows.Any(Unplaced))
            lines.Add($"unplaced   {Count(_rows.Where(Unplaced))} | ");
        return lines;

        bool Unplaced(Row row) => per != "year" && row.End.Length == 4;
    }

    public static IReadOnlyList<string> SeriesOf(JsonElement answer) =>
        [
            .. answer
                .GetProperty("items")
                .EnumerateArray()
                .Select(row =>
                    $"{Text(row, "period")} {Text(row, "from")} {Text(row, "to")} {Figures(row.GetProperty("inPeriod"))} | "
                    + $"{(row.TryGetProperty("cumulative", out var all) ? Figures(all) : "")}"
                ),
        ];

    /// <summary>
    /// The meetings of each level in the order they took place, by their days; the median of what lies between them; when the next is due.
    /// </summary>
    public IReadOnlyList<string> Cadence(Guid? asked, IReadOnlyDictionary<string, string> part, DateOnly asOf)
    {
        var lines = new List<string>();
        foreach (var framework in Having(part, asked))
        {
            foreach (var code in framework.Levels.Where(l => part.GetValueOrDefault("level", l) == l))
            {
                var starts = _rows
                    .Where(r => r.Values["framework"] == $"{framework.Id}" && r.Values["level"] == code)
                    .Select(r => r.Meeting)
                    .Distinct()
                    .Select(m => (Day: LastDay(_meetings[m].Start), IsKnown: _first || _meetings[m].Start.Length >= 10))
                    .OrderBy(m => m.Day)
                    .ThenBy(m => m.IsKnown ? 0 : 1)
                    .ToList();
                var intervals = Enumerable
                    .Range(1, Math.Max(0, starts.Count - 1))
                    .Select(i =>
                        starts[i].IsKnown && starts[i - 1].IsKnown ? starts[i].Day.DayNumber - starts[i - 1].Day.DayNumber : (int?)null
                    )
                    .ToList();
                var ordered = intervals.OfType<int>().Order().ToList();
                var (low, high) = ordered.Count == 0 ? (0, 0) : (ordered[(ordered.Count - 1) / 2], ordered[ordered.Count / 2]);
                int? median = ordered.Count == 0 ? null : (low + high) / 2;
                DateOnly? due = median is { } m && starts[^1].IsKnown ? starts[^1].Day.AddDays(m) : null;
                var overdue = _first || due is null ? "" : $"{due < asOf}";
                lines.Add(
                    $"{framework.Id} {code} {starts.Count} {starts.LastOrDefault().Day:O} [{string.Join(",", intervals)}] {median} {due:O} "
                        + $"{overdue}"
                );
            }
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    public static IReadOnlyList<string> CadenceOf(JsonElement answer) =>
        [
            .. answer
                .GetProperty("items")
                .EnumerateArray()
                .Select(row =>
                    $"{Text(row, "framework")} {Text(row, "level")} {row.GetProperty("meetingsHeld").GetInt32()} "
                    + $"{(row.TryGetProperty("last", out var last) ? Text(last, "firstDay") : "0001-01-01")} "
                    + $"[{string.Join(",", row.GetProperty("intervals").EnumerateArray())}] {row.GetProperty("medianInterval")} "
                    + $"{Text(row, "nextDue")} {(row.TryGetProperty("overdue", out var overdue) ? overdue.GetBoolean() : "")}"
                )
                .Order(StringComparer.Ordinal),
        ];

    public static string ValueOf(JsonElement row, string dimension) =>
        dimension == "year" ? row.GetProperty("year").GetInt32().ToString(CultureInfo.InvariantCulture) : Text(row, MemberOf(dimension));

    /// <summary>The parameter, and the member of an answer, for a dimension.</summary>
    public static string MemberOf(string dimension) => dimension == "co-host" ? "coHost" : dimension;

    private static string Key(string dimension, string framework, string value) =>
        dimension is "level" or "party" ? $"{dimension} {framework} {value}" : $"{dimension} {value}";

    private Tally Count(IEnumerable<Row> rows)
    {
        var tally = new Tally(_first);
        foreach (var row in rows)
        {
            tally.Held(row.Meeting, row.IsWithoutAttendance);
            if (row.Person is { } person)
                tally.Attended(row.Meeting, person);
            if (row.Heads is { } heads)
                tally.Present(row.Meeting, heads.Organisation, heads.Count, heads.Precision);
        }

        return tally;
    }

    private static (string Name, DateOnly From, DateOnly To) PeriodOf(string per, DateOnly day)
    {
        var (year, quarter) = (day.Year, (day.Month + 2) / 3);
        return per switch
        {
            "year" => ($"{year}", new(year, 1, 1), new(year, 12, 31)),
            "quarter" => (
                $"{year}-Q{quarter}",
                new(year, 3 * quarter - 2, 1),
                new DateOnly(year, 3 * quarter - 2, 1).AddMonths(3).AddDays(-1)
            ),
            _ => ($"{day:yyyy-MM}", new(year, day.Month, 1), new DateOnly(year, day.Month, 1).AddMonths(1).AddDays(-1)),
        };
    }

    private static IEnumerable<string> OrNotStated(IEnumerable<string> values) => values.DefaultIfEmpty(NotStated);

    private static string OrNotStated(string value) => value.Length == 0 ? NotStated : value;

    /// <param name="End">As it was recorded, however finely.</param>
    /// <param name="Person">Null where nobody, or people not named, were there.</param>
    public sealed record Row(
        Guid Meeting,
        DateOnly Last,
        string End,
        bool IsWithoutAttendance,
        Guid? Person,
        (Guid Organisation, int Count, string Precision)? Heads,
        Dictionary<string, string> Values
    );
}

using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>The sentence in which a figure is stated in public.</summary>
public static class Sentence
{
    private static readonly string[] Months =
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];

    /// <param name="since">When the cooperation started; null where there is none yet.</param>
    /// <param name="parties">The parties whose staff is counted, or the organisation, as the sentence names them.</param>
    /// <param name="level">The name of the one level the figures are of; null where they are of all.</param>
    /// <param name="year">The one year the figures are of; null where they are of all since the start.</param>
    /// <param name="days">The days the figures are between; null where they are of all since the start.</param>
    /// <param name="byFirstDefinition">Whether 0 and 1 are worded as any other number, and nothing is said of what is not recorded.</param>
    public static string Of(
        PartialDate? since,
        IReadOnlyList<string> parties,
        Figures figures,
        string? level = null,
        int? year = null,
        (DateOnly From, DateOnly To)? days = null,
        bool byFirstDefinition = false
    )
    {
        var start = (year, days, since) switch
        {
            ({ } y, _, _) => $"In {Number(y)}, ",
            (_, var (from, to), _) => $"From {Day(from)} to {Day(to)}, ",
            (_, _, { } date) => $"Since the start of the cooperation {In(date)}, ",
            _ => "Since the start of the cooperation, ",
        };
        var isPast = year is not null || days is not null;
        var meetings = (figures.MeetingsHeld, isPast) switch
        {
            (0, false) => "no meetings have taken place",
            (1, false) => "1 meeting has taken place",
            (var n, false) => $"{Number(n)} meetings have taken place",
            (0, _) => "no meetings took place",
            (1, _) => "1 meeting took place",
            (var n, _) => $"{Number(n)} meetings took place",
        };
        var levels = level is null ? "at all levels" : $"at the level {level}";
        if (figures.MeetingsHeld == 0)
            return $"{start}{meetings}{(level is null ? "" : " " + levels)}.";
        var of = parties.Count == 0 ? "" : Joined(parties) + " ";
        var staff =
            byFirstDefinition ? $", involving {Staff(figures.Staff)} {of}staff"
            : figures.Staff.AtLeast == 0 ? ""
            : $", involving {Staff(figures.Staff)} {(IsOne(figures.Staff) ? "member of " : "")}{of}staff";
        return $"{start}{meetings} {levels}{staff}.{NotRecorded(figures.MeetingsWithoutAttendance ?? 0)}";
    }

    /// <summary>
    /// Why no sentence states these figures; null where one does. It says of whom staff is where staff is counted, so that without a
    /// meeting it would deny those of everybody else; and what has no level or party has no name.
    /// </summary>
    public static Problem? Unsayable(string? level, string? party, string? organisation, int meetingsHeld)
    {
        (string Name, string? Value)[] parts = [("level", level), ("party", party), ("organisation", organisation)];
        FieldError[] errors =
        [
            .. from part in parts
            where part.Value is Question.NotStated or Question.Unallocated
            select new FieldError("/" + part.Name, $"No sentence says what has no {part.Name}. Ask for cumulative."),
            .. from part in parts[1..]
            where meetingsHeld == 0 && part.Value is not (null or Question.NotStated or Question.Unallocated)
            select new FieldError(
                "/" + part.Name,
                $"No meeting counts for this {part.Name}, so there is nothing to state. Ask for cumulative."
            ),
        ];
        return errors.Length == 0 ? null : KernelProblems.Invalid.With(errors);
    }

    /// <summary>
    /// Says the framework's start or the days and, where the question names them, the level, the year, and the party or organisation;
    /// no other filter.
    /// </summary>
    internal static async Task<string> Of(Question question, Figures figures, FiguresReader reader, CancellationToken cancellation)
    {
        var frameworks = await reader.Frameworks(question, cancellation);
        var facts = await reader.Facts(question, cancellation);
        IReadOnlyList<string> staff = question.Filter switch
        {
            { Organisation: { } organisation } => [facts.NamesOf(question, organisation)?.ShortName ?? organisation],
            { Party: { } party } => [party],
            _ => [.. frameworks.SelectMany(f => f.Parties).Select(p => p.Code).Distinct()],
        };
        var level =
            question.Filter.Level is { } code && !question.ByFirstDefinition
                ? facts.NameOf(question, "level", code) ?? code
                : question.Filter.Level;
        return Of(
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            staff,
            figures,
            level,
            question.From is null ? question.Filter.Year : null,
            Days(question),
            question.ByFirstDefinition
        );
    }

    /// <summary>"over 300", an exact number, "at least 12" or "between 12 and 20": the first that holds.</summary>
    public static string Staff(StaffInvolved staff)
    {
        var hundreds = 100 * (staff.AtLeast / 100);
        return staff switch
        {
            _ when hundreds >= 100 && staff.AtLeast > hundreds => $"over {Number(hundreds)}",
            _ when staff.AtLeast == staff.AtMost => Number(staff.AtLeast),
            { AtMost: null } => $"at least {Number(staff.AtLeast)}",
            _ => $"between {Number(staff.AtLeast)} and {Number(staff.AtMost.Value)}",
        };
    }

    /// <summary>The days a question with a first day is about, within the year it names.</summary>
    private static (DateOnly, DateOnly)? Days(Question question)
    {
        if (question.From is not { } from)
            return null;
        var to = question.AsOf;
        return question.Filter.Year is { } year
            ? (new[] { from, new DateOnly(year, 1, 1) }.Max(), new[] { to, new DateOnly(year, 12, 31) }.Min())
            : (from, to);
    }

    /// <summary>Whether the number that is said is 1: "member of staff".</summary>
    private static bool IsOne(StaffInvolved staff) => staff is { AtLeast: 1, AtMost: 1 or null };

    private static string NotRecorded(int meetings) =>
        meetings switch
        {
            0 => "",
            1 => " Of 1 meeting, no attendance is recorded.",
            _ => $" Of {Number(meetings)} meetings, no attendance is recorded.",
        };

    private static string Day(DateOnly day) => $"{Number(day.Day)} {Months[day.Month - 1]} {Number(day.Year)}";

    private static string In(PartialDate date) =>
        date.Precision switch
        {
            DatePrecision.Year => $"in {date}",
            DatePrecision.Month => $"in {Months[date.FirstDay.Month - 1]} {date.FirstDay.Year}",
            _ => $"on {Day(date.FirstDay)}",
        };

    private static string Joined(IReadOnlyList<string> names) =>
        names.Count switch
        {
            1 => names[0],
            _ => $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}",
        };

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}

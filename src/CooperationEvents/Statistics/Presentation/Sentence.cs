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
    /// <param name="days">The days the figures are between; null where they are of the whole year, or of all since the start.</param>
    /// <param name="part">Of whom the meetings are, where they are not all.</param>
    /// <param name="byFirstDefinition">Whether 0 and 1 are worded as any other number, and nothing is said of what is not recorded.</param>
    public static string Of(
        PartialDate? since,
        IReadOnlyList<string> parties,
        Figures figures,
        string? level = null,
        int? year = null,
        (DateOnly From, DateOnly To)? days = null,
        MeetingsOf part = MeetingsOf.All,
        bool byFirstDefinition = false
    )
    {
        var start = (days, year, since) switch
        {
            (var (from, to), _, _) => $"From {Day(from)} to {Day(to)}, ",
            (_, { } y, _) => $"In {Number(y)}, ",
            (_, _, { } date) => $"Since the start of the cooperation {In(date)}, ",
            _ => "Since the start of the cooperation, ",
        };
        var isPast = year is not null || days is not null;
        var of = parties.Count == 0 ? "" : Joined(parties) + " ";
        var which = part switch
        {
            MeetingsOf.Nobody => " at which nobody is counted",
            MeetingsOf.Some when figures.Staff.AtLeast == 0 => $" with counted {of}staff",
            _ => "",
        };
        var meetings = (figures.MeetingsHeld, isPast) switch
        {
            (0, false) => $"no meetings{which} have taken place",
            (1, false) => $"1 meeting{which} has taken place",
            (var n, false) => $"{Number(n)} meetings{which} have taken place",
            (0, _) => $"no meetings{which} took place",
            (1, _) => $"1 meeting{which} took place",
            (var n, _) => $"{Number(n)} meetings{which} took place",
        };
        var levels = level is null ? "at all levels" : $"at the level {level}";
        if (figures.MeetingsHeld == 0)
            return $"{start}{meetings}{(level is null ? "" : " " + levels)}.";
        var staff =
            byFirstDefinition ? $", involving {Staff(figures.Staff)} {of}staff"
            : figures.Staff.AtLeast == 0 ? ""
            : $", involving {Staff(figures.Staff)} {(IsOne(figures.Staff) ? "member of " : "")}{of}staff";
        return $"{start}{meetings} {levels}{staff}.{NotRecorded(figures.MeetingsWithoutAttendance ?? 0)}";
    }

    /// <summary>Whether the filter asks for nothing that the sentence does not say: it names either a party or an organisation.</summary>
    public static bool Says(ActivityFilter filter) =>
        filter
            == new ActivityFilter
            {
                Level = filter.Level,
                Year = filter.Year,
                Party = filter.Party,
                Organisation = filter.Organisation,
            }
        && (filter.Party is null || filter.Organisation is null);

    /// <summary>
    /// Says the framework's start or the days and, where the question names them, the level, the year, and the party or organisation;
    /// no other filter.
    /// </summary>
    internal static async Task<string> Of(Question question, Figures figures, FiguresReader reader, CancellationToken cancellation)
    {
        var frameworks = await reader.Frameworks(question, cancellation);

        // Staff of a framework that lacks the level counts in none of its meetings.
        var counting = question.ByFirstDefinition ? frameworks : await reader.FrameworksThatHave(question, cancellation);
        var facts = await reader.Facts(question, cancellation);
        var (organisation, party) = (question.Filter.Organisation, question.Filter.Party);
        IReadOnlyList<string> staff =
            IsNamed(organisation) ? [facts.NamesOf(question, organisation!)?.ShortName ?? organisation!]
            : IsNamed(party) ? [party!]
            : (organisation ?? party) is null ? [.. counting.SelectMany(f => f.Parties).Select(p => p.Code).Distinct()]
            : [];
        var part =
            question.ByFirstDefinition || (organisation ?? party) is null ? MeetingsOf.All
            : staff.Count == 0 ? MeetingsOf.Nobody
            : MeetingsOf.Some;
        var level =
            question.Filter.Level is { } code && !question.ByFirstDefinition
                ? facts.NameOf(question, "level", code) ?? code
                : question.Filter.Level;
        return Of(
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            staff,
            figures,
            level,
            question.Filter.Year,
            Days(question),
            part,
            question.ByFirstDefinition
        );

        bool IsNamed(string? value) => value is not null && (question.ByFirstDefinition || value != Question.NotStated);
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

    /// <summary>
    /// The days of a question with a first day, or of a year that is not over; null where the sentence begins otherwise. The first
    /// definition says a year, whether it is over or not.
    /// </summary>
    private static (DateOnly From, DateOnly To)? Days(Question question) =>
        (question.From, question.Filter.Year) switch
        {
            ({ } from, null) => (from, question.AsOf),
            ({ } from, { } year) => (Later(from, new DateOnly(year, 1, 1)), Earlier(question.AsOf, new DateOnly(year, 12, 31))),
            (null, { } year) when question.AsOf < new DateOnly(year, 12, 31) && !question.ByFirstDefinition => (
                new DateOnly(year, 1, 1),
                question.AsOf
            ),
            _ => null,
        };

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;

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

/// <summary>Of whom the meetings of a sentence are: a sentence about some must not deny those of all others.</summary>
public enum MeetingsOf
{
    All,

    /// <summary>Meetings at which staff of one party or organisation is counted.</summary>
    Some,

    /// <summary>Meetings at which nobody is counted.</summary>
    Nobody,
}

using System.Globalization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Statistics;

/// <summary>The sentence in which a figure is stated in public.</summary>
public static class Sentence
{
    private static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    /// <param name="since">When the cooperation started; null where there is none yet.</param>
    /// <param name="parties">The parties whose staff is counted, or the organisation, as the sentence names them.</param>
    /// <param name="level">The one level the figures are of; null where they are of all.</param>
    /// <param name="year">The one year the figures are of; null where they are of all since the start.</param>
    public static string Of(PartialDate? since, IReadOnlyList<string> parties, Figures figures, string? level = null, int? year = null)
    {
        var start = (year, since) switch
        {
            ({ } y, _) => $"In {Number(y)}, ",
            (_, { } date) => $"Since the start of the cooperation {In(date)}, ",
            _ => "Since the start of the cooperation, ",
        };
        var meetings = (figures.MeetingsHeld, year) switch
        {
            (0, null) => "no meetings have taken place",
            (1, null) => "1 meeting has taken place",
            (var n, null) => $"{Number(n)} meetings have taken place",
            (0, _) => "no meetings took place",
            (1, _) => "1 meeting took place",
            (var n, _) => $"{Number(n)} meetings took place",
        };
        var levels = level is null ? "at all levels" : $"at the level {level}";
        return figures.MeetingsHeld == 0
            ? $"{start}{meetings}{(level is null ? "" : " " + levels)}."
            : $"{start}{meetings} {levels}, involving {Staff(figures.Staff)} {(parties.Count == 0 ? "" : Joined(parties) + " ")}staff.";
    }

    /// <summary>Says the framework's start and, where the question names them, the level, the year, and the party or organisation; nothing else of its part.</summary>
    internal static async Task<string> Of(Question question, Figures figures, FiguresReader reader, CancellationToken cancellation)
    {
        var frameworks = await reader.Frameworks(question, cancellation);
        IReadOnlyList<string> staff = question.Part switch
        {
            { Organisation: { } organisation } => [(await reader.Facts(question, cancellation)).ShortName(question, organisation) ?? organisation],
            { Party: { } party } => [party],
            _ => [.. frameworks.SelectMany(f => f.Parties).Distinct()],
        };
        return Of(frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay), staff, figures, question.Part.Level, question.Part.Year);
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

    private static string In(PartialDate date) => date.Precision switch
    {
        DatePrecision.Year => $"in {date}",
        DatePrecision.Month => $"in {Months[date.FirstDay.Month - 1]} {date.FirstDay.Year}",
        _ => $"on {date.FirstDay.Day} {Months[date.FirstDay.Month - 1]} {date.FirstDay.Year}",
    };

    private static string Joined(IReadOnlyList<string> names) => names.Count switch
    {
        1 => names[0],
        _ => $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}",
    };

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}

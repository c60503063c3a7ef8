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
    /// <param name="parties">The parties whose staff is counted, as the sentence names them.</param>
    public static string Of(PartialDate? since, IReadOnlyList<string> parties, Figures figures)
    {
        var start = since is { } date ? $"Since the start of the cooperation {In(date)}, " : "Since the start of the cooperation, ";
        var meetings = figures.MeetingsHeld switch
        {
            0 => "no meetings have taken place",
            1 => "1 meeting has taken place",
            var n => $"{Number(n)} meetings have taken place",
        };
        return figures.MeetingsHeld == 0
            ? $"{start}{meetings}."
            : $"{start}{meetings} at all levels, involving {Staff(figures.Staff)} {(parties.Count == 0 ? "" : Joined(parties) + " ")}staff.";
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

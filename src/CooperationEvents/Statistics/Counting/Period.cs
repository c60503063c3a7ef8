using System.Globalization;

namespace CooperationEvents.Statistics.Counting;

/// <summary>How long the periods of a series are.</summary>
public enum Per
{
    Year,
    Quarter,
    Month,
}

/// <summary>
/// A year, a quarter or a month, by its number since year 0; or, where <paramref name="Number"/> is null, what is known less
/// finely than by such a period.
/// </summary>
public readonly record struct Period(Per Per, int? Number)
{
    public const string UnplacedWord = "unplaced";

    /// <summary>How a period is written.</summary>
    public const string Pattern = "^(unplaced|[1-9][0-9]{3}(-Q[1-4]|-(0[1-9]|1[0-2]))?)$";

    /// <summary>The period a day is in.</summary>
    public static Period Of(Per per, DateOnly day) =>
        new(
            per,
            per switch
            {
                Per.Year => day.Year,
                Per.Quarter => 4 * day.Year + (day.Month - 1) / 3,
                _ => 12 * day.Year + day.Month - 1,
            }
        );

    /// <summary>The period that a last day is in; unplaced where the end is known less finely.</summary>
    public static Period Of(Per per, Kernel.PartialDate end, DateOnly lastDay) =>
        (per, end.Precision) switch
        {
            (Per.Quarter or Per.Month, Kernel.DatePrecision.Year) => new Period(per, null),
            _ => Of(per, lastDay),
        };

    public DateOnly FirstDay =>
        Number is { } n
            ? Per switch
            {
                Per.Year => new DateOnly(n, 1, 1),
                Per.Quarter => new DateOnly(n / 4, n % 4 * 3 + 1, 1),
                _ => new DateOnly(n / 12, n % 12 + 1, 1),
            }
            : throw new InvalidOperationException("What is unplaced has no days.");

    public DateOnly LastDay =>
        Per switch
        {
            Per.Year => new DateOnly(FirstDay.Year, 12, 31),
            Per.Quarter => MonthEnd(FirstDay.Year, FirstDay.Month + 2),
            _ => MonthEnd(FirstDay.Year, FirstDay.Month),
        };

    /// <summary>
    /// Reads <c>2018</c>, <c>2018-Q2</c>, <c>2018-04</c> or <c>unplaced</c>; null where it is none, or of another length. Nothing is known
    /// less finely than by its year.
    /// </summary>
    public static Period? Parse(string text, Per? per)
    {
        if (text == UnplacedWord)
            return per is Per.Quarter or Per.Month ? new Period(per.Value, null) : null;
        Period? period = text.Length switch
        {
            4 when Day($"{text}-01-01") is { } day => Of(Per.Year, day),
            7 when text[4..6] == "-Q" && text[6] is >= '1' and <= '4' && Day($"{text[..4]}-{3 * (text[6] - '0'):00}-01") is { } day => Of(
                Per.Quarter,
                day
            ),
            7 when Day($"{text}-01") is { } day => Of(Per.Month, day),
            _ => null,
        };
        return per is null || per == period?.Per ? period : null;
    }

    public override string ToString() =>
        Number is null
            ? UnplacedWord
            : Per switch
            {
                Per.Year => $"{FirstDay:yyyy}",
                Per.Quarter => $"{FirstDay:yyyy}-Q{(FirstDay.Month + 2) / 3}",
                _ => $"{FirstDay:yyyy-MM}",
            };

    private static DateOnly MonthEnd(int year, int month) => new(year, month, DateTime.DaysInMonth(year, month));

    private static DateOnly? Day(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year >= 1000
            ? day
            : null;
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CooperationEvents.Kernel;

/// <summary>How finely a <see cref="PartialDate"/> is known.</summary>
public enum DatePrecision
{
    Year,
    Month,
    Day,
    Time,
}

/// <summary>
/// When something happened, as finely as it is known: <c>2021</c>, <c>2012-07</c>, <c>2018-04-04</c>, or a local time
/// <c>2018-04-04T09:30</c> whose zone stands beside it. Its text is its identity.
/// </summary>
[JsonConverter(typeof(PartialDateConverter))]
public readonly record struct PartialDate : IComparable<PartialDate>
{
    /// <summary>What a date without a time of day is written as, in words that complete "Must be …".</summary>
    public const string DayWords = "a year (2021), a month (2012-07) or a day (2018-04-04)";

    /// <summary>What a date is written as that may have a time of day, in words that complete "Must be …".</summary>
    public const string TimeWords =
        "a year (2021), a month (2012-07), a day (2018-04-04) or a local time without offset (2018-04-04T09:30)";

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    private readonly DateTime _start;

    private PartialDate(DateTime start, DatePrecision precision)
    {
        _start = start;
        Precision = precision;
    }

    public DatePrecision Precision { get; }

    /// <summary>The first day it may mean: the day itself, or the first of the month or year.</summary>
    public DateOnly FirstDay => DateOnly.FromDateTime(_start);

    /// <summary>The last day it may mean: the day itself, or the last of the month or year.</summary>
    public DateOnly LastDay =>
        Precision switch
        {
            DatePrecision.Year => new DateOnly(_start.Year, 12, 31),
            DatePrecision.Month => new DateOnly(_start.Year, _start.Month, DateTime.DaysInMonth(_start.Year, _start.Month)),
            _ => FirstDay,
        };

    /// <summary>
    /// The last day of what begins with <paramref name="start"/> and ends with this. An end at midnight belongs to the day before,
    /// where that is not before the first day.
    /// </summary>
    public DateOnly LastDayFrom(PartialDate start) => Time == TimeOnly.MinValue && start.LastDay < LastDay ? LastDay.AddDays(-1) : LastDay;

    /// <summary>The local time of day, where one is given.</summary>
    public TimeOnly? Time => Precision == DatePrecision.Time ? TimeOnly.FromDateTime(_start) : null;

    public static PartialDate Of(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), DatePrecision.Day);

    public static PartialDate Of(DateTime local) => new(local, DatePrecision.Time);

    /// <summary>Reads one of the four forms; years run from 1000 to 9999, and an offset or a <c>Z</c> is not a local time.</summary>
    public static bool TryParse(string? text, out PartialDate date)
    {
        (date, var read) = text switch
        {
            { Length: 4 } => Exactly(text, "yyyy", DatePrecision.Year),
            { Length: 7 } => Exactly(text, "yyyy-MM", DatePrecision.Month),
            { Length: 10 } => Exactly(text, "yyyy-MM-dd", DatePrecision.Day),
            { Length: 16 or 19 } => Exactly(text, TimeFormats[text.Length == 16 ? 0 : 1], DatePrecision.Time),
            _ => default,
        };
        return read && date._start.Year >= 1000;
    }

    public static PartialDate Parse(string text) =>
        TryParse(text, out var date) ? date : throw new FormatException($"'{text}' is not a year, month, day or local time.");

    /// <summary>Orders by the last moment meant, so that a partial date follows every day inside it.</summary>
    public int CompareTo(PartialDate other) => End.CompareTo(other.End);

    public override string ToString() =>
        _start.ToString(
            Precision switch
            {
                DatePrecision.Year => "yyyy",
                DatePrecision.Month => "yyyy-MM",
                DatePrecision.Day => "yyyy-MM-dd",
                _ => _start.Second == 0 ? TimeFormats[0] : TimeFormats[1],
            },
            CultureInfo.InvariantCulture
        );

    private DateTime End => Precision == DatePrecision.Time ? _start : LastDay.ToDateTime(TimeOnly.MaxValue);

    public static bool operator <(PartialDate left, PartialDate right) => left.CompareTo(right) < 0;

    public static bool operator >(PartialDate left, PartialDate right) => left.CompareTo(right) > 0;

    public static bool operator <=(PartialDate left, PartialDate right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PartialDate left, PartialDate right) => left.CompareTo(right) >= 0;

    private static (PartialDate, bool) Exactly(string text, string format, DatePrecision precision) =>
        DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
            ? (new PartialDate(start, precision), true)
            : default;
}

/// <summary>A <see cref="PartialDate"/> is its text in JSON.</summary>
public sealed class PartialDateConverter : JsonConverter<PartialDate>
{
    public override PartialDate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && PartialDate.TryParse(reader.GetString(), out var date)
            ? date
            : throw new JsonException($"Must be {PartialDate.TimeWords}.");

    public override void Write(Utf8JsonWriter writer, PartialDate value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

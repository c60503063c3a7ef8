using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Reading;

/// <summary>
/// The query parameters of one request. All faults are collected; an unknown parameter is one, so that a misspelt filter is not passed
/// over.
/// </summary>
public sealed class QueryParameters(IQueryCollection query)
{
    /// <summary>How many parameters that there are none of are named.</summary>
    private const int MostUnknown = 20;

    private readonly List<FieldError> _errors = [];
    private readonly HashSet<string> _asked = [];

    public string? Text(string name)
    {
        _asked.Add(name);
        if (!query.TryGetValue(name, out var values))
            return null;
        if (
            values is [{ Length: > 0 } text]
            && Characters.Of(text) <= TextAttribute.DefaultMaxLength
            && !text.Contains('\0', StringComparison.Ordinal)
        )
            return text;
        Refuse(name, $"Give the parameter '{name}' once, as 1 to 200 characters.");
        return null;
    }

    public Guid? Id(string name) => Parsed<Guid>(name, Uuid.Read, "a UUID");

    /// <summary>The first day of a day, a month or a year.</summary>
    public DateOnly? FirstDay(string name) => PartialDay(name)?.FirstDay;

    /// <summary>The last day of a day, a month or a year.</summary>
    public DateOnly? LastDay(string name) => PartialDay(name)?.LastDay;

    public int? Number(string name, int least, int most) =>
        Parsed<int>(
            name,
            t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n : null,
            $"a whole number from {least} to {most}"
        );

    public long? Position(string name) => Count(name, "a position");

    /// <param name="what">What is counted from 0 on, in words.</param>
    public long? Count(string name, string what) =>
        Parsed<long>(
            name,
            t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null,
            $"{what}: a whole number, 0 or more"
        );

    public long? Version(string name) =>
        Parsed<long>(
            name,
            t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : null,
            "a version: a whole number, and versions begin at 1"
        );

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        var (time, fault) = TimeText.Read(text);
        if (fault is not null)
            Refuse(name, fault);
        return time;
    }

    public T? Word<T>(string name)
        where T : struct, Enum
    {
        var words = BodyCheck.Words(typeof(T));
        return Parsed<T>(
            name,
            t => words.ToList().IndexOf(t) is >= 0 and var index ? Enum.GetValues<T>()[index] : null,
            $"one of {string.Join(", ", words)}"
        );
    }

    public string? OneOf(string name, params string[] words)
    {
        var text = Text(name);
        if (text is null || words.Contains(text))
            return text;
        Refuse(name, $"Must be one of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>Refuses what begins after it ends, which could only be empty.</summary>
    public void RefuseAfter<T>(T? from, T? to)
        where T : struct, IComparable<T>
    {
        if (from is { } first && to is { } last && first.CompareTo(last) > 0)
            Refuse("from", "Must not be after 'to'.");
    }

    public void Refuse(string name, string detail) => _errors.Add(Error(name, detail));

    /// <summary>What is wrong with the query, once everything has been asked for.</summary>
    public Problem? Fault()
    {
        // A fault of a parameter that is read twice is told once.
        var unknown = query.Keys.Where(name => !_asked.Contains(name)).ToList();
        var errors = _errors
            .Concat(
                unknown
                    .Take(MostUnknown)
                    .Select((name, place) => Error(name, NoParameter(Characters.Shown(name, BodyCheck.LongestName), place > 0)))
            )
            .Distinct()
            .ToList();
        if (unknown.Count > MostUnknown)
            errors.Add(new FieldError("", $"There are {unknown.Count - MostUnknown} more parameters here that are none."));
        return errors.Count == 0 ? null : KernelProblems.Invalid.With(errors);
    }

    private string NoParameter(string name, bool isListed) =>
        isListed ? $"There is no parameter '{name}' here either."
        : _asked.Count == 0 ? $"There is no parameter '{name}' here; there are none."
        : $"There is no parameter '{name}' here; there are {string.Join(", ", _asked.Order())}.";

    private static FieldError Error(string name, string detail) => new("/" + BodyCheck.Escape(name), detail);

    private PartialDate? PartialDay(string name) =>
        Parsed<PartialDate>(
            name,
            t =>
                DateOnly.TryParseExact(t, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                    ? PartialDate.Of(day)
                : PartialDate.TryParse(t, out var date) && date.Precision < DatePrecision.Day ? date
                : null,
            PartialDate.DayWords
        );

    private T? Parsed<T>(string name, Func<string, T?> parse, string words)
        where T : struct
    {
        if (Text(name) is not { } text)
            return null;
        if (parse(text) is { } value)
            return value;
        Refuse(name, $"Must be {words}.");
        return null;
    }
}

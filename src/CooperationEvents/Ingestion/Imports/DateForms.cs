using System.Globalization;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// The forms in which a table writes dates; ours where it states none. No two of them read one text differently, so that a
/// date is never guessed.
/// </summary>
internal sealed partial class DateForms
{
    private static readonly string[] Ours = ["yyyy", "yyyy-MM", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>
    /// Dates to try two forms on: with small and large parts in every order, so that forms that can be mixed up mix up one of them.
    /// </summary>
    private static readonly DateTime[] Samples =
    [
        .. from year in new[] { 1931, 2001, 2010, 2012, 2018 }
        from month in Enumerable.Range(1, 12)
        from day in new[] { 1, 2, 3, 10, 11, 12, 20, 28 }
        from time in new[] { new TimeSpan(0, 0, 0), new TimeSpan(1, 2, 3), new TimeSpan(11, 12, 10), new TimeSpan(20, 18, 12) }
        select new DateTime(year, month, day).Add(time),
    ];

    private readonly string[] _forms;
    private readonly bool _alsoOurs;

    private DateForms(string[] forms)
    {
        _forms = forms;
        _alsoOurs = forms.All(form => Ours.All(ours => Mixed(ours, form) is null && Mixed(DayOf(ours), DayOf(form)) is null));
    }

    /// <summary>The most forms of one mapping.</summary>
    public static int Most => 12;

    /// <summary>The forms, or why they cannot be those of a table.</summary>
    public static (DateForms? Forms, string? Fault) Of(string[] forms)
    {
        if (forms.Length > Most)
            return (null, $"At most {Most} forms of dates are taken.");
        if (!forms.All(IsForm))
        {
            return (
                null,
                "Must be a date format, or a list of them, of the letters y, M, d, H, m, s with anything but letters between them, such as "
                    + "dd/MM/yyyy; "
                    + "no letter without those before it, and the year in four digits: the century of a shorter one would be a guess."
            );
        }

        for (var i = 0; i < forms.Length; i++)
        {
            for (var j = i + 1; j < forms.Length; j++)
            {
                // With a time and without one a column is read alike.
                if (
                    (
                        Mixed(forms[i], forms[j])
                        ?? Mixed(forms[j], forms[i])
                        ?? Mixed(DayOf(forms[i]), DayOf(forms[j]))
                        ?? Mixed(DayOf(forms[j]), DayOf(forms[i]))
                    ) is
                    { } text
                )
                    return (
                        null,
                        $"'{forms[i]}' and '{forms[j]}' read {text} as two different dates. State the one the table is written in."
                    );
            }
        }

        return (new DateForms(forms), null);
    }

    /// <summary>The date in our form; null where it is in none of the stated ones.</summary>
    public string? Read(string text)
    {
        if (_forms.Length == 0)
            return text;
        return _forms.Select(form => Read(text, form)).FirstOrDefault(date => date is not null)
            ?? (_alsoOurs && PartialDate.TryParse(text, out _) ? text : null);
    }

    /// <summary>What is wrong with a text that is no date in these forms.</summary>
    public string Fault(string text)
    {
        var shown = text.Length > 40 ? text[..40] + "…" : text;
        return $"'{shown}' is no date of the form {string.Join(" or ", _forms)}, which the mapping states.";
    }

    /// <summary>A text that the first form writes and the second reads as another date.</summary>
    private static string? Mixed(string writing, string reading) =>
        (
            from sample in Samples
            let text = sample.ToString(writing, CultureInfo.InvariantCulture)
            let read = Read(text, reading)
            where read is not null && read != Read(text, writing)
            select text
        ).FirstOrDefault();

    private static string? Read(string text, string form) =>
        DateTime.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date.ToString(
                form switch
                {
                    _ when form.Contains('H', StringComparison.Ordinal) => "yyyy-MM-dd'T'HH:mm:ss",
                    _ when form.Contains('d', StringComparison.Ordinal) => "yyyy-MM-dd",
                    _ when form.Contains('M', StringComparison.Ordinal) => "yyyy-MM",
                    _ => "yyyy",
                },
                CultureInfo.InvariantCulture
            )
            : null;

    /// <summary>The part of a form that writes the day; the form where a time stands within that.</summary>
    private static string DayOf(string form)
    {
        var (first, last) = (form.AsSpan().IndexOfAny('y', 'M', 'd'), form.AsSpan().LastIndexOfAny('y', 'M', 'd'));
        var day = form[first..(last + 1)];
        return day.AsSpan().ContainsAny('H', 'm', 's') ? form : day;
    }

    /// <summary>Whether it says a date without a gap: a day of no stated month, or a month of no stated year, is none.</summary>
    private static bool IsForm(string form) =>
        Form().IsMatch(form)
        && form.Contains("yyyy", StringComparison.Ordinal)
        && "yMdHms".SkipWhile(form.Contains).All(letter => !form.Contains(letter, StringComparison.Ordinal));

    [GeneratedRegex(@"^[yMdHms](?:[yMdHms]|[^A-Za-z])*$")]
    private static partial Regex Form();
}

using System.Globalization;

namespace CooperationEvents.Verifier.Figures;

/// <summary>The sentence that states a figure (docs/statistics.md).</summary>
internal static class FigureSentence
{
    public static string Of(Publication asked, IReadOnlyList<Framework> frameworks, Func<Guid, string> nameOf, Stated figure)
    {
        var isPast = asked.Year is not null || asked.From is not null;
        var of = Of(asked, frameworks, nameOf);
        var which =
            asked.IsByFirstDefinition || asked is { Party: null, Organisation: null } ? ""
            : asked.IsOfNobody ? " at which nobody is counted"
            : figure.AtLeast == 0 ? $" with counted {of}staff"
            : "";
        var meetings = figure.MeetingsHeld switch
        {
            0 => $"no meetings{which} {(isPast ? "took" : "have taken")} place",
            1 => $"1 meeting{which} {(isPast ? "took" : "has taken")} place",
            var n => $"{n} meetings{which} {(isPast ? "took" : "have taken")} place",
        };
        var levels =
            asked.Level is { } level ? $" at the level {Level(asked, frameworks, level)}"
            : figure.MeetingsHeld == 0 ? ""
            : " at all levels";
        var staff = figure.MeetingsHeld == 0 ? "" : Staff(asked, of, figure);
        var without = figure.WithoutAttendance is > 0 and var missing
            ? $" Of {missing} {(missing == 1 ? "meeting" : "meetings")}, no attendance is recorded."
            : "";
        return $"{Start(asked, frameworks)}{meetings}{levels}{staff}.{without}";
    }

    private static string Start(Publication asked, IReadOnlyList<Framework> frameworks)
    {
        if (asked.From is { } from)
        {
            var (first, last) = asked.Year is { } in_
                ? (Later(from, new DateOnly(in_, 1, 1)), Earlier(asked.AsOf, new DateOnly(in_, 12, 31)))
                : (from, asked.AsOf);
            return $"From {Words(first)} to {Words(last)}, ";
        }

        if (asked.Year is { } year)
        {
            return asked.IsByFirstDefinition || asked.AsOf >= new DateOnly(year, 12, 31)
                ? $"In {year}, "
                : $"From {Words(new DateOnly(year, 1, 1))} to {Words(asked.AsOf)}, ";
        }

        return frameworks.Select(f => f.EstablishedOn).MinBy(Day.First) is { } since
            ? $"Since the start of the cooperation {Since(since)}, "
            : "Since the start of the cooperation, ";
    }

    /// <summary>The names that the frameworks have for the level; by the first definition its code.</summary>
    private static string Level(Publication asked, IReadOnlyList<Framework> frameworks, string code)
    {
        List<string> names = [.. frameworks.Select(f => f.Levels.GetValueOrDefault(code)).OfType<string>().Distinct()];
        return asked.IsByFirstDefinition || names.Count == 0 ? code : string.Join(" or ", names);
    }

    private static string Of(Publication asked, IReadOnlyList<Framework> frameworks, Func<Guid, string> nameOf)
    {
        List<string> names = asked switch
        {
            { Organisation: { } organisation } => [nameOf(organisation)],
            { Party: { } party } => [party],
            _ => [.. frameworks.Where(f => HasLevel(asked, f)).SelectMany(f => f.Parties).Distinct()],
        };
        return names.Count switch
        {
            0 => "",
            1 => $"{names[0]} ",
            _ => $"{string.Join(", ", names.SkipLast(1))} and {names[^1]} ",
        };
    }

    /// <summary>Whether its staff can count; the first definition names the parties of frameworks that lack the level, too.</summary>
    private static bool HasLevel(Publication asked, Framework framework) =>
        asked.IsByFirstDefinition || asked.Level is not { } level || framework.Levels.ContainsKey(level);

    private static string Staff(Publication asked, string of, Stated figure)
    {
        if (!asked.IsByFirstDefinition && figure.AtLeast == 0)
            return "";
        var hundreds = 100 * (figure.AtLeast / 100);
        var isOne = !asked.IsByFirstDefinition && figure is { AtLeast: 1, AtMost: 1 or null };
        var number =
            hundreds >= 100 && figure.AtLeast > hundreds ? $"over {hundreds}"
            : figure.AtMost == figure.AtLeast ? $"{figure.AtLeast}"
            : figure.AtMost is { } most ? $"between {figure.AtLeast} and {most}"
            : $"at least {figure.AtLeast}";
        return $", involving {number} {(isOne ? "member of " : "")}{of}staff";
    }

    private static string Since(string date) =>
        date.Length switch
        {
            4 => $"in {date}",
            7 => $"in {Day.First(date).ToString("MMMM yyyy", CultureInfo.InvariantCulture)}",
            _ => $"on {Words(Day.First(date))}",
        };

    private static string Words(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}

using CooperationEvents.Access;

namespace CooperationEvents.Statistics;

/// <summary>
/// Which cells are too small to be shown to a reader without <c>people:read</c>: those of 1 to 4 staff, and beside each so many
/// others that it cannot be had by subtraction.
/// </summary>
public static class SmallCells
{
    private const int MostPeople = 4;

    /// <summary>Whether the caller is shown every cell.</summary>
    public static bool ShownTo(HttpContext http) => http.User.HasClaim(CallerClaims.Scope, Scopes.PeopleRead);

    /// <summary>Whether 1 to 4 people are known by name, or were there at least, or were counted in all.</summary>
    public static bool IsSmall(Figures figures) =>
        figures.Staff.Known is > 0 and <= MostPeople
        || figures.Staff.AtLeast is > 0 and <= MostPeople
        || figures.Staff.Known + figures.Unnamed is > 0 and <= MostPeople;

    /// <summary>
    /// Which cells of a table to suppress. A line is a set of cells whose sum is known from elsewhere: all of a table, and of a
    /// table in two ways each row and each column. In a line with one suppressed cell its smallest other is suppressed too.
    /// </summary>
    /// <returns>For each cell whether it is suppressed; and whether the sum is, where nothing else could hide a cell.</returns>
    public static (bool[] Cells, bool Sum) Suppress(IReadOnlyList<Figures> cells, IReadOnlyList<IReadOnlyList<int>> lines)
    {
        var suppressed = cells.Select(IsSmall).ToArray();
        var whole = (IReadOnlyList<int>)[.. Enumerable.Range(0, cells.Count)];
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var line in lines.Prepend(whole))
            {
                if (line.Count(i => suppressed[i]) != 1 || Smallest(line.Where(i => !suppressed[i])) is not { } second)
                    continue;
                suppressed[second] = true;
                changed = true;
            }
        }

        return (suppressed, whole.Count(i => suppressed[i]) == 1);

        int? Smallest(IEnumerable<int> line) => line
            .Where(i => HasPeople(cells[i]))
            .OrderBy(i => cells[i].Staff.AtLeast).ThenBy(i => cells[i].Attendances + cells[i].Unnamed).ThenBy(i => i)
            .Select(i => (int?)i).FirstOrDefault();
    }

    /// <summary>
    /// Which periods of a series to suppress, and after which of them the cumulative figure. Two cumulative figures tell what lies
    /// between them, so none is shown until two periods with people lie between it and the one before.
    /// </summary>
    /// <param name="periods">In order; what is unplaced is not among them.</param>
    /// <param name="unplaced">What is placed in no period, where there is any.</param>
    public static (bool[] Periods, bool[] Cumulative, bool Unplaced) SuppressSeries(
        IReadOnlyList<Figures> periods, IReadOnlyList<Figures> cumulative, Figures? unplaced)
    {
        var suppressed = periods.Select(IsSmall).ToArray();
        var after = cumulative.Select(IsSmall).ToArray();
        var hidesUnplaced = unplaced is not null && IsSmall(unplaced);

        // What is unplaced is what the cumulative figures say beyond the periods.
        if (hidesUnplaced)
        {
            for (var i = 0; i < periods.Count - 1; i++)
                after[i] = true;
            if (!suppressed.Any(s => s) && Peopled(periods).OrderBy(i => periods[i].Staff.AtLeast).Select(i => (int?)i).FirstOrDefault() is { } second)
                suppressed[second] = true;
        }

        var open = -1;
        for (var i = 0; i < periods.Count; i++)
        {
            if (open >= 0 && HasPeople(periods[i]))
            {
                suppressed[i] = true;
                open = -1;
            }
            else if (open < 0 && suppressed[i])
            {
                open = i;
            }

            after[i] |= open >= 0;
        }

        // The last of the periods has none after it to hide it: the one before it does, together with what is known between them.
        if (open >= 0)
        {
            var before = Peopled(periods).LastOrDefault(i => i < open, -1);
            if (before >= 0)
            {
                suppressed[before] = true;
                for (var i = before; i < open; i++)
                    after[i] = true;
                for (var i = open; i < periods.Count; i++)
                    after[i] = IsSmall(cumulative[i]) || (hidesUnplaced && i < periods.Count - 1);
            }
        }

        if (unplaced is not null && !hidesUnplaced && suppressed.Count(s => s) == 1 && HasPeople(unplaced))
            hidesUnplaced = true;
        return (suppressed, after, hidesUnplaced);
    }

    private static bool HasPeople(Figures figures) => figures.Attendances > 0 || figures.Unnamed > 0;

    private static IEnumerable<int> Peopled(IReadOnlyList<Figures> periods) => Enumerable.Range(0, periods.Count).Where(i => HasPeople(periods[i]));
}

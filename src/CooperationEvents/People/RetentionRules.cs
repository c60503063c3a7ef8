using CooperationEvents.Kernel;

namespace CooperationEvents.People;

/// <summary>
/// What the register knows of a person's activity in their own record.
/// </summary>
/// <param name="LastDay">The last day on which they were registered, corrected, or began or ended an affiliation.</param>
/// <param name="IsRestricted">Whether what is personal of them is hidden: it is kept as it is.</param>
public sealed record PersonActivity(Guid Id, Guid? MergedInto, DateOnly LastDay, bool IsRestricted);

/// <summary>The rules of retention.</summary>
public static class RetentionRules
{
    /// <summary>
    /// The last day on which each person was active. Those who are merged are one: what one of them did keeps the fields of all. Who is
    /// restricted, or one with somebody who is, is left out.
    /// </summary>
    /// <param name="elsewhere">The last days that other parts of the register know.</param>
    public static IReadOnlyDictionary<Guid, DateOnly> LastActivity(
        IReadOnlyCollection<PersonActivity> people,
        IReadOnlyDictionary<Guid, DateOnly> elsewhere
    )
    {
        var into = people.ToDictionary(p => p.Id, p => p.MergedInto);
        var ones = people
            .GroupBy(p => End(p.Id))
            .Where(one => !one.Any(p => p.IsRestricted))
            .SelectMany(one =>
            {
                var last = one.Max(p => elsewhere.TryGetValue(p.Id, out var day) && day > p.LastDay ? day : p.LastDay);
                return one.Select(p => (p.Id, Last: last));
            });
        return ones.ToDictionary(p => p.Id, p => p.Last);

        Guid End(Guid id)
        {
            while (into.GetValueOrDefault(id) is { } next)
                id = next;
            return id;
        }
    }

    /// <summary>The day since which fields are no longer to be kept; null where they are.</summary>
    /// <param name="days">How many days they are kept after the day of the last activity; null for until the person is erased.</param>
    public static DateOnly? DueSince(int? days, DateOnly lastActivity, DateOnly today) =>
        today.DayNumber - lastActivity.DayNumber > days ? lastActivity.AddDays(days.Value + 1) : null;

    /// <summary>That what these salts sealed has expired; nothing of those that it is recorded of already.</summary>
    public static Decision Expire(Person person, IEnumerable<FieldSalt> salts)
    {
        ValueList<FieldSalt> left =
        [
            .. salts.Where(s => s.Number > person.Expired.GetValueOrDefault(s.Class)).OrderBy(s => s.Class).ThenBy(s => s.Number),
        ];
        return person.Erased || left.Count == 0 ? Decision.Nothing : Decision.Accept(new PersonFieldsExpired(person.Id, left));
    }
}

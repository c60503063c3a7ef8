using System.Security.Cryptography;
using System.Text;

namespace CooperationEvents.Verifier.Figures;

/// <summary>Counts the figure of a publication from what was recorded, by the definition it names (docs/statistics.md).</summary>
internal sealed class Recount
{
    private readonly Publication _asked;
    private readonly RecordedActivity _activity;
    private readonly List<Framework> _frameworks;
    private readonly HashSet<(Guid Meeting, Guid Person)> _pairs = [];
    private readonly HashSet<Guid> _evidence = [];
    private readonly Dictionary<Guid, (int Persons, long Heads)> _present = [];
    private long _unnamed;
    private int _withoutAttendance;
    private bool _isOpen;

    private Recount(Publication asked, RecordedActivity activity)
    {
        (_asked, _activity) = (asked, activity);
        _frameworks = [.. activity.Frameworks.Where(f => asked.Framework is null || f.Id == asked.Framework)];
    }

    public static Stated Of(Publication asked, RecordedActivity activity)
    {
        var recount = new Recount(asked, activity);
        foreach (var meeting in activity.Meetings.Values.Where(recount.IsAsked))
            recount.Count(meeting);
        return recount.Result();
    }

    private bool IsAsked(Meeting meeting)
    {
        var last = LastDay(meeting);
        return meeting is { State: Meeting.Held, IsVoided: false }
            && last <= _asked.AsOf
            && (_asked.From is null || last >= _asked.From)
            && (_asked.Year is null || last.Year == _asked.Year)
            && Placed(meeting).Any();
    }

    /// <summary>An end at midnight belongs to the day before, where that is not before the first day.</summary>
    private DateOnly LastDay(Meeting meeting)
    {
        var last = Day.Last(meeting.End);
        return !_asked.IsByFirstDefinition && Day.IsMidnight(meeting.End) && last > Day.Last(meeting.Start) ? last.AddDays(-1) : last;
    }

    /// <summary>The frameworks asked about under which the meeting is, at the level asked about.</summary>
    private IEnumerable<Framework> Placed(Meeting meeting) =>
        _frameworks.Where(f => meeting.Placements.Any(p => p.Framework == f.Id && _asked.HasLevel(p.Level)));

    private void Count(Meeting meeting)
    {
        var first = Day.Last(meeting.Start);
        var (persons, heads, counts) = (new HashSet<Guid>(), 0L, false);
        foreach (var (person, attendance) in meeting.Attendances.Where(a => a.Value.Counts && Counts(meeting, a.Value.Organisation, first)))
        {
            counts = true;
            _evidence.UnionWith(attendance.Events);
            persons.Add(EndOfLine(person));
        }

        foreach (var (_, delegation) in meeting.Delegations.Where(d => d.Value.Count > 0 && Counts(meeting, d.Key, first)))
        {
            counts = true;
            _evidence.UnionWith(delegation.Events);
            _unnamed += delegation.Count;
            heads += delegation.Precision == "estimated" ? 0 : delegation.Count;
            _isOpen |= delegation.Precision != "exact";
        }

        if (!counts && !(_asked.IsOfNobody && IsWithoutMembers(meeting, first)))
            return;
        _evidence.UnionWith(meeting.Events);
        _pairs.UnionWith(persons.Select(p => (meeting.Id, p)));
        _present[meeting.Id] = (persons.Count, heads);
        _withoutAttendance += meeting.IsWithoutAttendance ? 1 : 0;
    }

    /// <summary>Whether who was there for the organisation counts under one of the frameworks, in the part asked about.</summary>
    private bool Counts(Meeting meeting, Guid organisation, DateOnly day) =>
        (_asked.Organisation is null || ShownAs(organisation) == _asked.Organisation)
        && Placed(meeting).Any(f => f.PartyOf(organisation, day) is { } party && _asked.HasParty(party));

    /// <summary>Whether nobody counts under one of the frameworks, also where somebody counts under another.</summary>
    private bool IsWithoutMembers(Meeting meeting, DateOnly day)
    {
        var organisations = meeting
            .Attendances.Values.Where(a => a.Counts)
            .Select(a => a.Organisation)
            .Concat(meeting.Delegations.Where(d => d.Value.Count > 0).Select(d => d.Key))
            .ToHashSet();
        return Placed(meeting).Any(f => organisations.All(o => f.PartyOf(o, day) is null));
    }

    /// <summary>The organisation, or where organisations are folded the one that stands for it; null where none does.</summary>
    private Guid? ShownAs(Guid organisation)
    {
        while (_asked.IsLineage && _activity.Successions.TryGetValue(organisation, out var succession) && succession.On <= _asked.AsOf)
        {
            if (succession.Follower is not { } follower)
                return null;
            organisation = follower;
        }

        return organisation;
    }

    /// <summary>The person that one is counted as; every link on the way is evidence.</summary>
    private Guid EndOfLine(Guid person)
    {
        while (_activity.Merges.TryGetValue(person, out var merge))
        {
            _evidence.Add(merge.Event);
            person = merge.Into;
        }

        return person;
    }

    private Stated Result()
    {
        var known = _pairs.Select(p => p.Person).Distinct().Count();
        var atLeast = _present.Values.Select(p => p.Persons + p.Heads).Append(known).Max();
        var isOpen = _isOpen || (!_asked.IsByFirstDefinition && _withoutAttendance > 0);
        var counted = new Stated(
            _present.Count,
            _asked.IsByFirstDefinition ? null : _withoutAttendance,
            _pairs.Count,
            _unnamed,
            known,
            atLeast,
            isOpen ? null : known + _unnamed,
            "",
            _evidence.Count,
            Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(_evidence.Select(e => $"{e}\n").Order(StringComparer.Ordinal))))
            )
        );
        return counted with { Sentence = FigureSentence.Of(_asked, _frameworks, NameOfOrganisation, counted) };
    }

    /// <summary>The short name it had on the day asked; of two names from one day the one recorded later.</summary>
    private string NameOfOrganisation(Guid organisation)
    {
        if (!_activity.Names.TryGetValue(organisation, out var names))
            throw new InvalidDataException($"the publication is of organisation {organisation}, and no entry registers it");
        var name = names[0];
        foreach (var next in names.Skip(1).Where(n => n.From <= _asked.AsOf))
            name = next.From >= name.From ? next : name;
        return name.ShortName;
    }
}

using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Audit.Journal;

/// <summary>
/// Whose personal values a conflict or the report of an import shows. Where the journal cannot be written or it is not known who is hidden,
/// nobody's.
/// </summary>
internal sealed class ShownPeople(AccessJournal journal, IKnowHidden hiddenPeople) : IShowPeople
{
    public async Task<IReadOnlySet<Guid>> Of(IReadOnlyCollection<Guid> people, HttpContext http)
    {
        if (people.Count == 0 || !http.User.Has(Scopes.PeopleRead))
            return new HashSet<Guid>();
        try
        {
            var hidden = await hiddenPeople.In(http);
            var shown = people.Where(person => !hidden.Contains(person)).ToHashSet();
            return shown.Count == 0 || await IsJournalled(http) ? shown : new HashSet<Guid>();
        }
        catch (NpgsqlException)
        {
            // The answer tells what was recorded, and stands without what differs.
            return new HashSet<Guid>();
        }
    }

    /// <summary>One row for the request, however many of its problems show something.</summary>
    private Task<bool> IsJournalled(HttpContext http)
    {
        if (http.Items[typeof(ShownPeople)] is Task<bool> recorded)
            return recorded;
        var recording = Record();
        http.Items[typeof(ShownPeople)] = recording;
        return recording;

        async Task<bool> Record() => await journal.Record(http) is null;
    }
}

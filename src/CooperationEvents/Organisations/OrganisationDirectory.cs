using CooperationEvents.Reading;

namespace CooperationEvents.Organisations;

/// <summary>Answers other concepts' questions about organisations; read-only.</summary>
public static class OrganisationDirectory
{
    /// <summary>The names of those of the organisations that there are, as they are called today.</summary>
    public static async Task<IReadOnlyDictionary<Guid, string>> Names(
        Reader reader,
        IEnumerable<Guid> ids,
        CancellationToken cancellation
    ) =>
        (await reader.FindMany<OrganisationView>([.. ids.Distinct()], cancellation)).ToDictionary(
            o => o.Id,
            o => o.AllNames()[o.NamesBefore(reader.Today)].Name
        );
}

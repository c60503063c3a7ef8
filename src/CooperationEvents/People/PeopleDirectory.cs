using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.People;

/// <summary>Answers questions about people; read-only.</summary>
public static class PeopleDirectory
{
    /// <summary>How another system names the person; null where none does, or where the person's key is gone.</summary>
    public static async Task<ExternalReference?> ExternalReference(Work work, Guid personId) =>
        await work.Find<Person>(personId) is { } person && await work.Open(personId, person.ExternalReference) is { } json
            ? JsonSerializer.Deserialize<ExternalReference>(json, Json.Options)
            : null;
}

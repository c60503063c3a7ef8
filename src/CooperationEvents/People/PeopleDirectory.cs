using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Recording;

namespace CooperationEvents.People;

/// <summary>How a person is named and reached.</summary>
public sealed record PersonName(string Name, string? Email);

/// <summary>Answers questions about people; read-only.</summary>
public static class PeopleDirectory
{
    /// <summary>How another system names the person; null where none does, or where the person's key is gone.</summary>
    public static async Task<ExternalReference?> ExternalReference(UnitOfWork work, Guid personId) =>
        await work.Find<Person>(personId) is { } person && await work.Open(personId, person.ExternalReference) is { } json
            ? JsonSerializer.Deserialize<ExternalReference>(json, Json.Options)
            : null;

    /// <summary>
    /// The names of people in plain text, for callers with <c>people:read</c> only. Who is erased, hidden or unreadable has none.
    /// </summary>
    /// <param name="hidden">Whose names are not told.</param>
    public static async Task<IReadOnlyDictionary<Guid, PersonName>> Names(
        Reader reader,
        PersonalData personalData,
        IReadOnlySet<Guid> hidden,
        IReadOnlyCollection<Guid> ids,
        CancellationToken cancellation
    )
    {
        var names = new Dictionary<Guid, PersonName>();
        foreach (var view in await reader.FindMany<PersonView>(ids, cancellation))
        {
            if (
                view.Name is { } sealedName
                && !hidden.Contains(view.Id)
                && await personalData.Open(view.Id, sealedName, cancellation) is { } name
            )
                names.Add(
                    view.Id,
                    new PersonName(name, view.Email is { } email ? await personalData.Open(view.Id, email, cancellation) : null)
                );
        }

        return names;
    }
}

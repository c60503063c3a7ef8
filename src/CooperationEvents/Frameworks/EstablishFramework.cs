using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>Establishes a framework with its parties, levels and areas. Every name is public record.</summary>
public sealed record EstablishFramework(
    [property: Text(200)] string Name,
    PartialDate EstablishedOn,
    [property: Bounds(1, 50)] ValueList<Party> Parties,
    [property: Bounds(1, 50)] ValueList<Level> Levels,
    Guid? Id = null,
    [property: Bounds(0, 200)] ValueList<Area>? Areas = null,
    ExternalReference? ExternalReference = null
) : ICommand
{
    public static Decision Decide(Guid id, Created<Framework>? created, EstablishFramework command)
    {
        var areas = command.Areas ?? [];
        FieldError[] repeated =
        [
            .. Repeated(command.Parties, p => p.Code, "/parties/{0}/code", "Each party needs a code of its own."),
            .. Repeated(command.Levels, l => l.Code, "/levels/{0}/code", "Each level needs a code of its own."),
            .. Repeated(command.Levels, l => l.Rank, "/levels/{0}/rank", "Each level needs a rank of its own."),
            .. Repeated(areas, a => a.Code, "/areas/{0}/code", "Each area needs a code of its own."),
        ];
        return Decision.Create(
            created?.Events,
            created is null ? null : [Now(created, command)],
            repeated.Length > 0 ? KernelProblems.Invalid.With(repeated) : null,
            new FrameworkEstablished(
                id,
                command.Name,
                command.EstablishedOn,
                command.Parties,
                command.Levels,
                areas,
                command.ExternalReference
            )
        );
    }

    /// <summary>
    /// What would establish it as it is now, with the levels and areas it was established with and those that are sent: others, added
    /// since, are no content of its creation.
    /// </summary>
    private static FrameworkEstablished Now(Created<Framework> created, EstablishFramework command)
    {
        var first = created.First<FrameworkEstablished>();
        var levels = first.Levels.Concat(command.Levels).Select(l => l.Code).ToHashSet();
        var areas = first.Areas.Concat(command.Areas ?? []).Select(a => a.Code).ToHashSet();
        return first with
        {
            Levels = [.. created.Now.Levels.Where(l => levels.Contains(l.Code))],
            Areas = [.. created.Now.Areas.Where(a => areas.Contains(a.Code))],
        };
    }

    private static IEnumerable<FieldError> Repeated<T, TKey>(ValueList<T> items, Func<T, TKey> key, string pointer, string detail) =>
        items
            .Select((item, index) => (item, index))
            .GroupBy(i => key(i.item))
            .SelectMany(g => g.Skip(1))
            .Select(i => new FieldError(
                pointer.Replace("{0}", i.index.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal),
                detail
            ));
}

public static class EstablishFrameworkEndpoint
{
    [WolverinePost("/v1/frameworks", OperationId = "establish-framework"), Command(Scopes.ActivityWrite, CreatesAt = "/v1/frameworks/")]
    public static CommandRule Post(EstablishFramework command) =>
        new(work =>
            work.Create<Framework>(command.Id, command.ExternalReference, (id, created) => EstablishFramework.Decide(id, created, command))
        );
}

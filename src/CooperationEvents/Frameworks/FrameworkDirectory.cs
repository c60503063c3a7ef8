using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Recording;

namespace CooperationEvents.Frameworks;

/// <summary>What other concepts may know of a framework.</summary>
public sealed record FrameworkDetails(Guid Id, string Name, ValueList<string> Levels, ValueList<string> Areas, PartialDate? EndedOn);

/// <summary>The name of a framework, and those of its levels and areas by their codes.</summary>
public sealed record FrameworkNames(string Name, IReadOnlyDictionary<string, string> Levels, IReadOnlyDictionary<string, string> Areas);

/// <summary>Answers other concepts' questions about frameworks; read-only.</summary>
public static class FrameworkDirectory
{
    private const int AtATime = 100;

    public static async Task<FrameworkDetails> Details(UnitOfWork work, Guid frameworkId) =>
        await work.Find<Framework>(frameworkId) is { } f
            ? new FrameworkDetails(f.Id, f.Name, [.. f.Levels.Select(l => l.Code)], [.. f.Areas.Select(a => a.Code)], f.EndedOn)
            : throw new InvalidOperationException($"Framework {frameworkId} was resolved but cannot be read.");

    /// <summary>All frameworks, or only that one, as the read models have them.</summary>
    public static async Task<IReadOnlyList<FrameworkDetails>> All(Reader reader, CancellationToken cancellation, Guid? only = null)
    {
        if (only is { } id)
            return [.. (await reader.FindMany<FrameworkView>([id], cancellation)).Select(Details)];
        var all = new List<FrameworkDetails>();
        await foreach (var some in reader.All<FrameworkView>([], AtATime, cancellation))
            all.AddRange(some.Select(Details));
        return all;
    }

    private static FrameworkDetails Details(FrameworkView f) =>
        new(f.Id, f.Name, [.. f.Levels.Select(l => l.Code)], [.. f.Areas.Select(a => a.Code)], f.EndedOn);

    /// <summary>The names of those of the frameworks that there are, as the read models have them.</summary>
    public static async Task<IReadOnlyDictionary<Guid, FrameworkNames>> Names(
        Reader reader,
        IEnumerable<Guid> ids,
        CancellationToken cancellation
    ) =>
        (await reader.FindMany<FrameworkView>([.. ids.Distinct()], cancellation)).ToDictionary(
            f => f.Id,
            f => new FrameworkNames(f.Name, f.Levels.ToDictionary(l => l.Code, l => l.Name), f.Areas.ToDictionary(a => a.Code, a => a.Name))
        );
}

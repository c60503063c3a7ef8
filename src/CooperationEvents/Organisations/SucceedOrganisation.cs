using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Organisations;

/// <summary>
/// Records that from a day on other organisations stand in this one's place: one it merged into or was replaced by, or
/// several it was split into, of which <paramref name="Default"/>, where given, takes what is told of the whole. Memberships are not
/// inherited.
/// </summary>
public sealed record SucceedOrganisation(
    Reference OrganisationId,
    SuccessionKind Kind,
    PartialDate On,
    [property: Bounds(1, 50)] ValueList<Reference> Successors,
    Reference? Default = null
) : ICommand
{
    /// <param name="successors">The successors' ids, in the order of the command.</param>
    /// <param name="lineage">The successors with all who follow them.</param>
    public static Decision Decide(
        Organisation organisation,
        IReadOnlyList<Guid> successors,
        Guid? byDefault,
        IReadOnlySet<Guid> lineage,
        SucceedOrganisation command
    )
    {
        if (Fault(organisation, successors, byDefault, command) is { } fault)
            return fault;
        var succession = new Succession(command.Kind, command.On, [.. successors], byDefault);
        if (organisation.Succession is { } known)
        {
            var differences = Difference.Between(known, succession);
            return differences.Count == 0
                ? Decision.Nothing
                : OrganisationProblems.AlreadySucceeded.Differing(
                    $"The organisation was succeeded on {known.On} by {string.Join(", ", known.Successors)}.",
                    differences
                );
        }

        if (lineage.Contains(organisation.Id))
            return OrganisationProblems.SuccessionInCircle.At(
                "/successors",
                "This organisation itself succeeds one of them. A new name alone is a rename."
            );
        return Decision.Accept(new OrganisationSucceeded(organisation.Id, command.Kind, command.On, [.. successors], byDefault));
    }

    private static Problem? Fault(Organisation organisation, IReadOnlyList<Guid> successors, Guid? byDefault, SucceedOrganisation command)
    {
        for (var i = 0; i < successors.Count; i++)
        {
            if (successors[i] == organisation.Id)
                return KernelProblems.Invalid.At(
                    $"/successors/{i}",
                    "An organisation does not succeed itself. A new name alone is a rename."
                );
            if (successors.Take(i).Contains(successors[i]))
                return KernelProblems.Invalid.At($"/successors/{i}", "A successor is named once.");
        }

        if (command.Kind == SuccessionKind.Split && successors.Count < 2)
            return KernelProblems.Invalid.At(
                "/successors",
                "A split has two successors or more. Where there is one, it is a merge or a replacement."
            );
        if (command.Kind != SuccessionKind.Split && successors.Count > 1)
            return KernelProblems.Invalid.At(
                "/successors",
                "What is merged or replaced has one successor. Where there are several, it is a split."
            );
        if (byDefault is { } id && (command.Kind != SuccessionKind.Split || !successors.Contains(id)))
            return KernelProblems.Invalid.At("/default", "A default is one of the successors of a split.");
        return null;
    }
}

public static class SucceedOrganisationEndpoint
{
    [WolverinePost("/v1/organisations/{organisationId}/succeed", OperationId = "succeed-organisation"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(SucceedOrganisation command) =>
        new(async work =>
        {
            // Two successions decided at the same time could each see the other's line without the link that closes the circle.
            await work.LockRule("succeed-organisation");
            var references = new References().Add(StreamKind.Organisation, command.Default, "/default");
            for (var i = 0; i < command.Successors.Count; i++)
                references.Add(StreamKind.Organisation, command.Successors[i], $"/successors/{i}");
            return await work.Change<Organisation>(command.OrganisationId, references, async (organisation, ids) =>
            {
                Guid[] successors = [.. command.Successors.Select(s => ids.Of(StreamKind.Organisation, s))];
                var byDefault = ids.OfOptional(StreamKind.Organisation, command.Default);
                return SucceedOrganisation.Decide(organisation, successors, byDefault, await Lineage(work, successors), command);
            });
        });

    private static async Task<IReadOnlySet<Guid>> Lineage(UnitOfWork work, IEnumerable<Guid> successors)
    {
        var lineage = new HashSet<Guid>();
        var open = new Queue<Guid>(successors);
        while (open.TryDequeue(out var id))
        {
            if (!lineage.Add(id) || (await work.Find<Organisation>(id))?.Succession is not { } succession)
                continue;
            foreach (var next in succession.Successors)
                open.Enqueue(next);
        }

        return lineage;
    }
}

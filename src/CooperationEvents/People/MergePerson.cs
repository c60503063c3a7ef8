using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// Records that this person and <paramref name="Into"/> are one: they are counted as one from now on, and both entries stay.
/// The reason is free text about a person, and sealed.
/// </summary>
[SealsTexts]
public sealed record MergePerson(Reference PersonId, Reference Into, [property: Text(1000)] string Reason) : ICommand
{
    /// <param name="line">The person merged into, whom that one is merged into, and so on to the end.</param>
    public static Decision Decide(Person person, IReadOnlyList<Guid> line, MergePerson command)
    {
        var into = line[0];
        if (into == person.Id)
            return PersonProblems.MergedIntoItself.At(
                "/into",
                "A person cannot be merged into itself. Name the other entry of the same person."
            );
        if (person.MergedInto == into)
            return Decision.Nothing;
        if (person.MergedInto is { } other)
        {
            return PersonProblems.AlreadyMerged.Differing(
                $"The person is merged into {other}. Unmerge it first, or merge {other} into the right one.",
                [Difference.Of("/into", other, into)]
            );
        }

        if (line.Contains(person.Id))
            return PersonProblems.MergeInCircle.At(
                "/into",
                "That person is merged into this one already. Unmerge it first where it should be the other way round."
            );
        return Decision.Accept(new PersonMerged(person.Id, into, Protected.Of(command.Reason)));
    }
}

public static class MergePersonEndpoint
{
    /// <summary>The rule that who is merged into whom is changed one after the other.</summary>
    internal const string Rule = "merge-person";

    [WolverinePost("/v1/people/{personId}/merge", OperationId = "merge-person"), Command(Scopes.PeopleWrite)]
    public static CommandRule Post(MergePerson command) =>
        new(async work =>
        {
            // Two merges decided at the same time could each see the other's line without the link that closes the circle.
            await work.LockRule(Rule);
            var into = new References().Add(StreamKind.Person, command.Into, "/into");
            return await work.Change<Person>(command.PersonId, into, async (person, ids) =>
                await Line(work, ids.Of(StreamKind.Person, command.Into)) is { } line
                    ? MergePerson.Decide(person, line, command)
                    : KernelProblems.Erased.At("/into", "This person was erased; nothing can be recorded about them any more.")
            );
        });

    /// <summary>The line from a person on; null where somebody in it was erased.</summary>
    private static async Task<IReadOnlyList<Guid>?> Line(UnitOfWork work, Guid into)
    {
        var line = new List<Guid>();
        for (Guid? next = into; next is { } id; )
        {
            line.Add(id);
            var person = await work.Find<Person>(id);
            if (person is { Erased: true })
                return null;
            next = person?.MergedInto;
        }

        return line;
    }
}

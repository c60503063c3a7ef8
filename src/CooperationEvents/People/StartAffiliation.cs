using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// Records that a person works for an organisation, in a function and grade, from a date on. Function and grade are personal data.
/// </summary>
[SealsTexts]
public sealed record StartAffiliation(
    Reference PersonId,
    Reference OrganisationId,
    Guid? Id = null,
    [property: Text(200)] string? Function = null,
    [property: Text(60)] string? Grade = null,
    PartialDate? From = null
) : ICommand
{
    /// <summary>The id the affiliation has: the caller's, or that of one recorded with the same content; null where it is new.</summary>
    public static Guid? Identify(Guid organisationId, IReadOnlyList<AffiliationDetails> known, StartAffiliation command) =>
        command.Id
        ?? known.FirstOrDefault(k => k with { AffiliationId = Guid.Empty } == command.Wanted(Guid.Empty, organisationId))?.AffiliationId;

    /// <param name="known">The person's affiliations in plain text.</param>
    public static Decision Decide(
        Person person,
        Guid affiliationId,
        Guid organisationId,
        IReadOnlyList<AffiliationDetails> known,
        StartAffiliation command
    )
    {
        var wanted = command.Wanted(affiliationId, organisationId);
        if (known.Any(k => k.Says(wanted)))
            return Decision.Nothing;
        var started = Started(person, wanted);
        return known.FirstOrDefault(k => k.AffiliationId == affiliationId) is { } other
            ? KernelProblems.IdInUse.Differing(
                "This id names another affiliation of the person.",
                Difference.Between(Started(person, other), started)
            )
            : Decision.Accept(started);
    }

    private static AffiliationStarted Started(Person person, AffiliationDetails details) =>
        new(
            person.Id,
            details.AffiliationId,
            details.OrganisationId,
            details.FunctionIsUnread ? Protected.Sealed("") : Protected.OfOptional(details.Function),
            details.GradeIsUnread ? Protected.Sealed("") : Protected.OfOptional(details.Grade),
            details.From
        );

    private AffiliationDetails Wanted(Guid affiliationId, Guid organisationId) => new(affiliationId, organisationId, Function, Grade, From);
}

public static class StartAffiliationEndpoint
{
    [WolverinePost("/v1/people/{personId}/affiliations", OperationId = "start-affiliation")]
    [Command(Scopes.PeopleWrite, CreatesAt = "/v1/people/", Part = "affiliationId")]
    public static CommandRule Post(StartAffiliation command) =>
        new(async work =>
        {
            var organisation = new References().Add(StreamKind.Organisation, command.OrganisationId, "/organisationId");
            var affiliationId = Guid.Empty;
            var change = await work.Change<Person>(command.PersonId, organisation, async (person, ids) =>
            {
                var organisationId = ids.Of(StreamKind.Organisation, command.OrganisationId);
                var known = new List<AffiliationDetails>();
                foreach (var (id, affiliation) in person.Affiliations)
                    known.Add(await Opened(person.Id, id, affiliation, work));
                affiliationId = StartAffiliation.Identify(organisationId, known, command) ?? Guid.NewGuid();
                return StartAffiliation.Decide(person, affiliationId, organisationId, known, command);
            });
            return change with { PartId = affiliationId };
        });

    private static async Task<AffiliationDetails> Opened(Guid personId, Guid affiliationId, Affiliation known, UnitOfWork work)
    {
        var (function, grade) = (await work.Open(personId, known.Function), await work.Open(personId, known.Grade));
        return new AffiliationDetails(affiliationId, known.OrganisationId, function, grade, known.From)
        {
            FunctionIsUnread = known.Function is not null && function is null,
            GradeIsUnread = known.Grade is not null && grade is null,
        };
    }
}

/// <summary>An affiliation in plain text, as a rule compares it.</summary>
public sealed record AffiliationDetails(Guid AffiliationId, Guid OrganisationId, string? Function, string? Grade, PartialDate? From)
{
    /// <summary>Whether a function was recorded that cannot be read any more.</summary>
    public bool FunctionIsUnread { get; init; }

    /// <summary>Whether a grade was recorded that cannot be read any more.</summary>
    public bool GradeIsUnread { get; init; }

    /// <summary>Whether this is the affiliation that is wanted, as far as it can still be read.</summary>
    public bool Says(AffiliationDetails wanted) =>
        wanted
        == this with
        {
            Function = FunctionIsUnread ? wanted.Function : Function,
            Grade = GradeIsUnread ? wanted.Grade : Grade,
            FunctionIsUnread = false,
            GradeIsUnread = false,
        };
}

using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>Registers a member of staff. Every field but the organisation and the date is personal data and is sealed.</summary>
[SealsTexts]
public sealed record RegisterPerson(
    [property: Text(200)] string Name,
    Guid? Id = null,
    [property: Text(254, Pattern = MailAddress.RecordedPattern, Words = MailAddress.Words)] string? Email = null,
    FirstAffiliation? Affiliation = null,
    ExternalReference? ExternalReference = null
) : ICommand
{
    /// <param name="created">The events the person was registered with, in plain text; null where they are new.</param>
    /// <param name="now">The person as they are now, in plain text: registered so, with every affiliation, and its end where it has
    /// one.</param>
    public static Decision Decide(Guid id, ValueList<object>? created, ValueList<object>? now, Guid? organisationId, RegisterPerson command)
    {
        var registered = new PersonRegistered(
            id,
            Protected.Of(command.Name),
            Protected.OfOptional(command.Email),
            Protected.OfOptional(command.ExternalReference is { } external ? JsonSerializer.Serialize(external, Json.Options) : null)
        );
        var started = command.Affiliation is { } first
            ? new AffiliationStarted(
                id,
                id,
                organisationId!.Value,
                Protected.OfOptional(first.Function),
                Protected.OfOptional(first.Grade),
                first.From
            )
            : null;
        return Decision.Create(
            Spelled(created, command.Email),
            Spelled(now is null ? null : Registered(now, started), command.Email),
            MailAddress.Fault(command.Email, "/email"),
            PointerOf,
            started is null ? [registered] : [registered, started]
        );
    }

    /// <summary>
    /// What would register the person as they are now: of their affiliations, the one that is most like the one that is sent, or where none
    /// is sent the one they were registered with, until it ended. Others are no content of a registration.
    /// </summary>
    private static ValueList<object> Registered(ValueList<object> now, AffiliationStarted? sent)
    {
        var all = now.OfType<AffiliationStarted>();
        var affiliation = sent is null
            ? all.FirstOrDefault(a =>
                a.AffiliationId == a.PersonId && !now.Any(e => e is AffiliationEnded end && end.AffiliationId == a.PersonId)
            )
            : all.Select(a => a with { AffiliationId = sent.AffiliationId }).MinBy(a => Difference.Between(a, sent).Count);
        return [now.OfType<PersonRegistered>().First(), .. affiliation is null ? [] : new object[] { affiliation }];
    }

    /// <summary>An address is one in any of its spellings: the one that is recorded goes by the spelling that is sent.</summary>
    private static ValueList<object>? Spelled(ValueList<object>? events, string? email) =>
        events is null || email is null
            ? events
            :
            [
                .. events.Select(e =>
                    e is PersonRegistered { Email.Plain: { } recorded } registered && MailAddress.AreSame(recorded, email)
                        ? registered with
                        {
                            Email = Protected.Of(email),
                        }
                        : e
                ),
            ];

    private static string PointerOf(object e) => e is AffiliationStarted ? "/affiliation" : "";
}

public static class RegisterPersonEndpoint
{
    [WolverinePost("/v1/people", OperationId = "register-person"), Command(Scopes.PeopleWrite, CreatesAt = "/v1/people/")]
    public static CommandRule Post(RegisterPerson command) =>
        new(async work =>
        {
            var (ids, unknown) = await work.Resolve(
                new References().Add(StreamKind.Organisation, command.Affiliation?.OrganisationId, "/affiliation/organisationId")
            );
            if (unknown is not null)
                return unknown;
            var keptOut = await work.KeptOut(command.Email);
            var organisationId = ids.OfOptional(StreamKind.Organisation, command.Affiliation?.OrganisationId);
            return await work.Create<Person>(command.Id, command.ExternalReference, async (id, created) =>
            {
                if (created is null)
                    return keptOut ?? RegisterPerson.Decide(id, null, null, organisationId, command);
                // Nobody can say whether it is a repeat.
                if (created.First<PersonRegistered>().Name.Plain is null && await work.HasLostKey(id))
                    return RecordingProblems.KeyGone;
                // What was recorded since is opened only where it is no repeat of the registration.
                var repeat = RegisterPerson.Decide(id, created.Events, created.Events, organisationId, command);
                return repeat == Decision.Nothing
                    ? repeat
                    : RegisterPerson.Decide(id, created.Events, await Now(work, created), organisationId, command);
            });
        });

    /// <summary>
    /// Why this e-mail address is not recorded: somebody with it was erased, and nothing that still knows it brings them back. Null where
    /// nobody was.
    /// </summary>
    internal static async Task<Problem?> KeptOut(this UnitOfWork work, string? email) =>
        email is not null && await work.IsErased(email)
            ? KernelProblems.Erased.At("/email", "Whoever had this address was erased, and it is recorded of nobody again. Leave it out.")
            : null;

    /// <summary>The person as they are now, in plain text. What can no longer be read is neither absent nor compared.</summary>
    private static async Task<ValueList<object>> Now(UnitOfWork work, Created<Person> created)
    {
        var (person, first) = (created.Now, created.First<PersonRegistered>());
        var events = new List<object>
        {
            first with
            {
                Name = await Opened(person.Name) ?? first.Name,
                Email = await Opened(person.Email) ?? (first.Email is { Plain: null } unreadable ? unreadable : null),
            },
        };
        foreach (var (id, affiliation) in person.Affiliations)
        {
            var (function, grade) = (await Opened(affiliation.Function), await Opened(affiliation.Grade));
            events.Add(new AffiliationStarted(person.Id, id, affiliation.OrganisationId, function, grade, affiliation.From));
            if (affiliation.Until is { } until)
                events.Add(new AffiliationEnded(person.Id, id, until));
        }

        return [.. events];

        async Task<Protected?> Opened(SealedField? field) =>
            field is null ? null
            : await work.Open(person.Id, field) is { } plain ? Protected.Of(plain)
            : Protected.Sealed(field.Ciphertext);
    }
}

/// <summary>The affiliation a person is registered with; its id is the person's.</summary>
public sealed record FirstAffiliation(
    Reference OrganisationId,
    [property: Text(200)] string? Function = null,
    [property: Text(60)] string? Grade = null,
    PartialDate? From = null
);

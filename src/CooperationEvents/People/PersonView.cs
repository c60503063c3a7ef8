using System.Text.Json;
using CooperationEvents.Access;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>A person as kept for reading: personal fields stay sealed, and are opened only into an answer. Of an erased person there are none.</summary>
public sealed record PersonView(
    Guid Id,
    long Version,
    string SortKey,
    ValueList<AffiliationView> Affiliations,
    SealedField? Name = null,
    SealedField? Email = null,
    SealedField? ExternalReference = null,
    Guid? MergedInto = null,
    bool? Restricted = null,
    bool? Erased = null) : IView
{
    public static string What => "person";

    public static string Table => $"{ReadModel.Schema}.mt_doc_personview";
}

public sealed record AffiliationView(
    Guid AffiliationId, Guid OrganisationId, SealedField? Function = null, SealedField? Grade = null, PartialDate? From = null, PartialDate? Until = null);

/// <summary>
/// A person as answered. Personal fields are there only for callers with <c>people:read</c>, and for nobody where the person
/// is restricted, was erased, or cannot be read though it should be. Of a merged person, <paramref name="MergedInto"/> is whom
/// it was merged into, and <paramref name="CountedAs"/> the end of the line.
/// </summary>
public sealed record PersonAnswer(
    Guid Id,
    long Version,
    string? Name,
    string? Email,
    ExternalReference? ExternalReference,
    ValueList<AffiliationAnswer> Affiliations,
    Guid? MergedInto,
    Guid? CountedAs,
    bool? Restricted = null,
    bool? Erased = null,
    bool? Unreadable = null);

public sealed record AffiliationAnswer(
    Guid AffiliationId, Guid OrganisationId, string? Function, string? Grade, PartialDate? From, PartialDate? Until);

public sealed partial class PersonViewProjection : SingleStreamProjection<PersonView, Guid>
{
    public PersonViewProjection()
    {
        foreach (var type in ReadModel.EventsOf("person"))
            IncludeType(type);
    }

    public override PersonView? Evolve(PersonView? snapshot, Guid id, IEvent e)
    {
        var recorded = new Recorded(e.Id, e.EventTypeName, e.Data);
        var view = e.Data switch
        {
            PersonRegistered p => new PersonView(
                id,
                0,
                ReadModel.SortKey(e.Sequence),
                [],
                SealedField.Of(recorded, "name", p.Name),
                SealedField.Of(recorded, "email", p.Email),
                SealedField.Of(recorded, "externalReference", p.ExternalReference)),
            PersonDetailsCorrected p => snapshot! with
            {
                Name = SealedField.Of(recorded, "name", p.Name) ?? snapshot.Name,
                Email = p.EmailRemoved ? null : SealedField.Of(recorded, "email", p.Email) ?? snapshot.Email,
            },
            AffiliationStarted a => snapshot! with
            {
                Affiliations =
                [
                    .. snapshot.Affiliations,
                    new AffiliationView(
                        a.AffiliationId,
                        a.OrganisationId,
                        SealedField.Of(recorded, "function", a.Function),
                        SealedField.Of(recorded, "grade", a.Grade),
                        a.From),
                ],
            },
            AffiliationEnded a => snapshot! with
            {
                Affiliations = [.. snapshot.Affiliations.Select(v => v.AffiliationId == a.AffiliationId ? v with { Until = a.Until } : v)],
            },
            PersonMerged m => snapshot! with { MergedInto = m.Into },
            PersonUnmerged => snapshot! with { MergedInto = null },
            PersonRestricted r => snapshot! with { Restricted = r.Restricted ? true : null },
            PersonErased => snapshot! with
            {
                Name = null,
                Email = null,
                ExternalReference = null,
                Affiliations = [.. snapshot.Affiliations.Select(a => a with { Function = null, Grade = null })],
                Erased = true,
            },
            _ => snapshot,
        };
        return view is null ? null : view with { Version = e.Version };
    }
}

internal static class PersonAnswers
{
    /// <summary>Says why what is personal is not there.</summary>
    public static PersonAnswer Said(this PersonalStanding standing, PersonAnswer answer, PersonView view) => answer with
    {
        Erased = view.Erased ?? (standing == PersonalStanding.Erased ? true : null),
        Restricted = view.Erased is null && (view.Restricted == true || standing == PersonalStanding.Restricted) ? true : null,
        Unreadable = view.Erased is null && standing == PersonalStanding.Unreadable ? true : null,
    };
}

public static class GetPersonEndpoint
{
    [WolverineGet("/v1/people/{personId}", OperationId = "get-person"), OpensNames, Query(Scopes.ActivityRead, typeof(PersonAnswer))]
    public static Task<IResult> Get(string personId, HttpContext http, Reader reader, PersonalData personalData)
    {
        return reader.One<PersonView, PersonAnswer>(http, personId, async view => (await personalData.Standing(view.Id, http.RequestAborted)).Said(new PersonAnswer(
            view.Id,
            view.Version,
            await Open(view, view.Name),
            await Open(view, view.Email),
            await Open(view, view.ExternalReference) is { } json ? JsonSerializer.Deserialize<ExternalReference>(json, Json.Options) : null,
            [.. await Task.WhenAll(view.Affiliations.Select(async a => new AffiliationAnswer(
                a.AffiliationId, a.OrganisationId, await Open(view, a.Function), await Open(view, a.Grade), a.From, a.Until)))],
            view.MergedInto,
            await CountedAs(view)), view));

        async Task<Guid?> CountedAs(PersonView view)
        {
            var end = view.MergedInto;
            while (end is { } id && (await reader.Find<PersonView>(id, http.RequestAborted))?.MergedInto is { } next)
                end = next;
            return end;
        }

        async Task<string?> Open(PersonView view, SealedField? field) =>
            field is not null && http.User.Has(Scopes.PeopleRead) ? await personalData.Open(view.Id, field, http.RequestAborted) : null;
    }
}

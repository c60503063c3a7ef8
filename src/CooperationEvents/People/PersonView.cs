using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Organisations;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// A person as kept for reading: personal fields stay sealed, and are opened only into an answer. Of an erased person there are none.
/// <paramref name="Expired"/> holds the salts that were recorded as expired.
/// </summary>
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
    bool? Erased = null,
    ValueList<FieldSalt>? Expired = null
) : IView
{
    public static StreamKind Stream => StreamKind.Person;

    public static string Table => $"{ReadModel.Schema}.mt_doc_personview";
}

public sealed record AffiliationView(
    Guid AffiliationId,
    Guid OrganisationId,
    SealedField? Function = null,
    SealedField? Grade = null,
    PartialDate? From = null,
    PartialDate? Until = null
);

/// <summary>
/// A person as answered. Personal fields are there only for callers with <c>people:read</c>, and for nobody where the person is
/// restricted, or cannot be read though it should be; they are null where the person was erased. <paramref name="Expired"/> names the
/// fields that were kept as long as the rules of retention say, and cannot be read any more; it is there for callers with
/// <c>people:read</c>. Of a merged person, <paramref name="MergedInto"/> is whom it was merged into, and <paramref name="CountedAs"/> the
/// end of the line.
/// </summary>
public sealed record PersonAnswer(
    Guid Id,
    long Version,
    [property: NullOnceErased] string? Name,
    [property: NullOnceErased] string? Email,
    [property: NullOnceErased] ExternalReference? ExternalReference,
    ValueList<AffiliationAnswer> Affiliations,
    Guid? MergedInto,
    Guid? CountedAs,
    bool? Restricted = null,
    bool? Erased = null,
    bool? Unreadable = null,
    ValueList<string>? Expired = null
) : ITellErased
{
    bool ITellErased.IsErased => Erased == true;
}

public sealed record AffiliationAnswer(
    Guid AffiliationId,
    Guid OrganisationId,
    [property: NullOnceErased] string? Function,
    [property: NullOnceErased] string? Grade,
    PartialDate? From,
    PartialDate? Until
) : ITellErased
{
    /// <summary>Whether the person was erased; the answer says so beside the affiliations.</summary>
    internal bool IsErased { get; init; }

    bool ITellErased.IsErased => IsErased;

    /// <summary>By their first days, as the members of a framework; those without one come first, in the order of recording.</summary>
    internal static IEnumerable<AffiliationAnswer> Ordered(IEnumerable<AffiliationAnswer> affiliations) =>
        affiliations.OrderBy(a => a.From?.FirstDay ?? DateOnly.MinValue);
}

/// <summary>A row of the table of people. Names of organisations, and of the person it was merged into, stand beside their ids.</summary>
public sealed record PersonRow(
    Guid Id,
    long Version,
    string? Name,
    string? Email,
    ExternalReference? ExternalReference,
    ValueList<AffiliationAnswer> Affiliations,
    ValueList<string> AffiliationNames,
    Guid? MergedInto,
    string? MergedIntoName,
    Guid? CountedAs,
    string? CountedAsName,
    bool? Restricted,
    bool? Erased,
    bool? Unreadable,
    ValueList<string>? Expired
);

/// <summary>Rows of people, by the names of their members.</summary>
[Mapper(RequiredMappingStrategy = RequiredMappingStrategy.Target)]
internal static partial class PersonMapper
{
    public static partial PersonRow ToRow(
        PersonAnswer person,
        ValueList<string> affiliationNames,
        string? mergedIntoName,
        string? countedAsName
    );
}

public sealed partial class PersonViewProjection() : ViewProjection<PersonView>(StreamKind.Person)
{
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
                SealedField.Of(recorded, "externalReference", p.ExternalReference)
            ),
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
                        a.From
                    ),
                ],
            },
            AffiliationEnded a => snapshot! with
            {
                Affiliations = [.. snapshot.Affiliations.Select(v => v.AffiliationId == a.AffiliationId ? v with { Until = a.Until } : v)],
            },
            PersonMerged m => snapshot! with { MergedInto = m.Into },
            PersonUnmerged => snapshot! with { MergedInto = null },
            PersonRestricted r => snapshot! with { Restricted = r.Restricted ? true : null },
            PersonFieldsExpired x => snapshot! with { Expired = [.. (snapshot.Expired ?? []).Union(x.Expired)] },
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

public static class GetPersonEndpoint
{
    [
        WolverineGet("/v1/people/{personId}", OperationId = "get-person"),
        OpensNames,
        Query(Scopes.ActivityRead, typeof(PersonAnswer), HasTag = true)
    ]
    public static Task<IResult> Get(string personId, HttpContext http, Reader reader, PersonAnswers answers)
    {
        http.Response.Headers.CacheControl = "no-store";
        return reader.One<PersonView, PersonAnswer>(http, personId, view => answers.Of(http, view), varies: _ => true);
    }
}

/// <summary>
/// People, for whoever may read their names. By <c>name</c>, whose words must all stand in theirs, whatever their order, capitals
/// and accents; by <c>email</c>; or by external reference.
/// </summary>
public static class ListPeopleEndpoint
{
    /// <summary>Who is hidden is not found by what is hidden.</summary>
    private static readonly string IsShown = $"id not in ({HiddenPeople.Sql})";

    [WolverineGet("/v1/people", OperationId = "list-people"), OpensNames]
    [List(Scopes.PeopleRead, typeof(Page<PersonAnswer>), "name", "email")]
    public static async Task<IResult> Get(HttpContext http, Reader reader, PersonAnswers answers, Likenesses likenesses)
    {
        http.Response.Headers.CacheControl = "no-store";
        var query = new QueryParameters(http.Request.Query);
        var filter = new List<(string Sql, object Value)>();
        if (query.Text("name") is { } name && NormalForm.OfLine(name).Length == 0)
        {
            query.Refuse("name", "Must not be blank.");
        }
        else if (query.Text("name") is { } words)
        {
            var (named, digests) = await likenesses.Named(Person.Stream, Person.NameTrait, words, http.RequestAborted);
            filter.Add(($"{named} and {IsShown}", digests));
        }

        if (query.Text("email") is { } email)
        {
            filter.Add(
                (
                    $"id in (select stream_id from recording.likeness where digest = any(?)) and {IsShown}",
                    await likenesses.Mail(Person.Stream, Person.EmailTrait, email, http.RequestAborted)
                )
            );
        }

        return await reader.List<PersonView, PersonAnswer, PersonRow>(
            http,
            query,
            filter,
            view => answers.Of(http, view),
            people => answers.Rows(http, people)
        );
    }

    [WolverineGet("/v1/people" + ListTable.MetadataEnding, OperationId = "list-people-csv-metadata")]
    [List(Scopes.PeopleRead, typeof(CsvMetadata), "name", "email")]
    public static IResult GetCsvMetadata(HttpContext http) => ListTable.Metadata<PersonRow>(http, "People");
}

/// <summary>People as they are answered.</summary>
public sealed class PersonAnswers(Reader reader, PersonalData personalData, IKnowHidden hiddenPeople)
{
    public async Task<IReadOnlyList<PersonRow>> Rows(HttpContext http, IReadOnlyList<PersonAnswer> people)
    {
        var affiliations = people.SelectMany(p => p.Affiliations).Select(a => a.OrganisationId);
        var organisations = await OrganisationDirectory.Names(reader, affiliations, http.RequestAborted);
        var merged = new Dictionary<Guid, string?>();
        foreach (
            var view in await reader.FindMany<PersonView>(
                [.. people.SelectMany(p => new[] { p.MergedInto, p.CountedAs }).OfType<Guid>().Distinct()],
                http.RequestAborted
            )
        )
            merged[view.Id] = await Open(http, view, view.Name);
        return
        [
            .. people.Select(p =>
                PersonMapper.ToRow(
                    p,
                    [.. p.Affiliations.Select(a => organisations.GetValueOrDefault(a.OrganisationId, ""))],
                    p.MergedInto is { } into ? merged.GetValueOrDefault(into) : null,
                    p.CountedAs is { } end ? merged.GetValueOrDefault(end) : null
                )
            ),
        ];
    }

    /// <summary>A person, opened for callers with <c>people:read</c>; it says why what is personal is not there.</summary>
    public async Task<PersonAnswer> Of(HttpContext http, PersonView view)
    {
        var isHidden = (await hiddenPeople.In(http)).Contains(view.Id);
        var standing = await personalData.Standing(view.Id, http.RequestAborted, isHidden);
        var isErased = view.Erased == true || standing == PersonalStanding.Erased;
        return new PersonAnswer(
            view.Id,
            view.Version,
            await Open(view.Name),
            await Open(view.Email),
            await Open(view.ExternalReference) is { } json ? JsonSerializer.Deserialize<ExternalReference>(json, Json.Options) : null,
            [
                .. AffiliationAnswer.Ordered(
                    await Task.WhenAll(
                        view.Affiliations.Select(async a => new AffiliationAnswer(
                            a.AffiliationId,
                            a.OrganisationId,
                            await Open(a.Function),
                            await Open(a.Grade),
                            a.From,
                            a.Until
                        )
                        {
                            IsErased = isErased,
                        })
                    )
                ),
            ],
            view.MergedInto,
            await CountedAs()
        )
        {
            Erased = isErased ? true : null,
            Restricted = view.Erased is null && (isHidden || standing == PersonalStanding.Restricted) ? true : null,
            Unreadable = view.Erased is null && standing == PersonalStanding.Unreadable ? true : null,
            Expired = standing == PersonalStanding.Readable && http.User.Has(Scopes.PeopleRead) ? await Expired() : null,
        };

        async Task<ValueList<string>?> Expired()
        {
            var expired = new List<string>();
            foreach (var field in Fields(view))
            {
                if (await personalData.HasExpired(view.Id, field, http.RequestAborted))
                    expired.Add(field.Field);
            }

            return expired.Count == 0 ? null : [.. expired.Distinct()];
        }

        async Task<Guid?> CountedAs()
        {
            var end = view.MergedInto;
            while (end is { } id && (await reader.Find<PersonView>(id, http.RequestAborted))?.MergedInto is { } next)
                end = next;
            return end;
        }

        Task<string?> Open(SealedField? field) => this.Open(http, view, field);
    }

    private static IEnumerable<SealedField> Fields(PersonView view) =>
        new[] { view.Name, view.Email, view.ExternalReference }
            .Concat(view.Affiliations.SelectMany(a => new[] { a.Function, a.Grade }))
            .OfType<SealedField>();

    private async Task<string?> Open(HttpContext http, PersonView view, SealedField? field) =>
        field is not null && http.User.Has(Scopes.PeopleRead) && !(await hiddenPeople.In(http)).Contains(view.Id)
            ? await personalData.Open(view.Id, field, http.RequestAborted)
            : null;
}

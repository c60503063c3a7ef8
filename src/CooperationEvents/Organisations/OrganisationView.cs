using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;
using Wolverine.Http;

namespace CooperationEvents.Organisations;

/// <summary>An organisation as it is read, with each name but the last until it ends, in the order of their days.</summary>
public sealed record OrganisationView(
    Guid Id,
    long Version,
    string SortKey,
    string Name,
    string ShortName,
    ValueList<string> Identifiers,
    ValueList<FormerName> FormerNames,
    ExternalReference? ExternalReference = null,
    SuccessionView? Succession = null
) : IView, IChangeByDay
{
    public static StreamKind Stream => StreamKind.Organisation;

    public static string Table => $"{ReadModel.Schema}.mt_doc_organisationview";

    /// <summary>All names in the order of their days: those that end, and the one that does not.</summary>
    public IReadOnlyList<(string Name, string ShortName)> AllNames() =>
        [.. FormerNames.Select(n => (n.Name, n.ShortName)), (Name, ShortName)];

    /// <summary>How many of <see cref="AllNames"/> it has not any more on that day; the next one it has.</summary>
    public int NamesBefore(DateOnly day) => FormerNames.TakeWhile(n => n.Until.FirstDay <= day).Count();

    object IChangeByDay.On(DateOnly day) => OrganisationAnswer.Of(this, day);
}

/// <summary>A name the organisation had until <paramref name="Until"/>.</summary>
public sealed record FormerName(string Name, string ShortName, PartialDate Until);

/// <summary>A name the organisation will have from <paramref name="From"/> on.</summary>
public sealed record ComingName(string Name, string ShortName, PartialDate From);

/// <summary>Who stands in the organisation's place, and from when.</summary>
public sealed record SuccessionView(SuccessionKind Kind, PartialDate On, ValueList<Guid> Successors, Guid? Default = null);

/// <summary>
/// An organisation as it is answered, with the name it has today, UTC. <paramref name="ComingNames"/> are names recorded for days to
/// come; absent where there are none.
/// </summary>
public sealed record OrganisationAnswer(
    Guid Id,
    long Version,
    string Name,
    string ShortName,
    ValueList<string> Identifiers,
    ValueList<FormerName> FormerNames,
    ExternalReference? ExternalReference,
    SuccessionView? Succession,
    ValueList<ComingName>? ComingNames = null
)
{
    public static OrganisationAnswer Of(OrganisationView view, DateOnly today)
    {
        var (names, before) = (view.AllNames(), view.NamesBefore(today));
        var coming = view
            .FormerNames.Zip(names.Skip(1), (ended, next) => new ComingName(next.Name, next.ShortName, ended.Until))
            .Skip(before);
        return new(
            view.Id,
            view.Version,
            names[before].Name,
            names[before].ShortName,
            view.Identifiers,
            [.. view.FormerNames.Take(before)],
            view.ExternalReference,
            view.Succession,
            before == view.FormerNames.Count ? null : [.. coming]
        );
    }
}

/// <summary>An organisation as a row of a table, with the names of those that succeeded it.</summary>
public sealed record OrganisationRow(
    Guid Id,
    long Version,
    string Name,
    string ShortName,
    ValueList<string> Identifiers,
    ValueList<FormerName> FormerNames,
    ExternalReference? ExternalReference,
    SuccessionRow? Succession,
    ValueList<ComingName>? ComingNames
)
{
    public static async Task<IReadOnlyList<OrganisationRow>> Of(
        IReadOnlyList<OrganisationAnswer> organisations,
        Reader reader,
        CancellationToken cancellation
    )
    {
        var names = await OrganisationDirectory.Names(reader, organisations.SelectMany(o => o.Succession?.Successors ?? []), cancellation);
        return
        [
            .. organisations.Select(o =>
                OrganisationMapper.ToRow(
                    o,
                    o.Succession is { } s
                        ? new SuccessionRow(
                            s.Kind,
                            s.On,
                            s.Successors,
                            [.. s.Successors.Select(id => names.GetValueOrDefault(id, ""))],
                            s.Default,
                            s.Default is { } one ? names.GetValueOrDefault(one) : null
                        )
                        : null
                )
            ),
        ];
    }
}

public sealed record SuccessionRow(
    SuccessionKind Kind,
    PartialDate On,
    ValueList<Guid> Successors,
    ValueList<string> SuccessorNames,
    Guid? Default,
    string? DefaultName
);

/// <summary>Rows of organisations, by the names of their members.</summary>
[Mapper(RequiredMappingStrategy = RequiredMappingStrategy.Target)]
internal static partial class OrganisationMapper
{
    public static partial OrganisationRow ToRow(OrganisationAnswer organisation, SuccessionRow? succession);
}

public sealed partial class OrganisationViewProjection() : ViewProjection<OrganisationView>(StreamKind.Organisation)
{
    public override OrganisationView? Evolve(OrganisationView? snapshot, Guid id, IEvent e)
    {
        var view = e.Data switch
        {
            OrganisationRegistered r => new OrganisationView(
                id,
                0,
                ReadModel.SortKey(e.Sequence),
                r.Name,
                r.ShortName,
                r.Identifiers,
                [],
                r.ExternalReference
            ),
            OrganisationRenamed r => Renamed(snapshot!, r),
            OrganisationSucceeded s => snapshot! with { Succession = new SuccessionView(s.Kind, s.On, s.Successors, s.Default) },
            _ => snapshot,
        };
        return view is null ? null : view with { Version = e.Version };
    }

    /// <summary>The name is that which began last; one that began before it is a former name, in the order of the days.</summary>
    private static OrganisationView Renamed(OrganisationView view, OrganisationRenamed renamed)
    {
        var before = view.FormerNames.TakeWhile(n => n.Until.FirstDay <= renamed.On.FirstDay).ToList();
        if (view.FormerNames.Skip(before.Count).FirstOrDefault() is not { } then)
            return view with
            {
                Name = renamed.Name,
                ShortName = renamed.ShortName,
                FormerNames = [.. before, new FormerName(view.Name, view.ShortName, renamed.On)],
            };
        return view with
        {
            FormerNames =
            [
                .. before,
                then with
                {
                    Until = renamed.On,
                },
                new FormerName(renamed.Name, renamed.ShortName, then.Until),
                .. view.FormerNames.Skip(before.Count + 1),
            ],
        };
    }
}

public static class GetOrganisationEndpoint
{
    [
        WolverineGet("/v1/organisations/{organisationId}", OperationId = "get-organisation"),
        Query(Scopes.ActivityRead, typeof(OrganisationAnswer), Conditional = true)
    ]
    public static Task<IResult> Get(string organisationId, HttpContext http, Reader reader) =>
        reader.One<OrganisationView, OrganisationAnswer>(
            http,
            organisationId,
            view => Task.FromResult(OrganisationAnswer.Of(view, reader.Today)),
            varies: view => view.FormerNames.Count > 0
        );
}

public static class ListOrganisationsEndpoint
{
    [WolverineGet("/v1/organisations", OperationId = "list-organisations"), List(Scopes.ActivityRead, typeof(Page<OrganisationAnswer>))]
    public static Task<IResult> Get(HttpContext http, Reader reader) =>
        reader.List<OrganisationView, OrganisationAnswer, OrganisationRow>(
            http,
            new QueryParameters(http.Request.Query),
            [],
            view => Task.FromResult(OrganisationAnswer.Of(view, reader.Today)),
            organisations => OrganisationRow.Of(organisations, reader, http.RequestAborted)
        );

    [WolverineGet("/v1/organisations" + ListTable.MetadataEnding, OperationId = "list-organisations-csv-metadata")]
    [List(Scopes.ActivityRead, typeof(CsvMetadata))]
    public static IResult GetCsvMetadata(HttpContext http) => ListTable.Metadata<OrganisationRow>(http, "Organisations");
}

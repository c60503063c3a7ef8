using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Organisations;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>A framework as it is read, with every membership in the order it was joined.</summary>
public sealed record FrameworkView(
    Guid Id,
    long Version,
    string SortKey,
    string Name,
    PartialDate EstablishedOn,
    ValueList<Party> Parties,
    ValueList<Level> Levels,
    ValueList<Area> Areas,
    ValueList<MemberView> Members,
    PartialDate? EndedOn = null,
    ExternalReference? ExternalReference = null
) : IView
{
    public static StreamKind Stream => StreamKind.Framework;

    public static string Table => $"{ReadModel.Schema}.mt_doc_frameworkview";
}

public sealed record MemberView(
    Guid OrganisationId,
    string Party,
    PartialDate JoinedOn,
    PartialDate? LeftOn = null,
    string? Evidence = null
);

/// <summary>A framework as it is answered.</summary>
public sealed record FrameworkAnswer(
    Guid Id,
    long Version,
    string Name,
    PartialDate EstablishedOn,
    PartialDate? EndedOn,
    ValueList<Party> Parties,
    ValueList<Level> Levels,
    ValueList<Area> Areas,
    ValueList<MemberView> Members,
    ExternalReference? ExternalReference
);

/// <summary>A framework as a row of a table, with the names of its members and of the parties on whose side they are.</summary>
public sealed record FrameworkRow(
    Guid Id,
    long Version,
    string Name,
    PartialDate EstablishedOn,
    PartialDate? EndedOn,
    ValueList<Party> Parties,
    ValueList<Level> Levels,
    ValueList<Area> Areas,
    ValueList<MemberView> Members,
    ValueList<string> MemberNames,
    ValueList<string> MemberPartyNames,
    ExternalReference? ExternalReference
)
{
    public static async Task<IReadOnlyList<FrameworkRow>> Of(
        IReadOnlyList<FrameworkAnswer> frameworks,
        Reader reader,
        CancellationToken cancellation
    )
    {
        var members = frameworks.SelectMany(f => f.Members).Select(m => m.OrganisationId);
        var names = await OrganisationDirectory.Names(reader, members, cancellation);
        return
        [
            .. frameworks.Select(f =>
                FrameworkMapper.ToRow(
                    f,
                    [.. f.Members.Select(m => names.GetValueOrDefault(m.OrganisationId, ""))],
                    [.. f.Members.Select(m => f.Parties.FirstOrDefault(p => p.Code == m.Party)?.Name ?? "")]
                )
            ),
        ];
    }
}

/// <summary>Answers of a framework, by the names of their members.</summary>
[Mapper(RequiredMappingStrategy = RequiredMappingStrategy.Target)]
internal static partial class FrameworkMapper
{
    public static partial FrameworkAnswer ToAnswer(FrameworkView view);

    public static partial FrameworkRow ToRow(FrameworkAnswer framework, ValueList<string> memberNames, ValueList<string> memberPartyNames);
}

public sealed partial class FrameworkViewProjection() : ViewProjection<FrameworkView>(StreamKind.Framework)
{
    public override FrameworkView? Evolve(FrameworkView? snapshot, Guid id, IEvent e)
    {
        var view = e.Data switch
        {
            FrameworkEstablished f => new FrameworkView(
                id,
                0,
                ReadModel.SortKey(e.Sequence),
                f.Name,
                f.EstablishedOn,
                f.Parties,
                f.Levels,
                f.Areas,
                [],
                null,
                f.ExternalReference
            ),
            MemberJoined m => snapshot! with
            {
                Members = Ordered(snapshot.Members.Append(new MemberView(m.OrganisationId, m.Party, m.JoinedOn, null, m.Evidence))),
            },
            MemberLeft m => snapshot! with
            {
                Members =
                [
                    .. snapshot.Members.Select(v =>
                        v.OrganisationId == m.OrganisationId && v.JoinedOn == m.JoinedOn && v.LeftOn is null
                            ? v with
                            {
                                LeftOn = m.LeftOn,
                            }
                            : v
                    ),
                ],
            },
            MembershipCorrected m => snapshot! with { Members = Ordered(Corrected(snapshot.Members, m)) },
            LevelAdded l => snapshot! with { Levels = [.. snapshot.Levels, l.Level] },
            AreaAdded a => snapshot! with { Areas = [.. snapshot.Areas, a.Area] },
            FrameworkEnded f => snapshot! with { EndedOn = f.EndedOn },
            FrameworkEndCorrected f => snapshot! with { EndedOn = f.Corrected },
            _ => snapshot,
        };
        return view is null ? null : view with { Version = e.Version };
    }

    /// <summary>Replaces one membership; of several that were taken back alike, the first.</summary>
    private static IEnumerable<MemberView> Corrected(ValueList<MemberView> members, MembershipCorrected correction)
    {
        var replaced = members.First(m =>
            m.OrganisationId == correction.OrganisationId && new Membership(m.Party, m.JoinedOn, m.LeftOn) == correction.Replaced
        );
        return members.Select(m =>
            ReferenceEquals(m, replaced)
                ? m with
                {
                    Party = correction.Corrected.Party,
                    JoinedOn = correction.Corrected.JoinedOn,
                    LeftOn = correction.Corrected.LeftOn,
                }
                : m
        );
    }

    private static ValueList<MemberView> Ordered(IEnumerable<MemberView> members) =>
        [.. members.OrderBy(m => m.JoinedOn.FirstDay).ThenBy(m => m.OrganisationId)];
}

public static class GetFrameworkEndpoint
{
    [
        WolverineGet("/v1/frameworks/{frameworkId}", OperationId = "get-framework"),
        Query(Scopes.ActivityRead, typeof(FrameworkAnswer), Conditional = true)
    ]
    public static Task<IResult> Get(string frameworkId, HttpContext http, Reader reader) =>
        reader.One<FrameworkView, FrameworkAnswer>(http, frameworkId, view => Task.FromResult(FrameworkMapper.ToAnswer(view)));
}

public static class ListFrameworksEndpoint
{
    [WolverineGet("/v1/frameworks", OperationId = "list-frameworks"), List(Scopes.ActivityRead, typeof(Page<FrameworkAnswer>))]
    public static Task<IResult> Get(HttpContext http, Reader reader) =>
        reader.List<FrameworkView, FrameworkAnswer, FrameworkRow>(
            http,
            new QueryParameters(http.Request.Query),
            [],
            view => Task.FromResult(FrameworkMapper.ToAnswer(view)),
            frameworks => FrameworkRow.Of(frameworks, reader, http.RequestAborted)
        );

    [WolverineGet("/v1/frameworks" + ListTable.MetadataEnding, OperationId = "list-frameworks-csv-metadata")]
    [List(Scopes.ActivityRead, typeof(CsvMetadata))]
    public static IResult GetCsvMetadata(HttpContext http) => ListTable.Metadata<FrameworkRow>(http, "Frameworks");
}

using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Turns events into bitemporal facts. Each change closes the row that was known and opens another from its own position
/// on, with the ids of the events behind it, so that what was known at any earlier position can still be asked.
/// </summary>
public sealed partial class FactsProjection : EventProjection, IJasperFxProjection<IDocumentOperations>
{
    private readonly FactTables _tables;

    public FactsProjection(FactTables tables)
    {
        _tables = tables;
        Name = "facts";
        foreach (var e in EventType.All)
            IncludeType(e.Type);
        foreach (var table in tables.All)
            Options.DeleteDataInTableOnTeardown(table);
    }

    /// <summary>Applies a page of events, as Marten has them.</summary>
    Task IJasperFxProjection<IDocumentOperations>.ApplyAsync(
        IDocumentOperations operations,
        IReadOnlyList<IEvent> events,
        CancellationToken cancellation
    )
    {
        var facts = new FactWriter(operations, _tables);
        foreach (var e in events)
        {
            facts.Event = e;
            try
            {
                Fold(facts, e.Data);
            }
            catch (Exception failure)
            {
                throw new ApplyEventException(e, failure);
            }
        }

        facts.WriteAdded();
        return Task.CompletedTask;
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation) =>
        new(((IJasperFxProjection<IDocumentOperations>)this).ApplyAsync(operations, [e], cancellation));

    private static void Fold(FactWriter facts, object data)
    {
        switch (data)
        {
            case OrganisationRegistered e:
                AddName(facts, e.OrganisationId, e.ShortName, e.Name, DateOnly.MinValue);
                break;
            case OrganisationRenamed e:
                AddName(facts, e.OrganisationId, e.ShortName, e.Name, e.On.FirstDay);
                break;
            case OrganisationSucceeded e:
                facts
                    .AddWithEvidence(facts.Tables.Succession)
                    .Set("organisation_id", e.OrganisationId)
                    .Set("follower_id", Follower(e))
                    .Set("valid_from", e.On.FirstDay);
                break;
            case FrameworkEstablished e:
                facts.Write(
                    facts.Tables.Framework,
                    $"insert into {facts.Tables.Framework} (framework_id, name, established_on, parties, party_names, known_from) values "
                        + $"(?, ?, ?, ?, ?, ?)",
                    e.FrameworkId,
                    e.Name,
                    e.EstablishedOn.ToString(),
                    e.Parties.Select(p => p.Code).ToArray(),
                    e.Parties.Select(p => p.Name).ToArray(),
                    facts.Position
                );
                foreach (var level in e.Levels)
                    AddLevel(facts, e.FrameworkId, level);
                foreach (var area in e.Areas)
                    AddArea(facts, e.FrameworkId, area);
                break;
            case LevelAdded e:
                AddLevel(facts, e.FrameworkId, e.Level);
                break;
            case AreaAdded e:
                AddArea(facts, e.FrameworkId, e.Area);
                break;
            case PersonRegistered e:
                facts.Add(facts.Tables.Person).Set("person_id", e.PersonId);
                break;
            case MemberJoined e:
                facts
                    .AddWithEvidence(facts.Tables.Membership)
                    .Set("framework_id", e.FrameworkId)
                    .Set("organisation_id", e.OrganisationId)
                    .Set("party", e.Party)
                    .Set("joined_on", e.JoinedOn.FirstDay);
                break;
            case MemberLeft e:
                ReplaceMembership(facts, e.FrameworkId, e.OrganisationId, null, e.JoinedOn, null, null, e.JoinedOn, e.LeftOn);
                break;
            case MembershipCorrected e:
                ReplaceMembership(
                    facts,
                    e.FrameworkId,
                    e.OrganisationId,
                    e.Replaced.Party,
                    e.Replaced.JoinedOn,
                    e.Replaced.LeftOn,
                    e.Corrected.Party,
                    e.Corrected.JoinedOn,
                    e.Corrected.LeftOn
                );
                break;
            case PersonMerged e:
                Merge(facts, e.PersonId, e.Into);
                break;
            case PersonUnmerged e:
                Unmerge(facts, e.PersonId);
                break;
            case Tombstone:
                // Marten leaves it where a save lost its race; a composite projection gets it whatever types it includes.
                break;
            default:
                if (!FoldMeeting(facts, data) && !FoldCommitment(facts, data) && EventType.Of(data.GetType()).MakesFacts)
                    throw new InvalidOperationException($"{data.GetType().Name} makes no fact. Fold it here, or mark it as [NoFact].");
                break;
        }
    }

    private static void AddName(FactWriter facts, Guid organisationId, string shortName, string name, DateOnly from) =>
        facts
            .Add(facts.Tables.OrganisationName)
            .Set("organisation_id", organisationId)
            .Set("short_name", shortName)
            .Set("name", name)
            .Set("valid_from", from);

    private static void AddLevel(FactWriter facts, Guid frameworkId, Level level) =>
        facts
            .Add(facts.Tables.Level)
            .Set("framework_id", frameworkId)
            .Set("code", level.Code)
            .Set("name", level.Name)
            .Set("rank", level.Rank);

    private static void AddArea(FactWriter facts, Guid frameworkId, Area area) =>
        facts.Add(facts.Tables.Area).Set("framework_id", frameworkId).Set("code", area.Code).Set("name", area.Name);

    /// <summary>
    /// Replaces one membership. Two that were taken back may be alike, with no day between joining and leaving: then it replaces either of
    /// them, since no figure depends on which.
    /// </summary>
    private static void ReplaceMembership(
        FactWriter facts,
        Guid frameworkId,
        Guid organisationId,
        string? party,
        PartialDate joined,
        PartialDate? left,
        string? newParty,
        PartialDate newJoined,
        PartialDate? newLeft
    ) =>
        facts.Write(
            facts.Tables.Membership,
            $"""
            with old as (
                update {facts.Tables.Membership} set known_to = ?
                where (framework_id, organisation_id, known_from) in (
                    select framework_id, organisation_id, known_from from {facts.Tables.Membership}
                    where framework_id = ? and organisation_id = ? and (?::text is null or party = ?) and joined_on = ?
                        and left_on is not distinct from ?::date
                      and known_to is null
                    order by known_from limit 1)
                returning *
            )
            insert into {facts.Tables.Membership} (framework_id, organisation_id, party, joined_on, left_on, evidence, known_from)
            select framework_id, organisation_id, coalesce(?, party), ?, ?::date, evidence || ?, ? from old
            """,
            facts.Position,
            frameworkId,
            organisationId,
            Text(party),
            Text(party),
            joined.FirstDay,
            Day(left),
            Text(newParty),
            newJoined.FirstDay,
            Day(newLeft),
            facts.Evidence,
            facts.Position
        );

    /// <summary>The organisation that follows this one as a whole; null where it was split without a default.</summary>
    private static Guid? Follower(OrganisationSucceeded e) => e.Kind == SuccessionKind.Split ? e.Default : e.Successors[0];

    private static object Text(string? text) => text is null ? DBNull.Value : text;

    private static object Day(PartialDate? date) => date is { } day ? day.FirstDay : DBNull.Value;
}

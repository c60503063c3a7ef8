using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Turns events into bitemporal facts. Each change closes the row that was known and opens another from its own position
/// on, with the ids of the events behind it, so that what was known at any earlier position can still be asked.
/// </summary>
public sealed partial class FactsProjection : EventProjection
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

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        Fold(new Writer(operations, _tables, e), e.Data);
        return ValueTask.CompletedTask;
    }

    private static void Fold(Writer facts, object data)
    {
        switch (data)
        {
            case OrganisationRegistered e:
                facts.Write(
                    $"insert into {facts.Tables.OrganisationName} (organisation_id, short_name, name, valid_from, known_from) values (?, "
                        + $"?, ?, ?, ?)",
                    e.OrganisationId,
                    e.ShortName,
                    e.Name,
                    DateOnly.MinValue,
                    facts.Position
                );
                break;
            case OrganisationRenamed e:
                facts.Write(
                    $"insert into {facts.Tables.OrganisationName} (organisation_id, short_name, name, valid_from, known_from) values (?, "
                        + $"?, ?, ?, ?)",
                    e.OrganisationId,
                    e.ShortName,
                    e.Name,
                    e.On.FirstDay,
                    facts.Position
                );
                break;
            case OrganisationSucceeded e:
                facts.Write(
                    $"insert into {facts.Tables.Succession} (organisation_id, follower_id, valid_from, evidence, known_from) values (?, ?, "
                        + $"?, ?, ?)",
                    e.OrganisationId,
                    Follower(e) is { } follower ? follower : DBNull.Value,
                    e.On.FirstDay,
                    facts.Evidence,
                    facts.Position
                );
                break;
            case FrameworkEstablished e:
                facts.Write(
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
                facts.Write($"insert into {facts.Tables.Person} (person_id, known_from) values (?, ?)", e.PersonId, facts.Position);
                break;
            case MemberJoined e:
                facts.Write(
                    $"insert into {facts.Tables.Membership} (framework_id, organisation_id, party, joined_on, evidence, known_from) values "
                        + $"(?, ?, ?, ?, ?, ?)",
                    e.FrameworkId,
                    e.OrganisationId,
                    e.Party,
                    e.JoinedOn.FirstDay,
                    facts.Evidence,
                    facts.Position
                );
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

    private static void AddLevel(Writer facts, Guid frameworkId, Level level) =>
        facts.Write(
            $"insert into {facts.Tables.Level} (framework_id, code, name, rank, known_from) values (?, ?, ?, ?, ?)",
            frameworkId,
            level.Code,
            level.Name,
            level.Rank,
            facts.Position
        );

    private static void AddArea(Writer facts, Guid frameworkId, Area area) =>
        facts.Write(
            $"insert into {facts.Tables.Area} (framework_id, code, name, known_from) values (?, ?, ?, ?)",
            frameworkId,
            area.Code,
            area.Name,
            facts.Position
        );

    /// <summary>
    /// Replaces one membership. Two that were taken back may be alike, with no day between joining and leaving: then it replaces either of
    /// them, since no figure depends on which.
    /// </summary>
    private static void ReplaceMembership(
        Writer facts,
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

    /// <summary>Writes the facts of one event, in the transaction of the projection.</summary>
    private sealed class Writer(IDocumentOperations operations, FactTables tables, IEvent e)
    {
        public FactTables Tables { get; } = tables;

        public long Position { get; } = e.Sequence;

        public Guid[] Evidence { get; } = [e.Id];

        /// <summary>The day it was recorded on, in UTC.</summary>
        public DateOnly Day { get; } = DateOnly.FromDateTime(e.Timestamp.UtcDateTime);

        public void Write(string sql, params object[] values) => operations.QueueSqlCommand(sql, values);
    }
}

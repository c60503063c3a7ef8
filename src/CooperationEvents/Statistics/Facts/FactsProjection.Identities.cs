namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Which persons are one. The links of merges are kept as they were recorded. Whom a merged person is counted as, at the end of its line of
/// links, is worked out when a link comes or goes, so that no figure has to follow lines.
/// </summary>
public sealed partial class FactsProjection
{
    /// <summary>The person, and everybody who was counted as that person, are counted as the end of the other's line.</summary>
    private static void Merge(FactWriter facts, Guid personId, Guid into)
    {
        facts.AddWithEvidence(facts.Tables.PersonMerge).Set("person_id", personId).Set("into_id", into);
        facts.Write(
            facts.Tables.PersonIdentity,
            $"""
            with line as (
                select coalesce(i.counted_as, other.id) as counted_as, coalesce(i.evidence, array[]::uuid[]) as evidence
                from (select ?::uuid as id) other
                left join {facts.Tables.PersonIdentity} i on i.person_id = other.id and i.known_to is null
            ),
            old as (
                update {facts.Tables.PersonIdentity} set known_to = ? where counted_as = ? and known_to is null returning person_id,
                    evidence
            )
            insert into {facts.Tables.PersonIdentity} (person_id, counted_as, evidence, known_from)
            select moved.person_id, line.counted_as, moved.evidence || ? || line.evidence, ?
            from (select person_id, evidence from old union all select ?, array[]::uuid[]) moved cross join line
            """,
            into,
            facts.Position,
            personId,
            facts.Evidence,
            facts.Position,
            personId
        );
    }

    /// <summary>The person, and everybody whose line leads through that person, are counted as that person again.</summary>
    private static void Unmerge(FactWriter facts, Guid personId)
    {
        facts.Write(
            facts.Tables.PersonMerge,
            $"update {facts.Tables.PersonMerge} set known_to = ? where person_id = ? and known_to is null",
            facts.Position,
            personId
        );
        facts.Write(
            facts.Tables.PersonIdentity,
            $"""
            with recursive behind (person_id, evidence) as (
                select ?::uuid, array[]::uuid[]
                union all
                select m.person_id, m.evidence || behind.evidence from {facts.Tables.PersonMerge} m join behind
                    on m.into_id = behind.person_id where m.known_to is null
            ),
            old as (
                update {facts.Tables.PersonIdentity} set known_to = ? where person_id in (select person_id from behind)
                    and known_to is null returning person_id
            )
            insert into {facts.Tables.PersonIdentity} (person_id, counted_as, evidence, known_from)
            select behind.person_id, ?, behind.evidence, ? from behind join old using (person_id) where behind.person_id <> ?
            """,
            personId,
            facts.Position,
            personId,
            facts.Position,
            personId
        );
    }
}

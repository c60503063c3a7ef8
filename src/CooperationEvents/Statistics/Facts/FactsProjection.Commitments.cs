using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.Statistics.Facts;

/// <summary>What is known of commitments. No figure counts them: analysts read them.</summary>
public sealed partial class FactsProjection
{
    /// <summary>What is known of a commitment, beside its id.</summary>
    private static readonly (string Name, string Type)[] CommitmentColumns =
    [
        ("framework_id", "uuid"),
        ("meeting_id", "uuid"),
        ("owners", "uuid[]"),
        ("area", "text"),
        ("recorded_on", "date"),
        ("due_on", "date"),
        ("status", "text"),
    ];

    /// <summary>Whether it is an event of a commitment that a fact depends on; it is folded then.</summary>
    private static bool FoldCommitment(FactWriter facts, object data)
    {
        switch (data)
        {
            case CommitmentMade e:
                facts.Write(
                    facts.Tables.Commitment,
                    $"insert into {facts.Tables.Commitment} (commitment_id, framework_id, meeting_id, owners, area, recorded_on, due_on, "
                        + $"status, known_from) values (?, ?, ?, ?, ?, ?, ?, 'open', ?)",
                    e.CommitmentId,
                    e.FrameworkId,
                    Id(e.MeetingId),
                    e.Owners.ToArray(),
                    Text(e.Area),
                    facts.Day,
                    LastDay(e.DueOn),
                    facts.Position
                );
                break;
            case CommitmentCorrected e:
                ChangeCommitment(facts, e.CommitmentId, [.. Corrections(e.Replaced, e.Corrected)]);
                break;
            case CommitmentDueDateChanged e:
                ChangeCommitment(facts, e.CommitmentId, ("due_on", LastDay(e.DueOn)));
                break;
            case CommitmentFulfilled e:
                ChangeCommitment(facts, e.CommitmentId, ("status", "fulfilled"));
                break;
            case CommitmentDropped e:
                ChangeCommitment(facts, e.CommitmentId, ("status", "dropped"));
                break;
            case CommitmentReopened e:
                ChangeCommitment(facts, e.CommitmentId, ("status", "open"));
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Closes what was known of a commitment and opens another row, with these columns changed.</summary>
    private static void ChangeCommitment(FactWriter facts, Guid commitmentId, params (string Column, object Value)[] changes)
    {
        if (changes.Length == 0)
            return;
        var values = changes.ToDictionary(c => c.Column, c => c.Value);
        var columns = CommitmentColumns.Select(c => values.ContainsKey(c.Name) ? $"?::{c.Type}" : c.Name);
        facts.Write(
            facts.Tables.Commitment,
            $"""
            with old as (
                update {facts.Tables.Commitment} set known_to = ? where commitment_id = ? and known_to is null returning *
            )
            insert into {facts.Tables.Commitment} (commitment_id, {string.Join(", ", CommitmentColumns.Select(c => c.Name))}, known_from)
            select commitment_id, {string.Join(", ", columns)}, ? from old
            """,
            [
                facts.Position,
                commitmentId,
                .. CommitmentColumns.Where(c => values.ContainsKey(c.Name)).Select(c => values[c.Name]),
                facts.Position,
            ]
        );
    }

    /// <summary>The columns a correction changes: those it gives a value, and those it empties.</summary>
    private static IEnumerable<(string Column, object Value)> Corrections(CommitmentFacts replaced, CommitmentFacts corrected) =>
        [
            .. corrected.Owners is { } owners ? [("owners", (object)owners.ToArray())] : Array.Empty<(string, object)>(),
            .. corrected.MeetingId is not null || replaced.MeetingId is not null
                ? [("meeting_id", Id(corrected.MeetingId))]
                : Array.Empty<(string, object)>(),
            .. corrected.Area is not null || replaced.Area is not null ? [("area", Text(corrected.Area))] : Array.Empty<(string, object)>(),
            .. corrected.DueOn is not null || replaced.DueOn is not null
                ? [("due_on", LastDay(corrected.DueOn))]
                : Array.Empty<(string, object)>(),
        ];

    private static object Id(Guid? id) => id is { } value ? value : DBNull.Value;

    private static object LastDay(PartialDate? date) => date is { } day ? day.LastDay : DBNull.Value;
}

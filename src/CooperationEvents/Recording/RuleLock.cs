using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// An optimistic lock for each rule that looks at more than one stream, such as that no line of merges closes to a circle. A rule has a
/// version, as a stream has; each change by it takes the next one, and the second of two has lost a race. It does for a rule what Marten's
/// <c>FetchForWritingByTags</c> does for what events are tagged with.
/// </summary>
internal sealed record RuleLock(string Rule, long Number)
{
    public static async Task<RuleLock> Next(NpgsqlDataSource database, string rule, CancellationToken cancellation) =>
        new(
            rule,
            await database.Scalar<long>(
                "select coalesce(max(number), 0) + 1 from recording.rule_turn where rule = $1",
                [rule],
                cancellation
            )
        );

    public static NpgsqlBatchCommand TakeCommand(IReadOnlyCollection<RuleLock> locks) =>
        new("insert into recording.rule_turn (rule, number) select * from unnest($1::text[], $2::bigint[]) order by 1")
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. locks.Select(l => l.Rule)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. locks.Select(l => l.Number)] },
            },
        };
}

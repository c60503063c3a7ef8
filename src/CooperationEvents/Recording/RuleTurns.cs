using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// An optimistic lock for each rule that looks at more than one stream, such as that no line of merges closes to a circle. A rule has a
/// version, the number of its last turn, as a stream has; each change by it takes the next, and who comes second has lost a race.
/// </summary>
internal static class RuleTurns
{
    public const string Schema = """
        create table if not exists recording.rule_turn (
            rule text not null,
            number bigint not null,
            primary key (rule, number)
        );
        """;

    public const string Grants = """
        grant usage on schema recording to cooperation_service;
        grant select, insert on recording.rule_turn to cooperation_service;
        """;

    public sealed record Turn(string Rule, long Number);

    public static async Task<Turn> Next(NpgsqlDataSource database, string rule, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select coalesce(max(number), 0) + 1 from recording.rule_turn where rule = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = rule });
        return new Turn(rule, (long)(await command.ExecuteScalarAsync(cancellation))!);
    }

    public static NpgsqlBatchCommand TakeCommand(IReadOnlyCollection<Turn> turns) =>
        new("insert into recording.rule_turn (rule, number) select * from unnest($1::text[], $2::bigint[])")
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. turns.Select(t => t.Rule)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. turns.Select(t => t.Number)] },
            },
        };
}

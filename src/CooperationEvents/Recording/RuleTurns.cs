using Marten;

namespace CooperationEvents.Recording;

/// <summary>
/// Turns at rules that look at more than one stream, such as that no line of merges closes to a circle. Each change by such
/// a rule takes the turn after the last it saw; who comes second to one has lost a race, as with a stream's version.
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

    public static async Task<Turn> Next(IQuerySession session, string rule, CancellationToken cancellation)
    {
        var last = await session.AdvancedSql.QueryAsync<long>(
            "select coalesce(max(number), 0) from recording.rule_turn where rule = ?", cancellation, rule);
        return new Turn(rule, last[0] + 1);
    }

    public static void Take(IDocumentSession session, Turn turn) =>
        session.QueueSqlCommand("insert into recording.rule_turn (rule, number) values (?, ?)", turn.Rule, turn.Number);
}

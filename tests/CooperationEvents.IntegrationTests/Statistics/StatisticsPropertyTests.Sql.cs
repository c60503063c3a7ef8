using System.Globalization;
using System.Text.Json;
using CooperationEvents.Statistics.Analytics;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Statistics;

public sealed partial class StatisticsPropertyTests
{
    private const int StatementsOfEachHistory = 5;

    [Fact]
    public Task The_SQL_for_analysts_says_what_the_service_says() =>
        runs.ForEach(async run =>
        {
            AnalystsDocument.Statements.Count.ShouldBeGreaterThan(15);
            var choices = run.Choices();
            var statements = AnalystsDocument.Statements.ToArray();
            choices.Shuffle(statements);
            foreach (var statement in statements.Take(StatementsOfEachHistory))
            {
                var position =
                    choices.Next(2) == 0 && run.Questions.Count > 0
                        ? run.Questions[choices.Next(run.Questions.Count)].KnownAt
                        : run.Position;
                var framework = run.History.Framework(choices.Next(2));
                var asOf = choices.Next(2) == 0 ? new DateOnly(2026, 1, 1) : RandomHistory.AsOf(choices);
                Guid? asked = statement.Note == "all frameworks" ? null : framework;
                var path =
                    $"{statement.Path}{(statement.Path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Asked.QueryOf(asked, asOf, position, lineage: false)}";
                var answer = await runs.Host.Read(path, position, "admin");
                // No framework yet; or the statement's first day is after the day asked about.
                if (answer.Status is 404 or 422)
                    continue;
                using var json = JsonDocument.Parse(answer.Text);
                var answered = LinesOf(statement, json.RootElement);
                var stated = await Rows(statement.With(framework, asOf), position);
                if (!stated.SequenceEqual(answered))
                    return $"{path}\nThe SQL alone says:\n  {string.Join("\n  ", stated.Except(answered))}\nThe service alone says:\n  "
                        + $"{string.Join("\n  ", answered.Except(stated))}";
            }

            return null;
        });

    /// <summary>The rows of a statement that the role of analysts runs, as known at a position.</summary>
    private async Task<IReadOnlyList<string>> Rows(string sql, long position)
    {
        await using var connection = await runs.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (
            var setting = new NpgsqlCommand(
                $"set local role {AnalyticsSchema.Role}; set local analytics.known_at = '{position}'",
                connection
            )
        )
            await setting.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader.GetValue(i)))));
        return [.. rows.Order(StringComparer.Ordinal)];

        static string Text(object value) =>
            value switch
            {
                DBNull => "-",
                DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
                DateTime day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            };
    }

    /// <summary>
    /// The rows of an answer as the statement has them: those in which anything happened, of a series and of cadence too; all of the whole,
    /// and of frameworks, levels and parties.
    /// </summary>
    private static IReadOnlyList<string> LinesOf(AnalystsDocument statement, JsonElement answer)
    {
        var items = answer.TryGetProperty("items", out var all) ? all.EnumerateArray().ToArray() : [];
        IEnumerable<string> lines = statement switch
        {
            { Note: "notCounted" } =>
            [
                string.Join(' ', answer.GetProperty("notCounted").EnumerateObject().Select(n => n.Value.GetInt32())),
            ],
            _ when answer.TryGetProperty("by", out var by) => items
                .Where(i => Happened(i) || by.EnumerateArray().Select(d => d.GetString()).ToArray() is ["framework" or "level" or "party"])
                .Select(i => $"{string.Join(' ', by.EnumerateArray().Select(d => NaiveRecount.ValueOf(i, d.GetString()!)))} {Line(i)}"),
            _ when answer.TryGetProperty("per", out _) => items
                .Select(i => (Period: i.GetProperty("period").GetString(), Figures: i.GetProperty("inPeriod")))
                .Where(i => Happened(i.Figures))
                .Select(i => $"{i.Period} {Line(i.Figures)}"),
            { Path: "/v1/statistics/cadence" } => items
                .Where(Happened)
                .Select(i =>
                    $"{Member(i, "level")} {i.GetProperty("meetingsHeld").GetInt32()} {Member(i.GetProperty("last"), "firstDay")} "
                    + $"{OrDash(i.GetProperty("medianInterval"))} {OrDash(i.GetProperty("nextDue"))} "
                    + $"{(i.TryGetProperty("overdue", out var overdue) ? overdue.GetBoolean() : "-")}"
                ),
            _ => [$"total {Line(answer)}"],
        };
        return [.. lines.Order(StringComparer.Ordinal)];

        static bool Happened(JsonElement figures) => figures.GetProperty("meetingsHeld").GetInt32() > 0;

        static string Line(JsonElement figures) =>
            string.Join(' ', CellMeasures.Select(m => FigureOf(figures, m)?.ToString(CultureInfo.InvariantCulture) ?? "-"));

        static string OrDash(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "-" : value.ToString();
    }
}

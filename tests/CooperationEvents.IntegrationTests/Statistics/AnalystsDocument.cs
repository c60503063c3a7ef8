using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CooperationEvents.Statistics.Analytics;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>A statement of docs/analysts.md, and the answer of the API it says it equals.</summary>
public sealed partial record AnalystsDocument(string Path, string Note, string Sql)
{
    public static IReadOnlyList<AnalystsDocument> Statements { get; } =
    [
        .. Statement()
            .Matches(File.ReadAllText(System.IO.Path.Combine(Repository.Root, "docs", "analysts.md")))
            .Select(m => new AnalystsDocument(m.Groups["path"].Value, m.Groups["note"].Value, m.Groups["sql"].Value)),
    ];

    /// <summary>
    /// In what the statement, run by the role of analysts, and the answer it names differ, as known at a position; null where they do not,
    /// or where there is no answer.
    /// </summary>
    public async Task<string?> Difference(RegisterHost host, Guid framework, DateOnly asOf, long position)
    {
        Guid? asked = Note == "all frameworks" ? null : framework;
        var path =
            $"{Path}{(Path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Asked.QueryOf(asked, asOf, position, lineage: false)}";
        var answer = await host.Read(path, position, "admin");

        // No framework yet; or the statement's first day is after the day asked about.
        if (answer.Status is 404 or 422)
            return null;
        using var json = JsonDocument.Parse(answer.Text);
        var answered = LinesOf(json.RootElement);
        var stated = await Rows(host.Database, With(framework, asOf), position);
        return stated.SequenceEqual(answered)
            ? null
            : $"{path}\n{Sql}The SQL alone says:\n  {string.Join("\n  ", stated.Except(answered))}\nThe service alone says:\n  "
                + $"{string.Join("\n  ", answered.Except(stated))}";
    }

    /// <summary>The statement as psql sends it once its variables are set.</summary>
    private string With(Guid framework, DateOnly asOf) =>
        Sql.Replace(":'framework'", $"'{framework}'", StringComparison.Ordinal)
            .Replace(":'as_of'", $"'{asOf:yyyy-MM-dd}'", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<string>> Rows(TestDatabase database, string sql, long position)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
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
    private IReadOnlyList<string> LinesOf(JsonElement answer)
    {
        var items = answer.TryGetProperty("items", out var all) ? all.EnumerateArray().ToArray() : [];
        IEnumerable<string> lines = this switch
        {
            { Note: "notCounted" } =>
            [
                string.Join(' ', answer.GetProperty("notCounted").EnumerateObject().Select(n => n.Value.GetInt32())),
            ],
            { Note: "pairs and people" } when answer.TryGetProperty("by", out var by) => items
                .Where(i => i.GetProperty("attendances").GetInt32() > 0)
                .Select(i => $"{NaiveRecount.ValueOf(i, by[0].GetString()!)} {Named(i)}"),
            { Note: "pairs and people" } => [Named(answer)],
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
                    $"{i.GetProperty("level").GetString()} {i.GetProperty("meetingsHeld").GetInt32()} "
                    + $"{i.GetProperty("last").GetProperty("firstDay").GetString()} "
                    + $"{OrDash(i.GetProperty("medianInterval"))} {OrDash(i.GetProperty("nextDue"))} "
                    + $"{(i.TryGetProperty("overdue", out var overdue) ? overdue.GetBoolean() : "-")}"
                ),
            _ => [$"total {Line(answer)}"],
        };
        return [.. lines.Order(StringComparer.Ordinal)];

        static bool Happened(JsonElement figures) => figures.GetProperty("meetingsHeld").GetInt32() > 0;

        static string Named(JsonElement figures) =>
            $"{figures.GetProperty("attendances").GetInt32()} {figures.GetProperty("staff").GetProperty("known").GetInt32()}";

        static string Line(JsonElement figures) =>
            string.Join(
                ' ',
                StatisticsPropertyTests.CellMeasures.Select(m =>
                    StatisticsPropertyTests.FigureOf(figures, m)?.ToString(CultureInfo.InvariantCulture) ?? "-"
                )
            );

        static string OrDash(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "-" : value.ToString();
    }

    [GeneratedRegex(@"```sql\n-- equals (?<path>/v1/[^\s,]+(,[a-z]+)?)(, (?<note>[^\n]*))?\n(?<sql>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Statement();
}

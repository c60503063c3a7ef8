using System.Buffers;
using System.Text;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>Looks for a text in everything the database holds.</summary>
internal static class DatabaseScan
{
    /// <summary>
    /// The columns of any table of any schema in whose rows one of the texts stands: as it is, in whatever case, in the
    /// bytes of a binary column, or in Base64.
    /// </summary>
    public static async Task<IReadOnlyList<string>> Holding(this TestDatabase database, IEnumerable<string> texts)
    {
        var columns = await database.Rows(
            """
            select format('%I.%I', table_schema, table_name), column_name
            from information_schema.columns join information_schema.tables using (table_schema, table_name)
            where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'
            order by 1, ordinal_position
            """
        );
        string[] forms =
        [
            .. texts.SelectMany(text => InBase64(text).Append(text).Append(Convert.ToHexString(Encoding.UTF8.GetBytes(text)))),
        ];
        forms.ShouldNotBeEmpty();
        var sought = SearchValues.Create(forms, StringComparison.OrdinalIgnoreCase);
        var found = new List<string>();
        foreach (var table in columns.GroupBy(row => (string)row[0]!, row => (string)row[1]!))
            found.AddRange((await Holding(database, table.Key, [.. table], sought)).Select(column => $"{table.Key}.{column}"));
        return found;
    }

    /// <summary>Every cell is read as text once: jsonb and arrays as they are, bytes in hexadecimal.</summary>
    private static async Task<IEnumerable<string>> Holding(
        TestDatabase database,
        string table,
        IReadOnlyList<string> columns,
        SearchValues<string> sought
    )
    {
        var found = new HashSet<int>();
        var texts = columns.Select(column => $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"::text");
        await using var command = database.Source.CreateCommand($"select {string.Join(", ", texts)} from {table}");
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                for (var i = 0; i < columns.Count; i++)
                {
                    if (!await reader.IsDBNullAsync(i) && reader.GetString(i).AsSpan().ContainsAny(sought))
                        found.Add(i);
                }
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // The scratch schema of a replay that another test began, and that has ended since.
        }

        return found.Order().Select(i => columns[i]);
    }

    /// <summary>The middle of the text as Base64 shows it, wherever in the encoded bytes it begins.</summary>
    private static IEnumerable<string> InBase64(string text)
    {
        for (var before = 0; before < 3; before++)
        {
            var encoded = Convert.ToBase64String([.. new byte[before], .. Encoding.UTF8.GetBytes(text)]);
            yield return encoded[(before == 0 ? 0 : 4)..^4];
        }
    }
}

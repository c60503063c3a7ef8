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
        var tables = await database.Rows(
            """
            select format('%I.%I', table_schema, table_name), column_name
            from information_schema.columns
            where table_schema not in ('pg_catalog', 'information_schema')
            """
        );
        string[] forms =
        [
            .. texts
                .SelectMany(text => InBase64(text).Append(text).Append(Convert.ToHexString(Encoding.UTF8.GetBytes(text))))
                .Select(form => form.ToLowerInvariant()),
        ];
        forms.ShouldNotBeEmpty();
        var found = new List<string>();
        foreach (var columns in tables.GroupBy(row => (string)row[0]!, row => (string)row[1]!))
        {
            foreach (var column in columns)
            {
                if (await Holds(database, columns.Key, column, forms))
                    found.Add($"{columns.Key}.{column}");
            }
        }

        return found;
    }

    private static async Task<bool> Holds(TestDatabase database, string table, string column, string[] forms)
    {
        // As text: jsonb and arrays as they are, bytes in hexadecimal.
        var text = $"lower(\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"::text)";
        try
        {
            return await database.Scalar<bool>(
                $"select exists (select 1 from {table} where exists (select 1 from unnest($1::text[]) form where position(form in {text}) "
                    + $"> 0))",
                (object)forms
            );
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // The scratch schema of a replay that another test began, and that has ended since.
            return false;
        }
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

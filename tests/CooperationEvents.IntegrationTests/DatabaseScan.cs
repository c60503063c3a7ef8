using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>Looks for a text in everything the database holds.</summary>
internal static class DatabaseScan
{
    /// <summary>
    /// The columns of any table of any schema in whose rows the text stands: as it is, in whatever case, in the bytes of a
    /// binary column, or in Base64.
    /// </summary>
    public static async Task<IReadOnlyList<string>> Holding(this TestDatabase database, string text)
    {
        var tables = await database.Rows("""
            select format('%I.%I', table_schema, table_name), column_name
            from information_schema.columns
            where table_schema not in ('pg_catalog', 'information_schema')
            """);
        string[] forms = [text, Convert.ToHexString(Encoding.UTF8.GetBytes(text)), .. InBase64(text)];
        var found = new List<string>();
        foreach (var columns in tables.GroupBy(row => (string)row[0]!, row => (string)row[1]!))
        {
            // A row as text: jsonb and arrays as they are, bytes in hexadecimal.
            foreach (var column in columns)
            {
                var quoted = $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
                if (await database.Scalar<bool>(
                    $"select exists (select 1 from {columns.Key}, unnest($1::text[]) form where position(lower(form) in lower({quoted}::text)) > 0)", (object)forms))
                    found.Add($"{columns.Key}.{column}");
            }
        }

        return found;
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

using Npgsql;

namespace CooperationEvents.Storage;

/// <summary>
/// Statements with their parameters, from <c>$1</c> on. What is null is SQL's null. An array of texts that is the only parameter stands in
/// brackets of its own: without them each text would be one.
/// </summary>
internal static class Statements
{
    public static NpgsqlCommand Statement(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = database.CreateCommand(sql);
        Add(command.Parameters, parameters);
        return command;
    }

    /// <summary>A statement of a batch.</summary>
    public static NpgsqlBatchCommand InBatch(string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(command.Parameters, parameters);
        return command;
    }

    private static void Add(NpgsqlParameterCollection to, ReadOnlySpan<object?> parameters)
    {
        foreach (var parameter in parameters)
            to.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
    }
}

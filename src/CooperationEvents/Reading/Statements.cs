using Npgsql;

namespace CooperationEvents.Reading;

internal static class Statements
{
    /// <summary>A statement with its parameters, from <c>$1</c> on.</summary>
    public static NpgsqlCommand Statement(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object> parameters)
    {
        var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }

    /// <summary>A statement of a batch with its parameters, from <c>$1</c> on.</summary>
    public static NpgsqlBatchCommand InBatch(string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}

using Npgsql;

namespace CooperationEvents.Storage;

/// <summary>
/// Runs SQL with its parameters, <c>$1</c> first: on a connection of the pool, or on a given one and so in its transaction. Null is SQL's
/// null.
/// </summary>
internal static class Statements
{
    /// <summary>Runs a statement, and says how many rows it changed.</summary>
    public static Task<int> Execute(this NpgsqlDataSource database, string sql, object?[] parameters, CancellationToken cancellation) =>
        Execute(database.Statement(sql, parameters), cancellation);

    /// <inheritdoc cref="Execute(NpgsqlDataSource, string, object[], CancellationToken)"/>
    public static Task<int> Execute(this NpgsqlConnection connection, string sql, object?[] parameters, CancellationToken cancellation) =>
        Execute(connection.Statement(sql, parameters), cancellation);

    /// <summary>The first value of the first row; the default where there is none, or it is null.</summary>
    public static Task<T?> Scalar<T>(this NpgsqlDataSource database, string sql, object?[] parameters, CancellationToken cancellation) =>
        Scalar<T>(database.Statement(sql, parameters), cancellation);

    /// <inheritdoc cref="Scalar{T}(NpgsqlDataSource, string, object[], CancellationToken)"/>
    public static Task<T?> Scalar<T>(this NpgsqlConnection connection, string sql, object?[] parameters, CancellationToken cancellation) =>
        Scalar<T>(connection.Statement(sql, parameters), cancellation);

    /// <summary>All rows, each as it is read.</summary>
    public static Task<List<T>> Query<T>(
        this NpgsqlDataSource database,
        string sql,
        object?[] parameters,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation
    ) => Query(database.Statement(sql, parameters), read, cancellation);

    /// <inheritdoc cref="Query{T}(NpgsqlDataSource, string, object[], Func{NpgsqlDataReader, T}, CancellationToken)"/>
    public static Task<List<T>> Query<T>(
        this NpgsqlConnection connection,
        string sql,
        object?[] parameters,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation
    ) => Query(connection.Statement(sql, parameters), read, cancellation);

    /// <summary>A statement to be read row by row. An array of texts that is its only parameter stands in brackets of its own.</summary>
    public static NpgsqlCommand Statement(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object?> parameters) =>
        With(database.CreateCommand(sql), parameters);

    /// <inheritdoc cref="Statement(NpgsqlDataSource, string, ReadOnlySpan{object})"/>
    public static NpgsqlCommand Statement(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> parameters) =>
        With(new NpgsqlCommand(sql, connection), parameters);

    /// <summary>A statement of a batch.</summary>
    public static NpgsqlBatchCommand InBatch(string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(command.Parameters, parameters);
        return command;
    }

    private static async Task<int> Execute(NpgsqlCommand statement, CancellationToken cancellation)
    {
        await using (statement)
            return await statement.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<T?> Scalar<T>(NpgsqlCommand statement, CancellationToken cancellation)
    {
        await using (statement)
            return await statement.ExecuteScalarAsync(cancellation) is { } value and not DBNull ? (T)value : default;
    }

    private static async Task<List<T>> Query<T>(NpgsqlCommand statement, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using (statement)
        {
            await using var row = await statement.ExecuteReaderAsync(cancellation);
            var found = new List<T>();
            while (await row.ReadAsync(cancellation))
                found.Add(read(row));
            return found;
        }
    }

    private static NpgsqlCommand With(NpgsqlCommand command, ReadOnlySpan<object?> parameters)
    {
        Add(command.Parameters, parameters);
        return command;
    }

    private static void Add(NpgsqlParameterCollection to, ReadOnlySpan<object?> parameters)
    {
        foreach (var parameter in parameters)
            to.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
    }
}

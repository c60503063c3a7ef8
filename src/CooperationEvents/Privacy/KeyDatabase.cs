using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>
/// The database that holds the schema <c>keys</c>: that of <c>ConnectionStrings:keys</c>, or the register's own where there is
/// none. In one of its own, no backup of the register holds a key.
/// </summary>
public sealed class KeyDatabase(NpgsqlDataSource source, bool isOfItsOwn) : IDisposable
{
    /// <summary>The name of the connection string.</summary>
    public const string Name = "keys";

    public NpgsqlDataSource Source { get; } = source;

    /// <summary>Whether it is another database than the register's.</summary>
    public bool IsOfItsOwn { get; } = isOfItsOwn;

    public void Dispose()
    {
        if (IsOfItsOwn)
            Source.Dispose();
    }
}

using CooperationEvents.Storage;
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

    /// <summary>
    /// Keys and salts wrapped by the master key, and the erasures that destroyed some. A destroyed one keeps its row, so that it is never
    /// made again.
    /// </summary>
    public static OwnTables Tables { get; } = OwnTables.Of("Privacy");

    /// <summary>Which migrations were applied: it lies with the keys, and goes with them to another database.</summary>
    public const string Journal = "keys.migration";

    public NpgsqlDataSource Source { get; } = source;

    /// <summary>Whether it is another database than the register's.</summary>
    public bool IsOfItsOwn { get; } = isOfItsOwn;

    public void Dispose()
    {
        if (IsOfItsOwn)
            Source.Dispose();
    }
}

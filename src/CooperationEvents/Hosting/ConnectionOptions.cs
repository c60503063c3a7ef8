using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>The connection strings there are (<c>ConnectionStrings</c>), so that a misspelt name is refused as any other setting.</summary>
public sealed class ConnectionOptions : IConfiguredOptions
{
    public static string Section => "ConnectionStrings";

    /// <summary>Of the service, and of each role below that is given none.</summary>
    public string? Register { get; set; }

    /// <summary>Of the role that owns the tables.</summary>
    public string? Schema { get; set; }

    /// <summary>Of the role that makes the read models again.</summary>
    public string? Rebuild { get; set; }

    /// <summary>Of the role that replays.</summary>
    public string? Replay { get; set; }

    /// <summary>Of the database of the keys of people.</summary>
    public string? Keys { get; set; }

    /// <summary>Says of each that is no connection string, why.</summary>
    public static IEnumerable<string> Faults(ConnectionOptions options) =>
        new[]
        {
            Fault("register", options.Register),
            Fault("schema", options.Schema),
            Fault("rebuild", options.Rebuild),
            Fault("replay", options.Replay),
            Fault("keys", options.Keys),
        }.OfType<string>();

    private static string? Fault(string name, string? given)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(given);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"ConnectionStrings:{name} cannot be read: {e.Message}";
        }
    }
}

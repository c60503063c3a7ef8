using Npgsql;
using Weasel.Core;
using Weasel.Core.Migrations;
using Wolverine.Persistence.Durability;

namespace CooperationEvents.Hosting;

/// <summary>
/// The tables of jobs, as Wolverine has them: messages that wait, are scheduled or failed, schedules, and the nodes that live.
/// </summary>
internal static class JobTables
{
    public const string Schema = "jobs";

    /// <summary>The SQL that makes the tables as they are configured.</summary>
    public static string Text(IServiceProvider services)
    {
        var (migrator, objects) = Described(services);
        return DescribedTables.Text(migrator, objects);
    }

    /// <summary>Creates or changes what differs from the configuration.</summary>
    public static Task Apply(IServiceProvider services, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (migrator, objects) = Described(services);
        return DescribedTables.Apply(migrator, objects, connection, cancellation);
    }

    private static (Migrator Migrator, ISchemaObject[] Objects) Described(IServiceProvider services)
    {
        var store = (IDatabase)services.GetRequiredService<IMessageStore>();
        return (store.Migrator, [.. store.AllObjects()]);
    }
}

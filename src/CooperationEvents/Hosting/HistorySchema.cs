using CooperationEvents.Storage;
using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace CooperationEvents.Hosting;

/// <summary>
/// The tables of the history and the read models, as Marten has them, but for a foreign key, which does not delete events with their
/// stream. The triggers that keep the history as it is stand in <c>Hosting/Tables/functions.sql</c>.
/// </summary>
internal static class HistorySchema
{
    /// <summary>The SQL that makes the tables as they are configured.</summary>
    public static string Text(IDocumentStore store) => DescribedTables.Text(store.Storage.Database.Migrator, Objects(store));

    /// <summary>Creates or changes what differs from the configuration. Nothing else in the service changes the schema.</summary>
    public static async Task Apply(IDocumentStore store, NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            await DescribedTables.Apply(store.Storage.Database.Migrator, Objects(store), connection, cancellation);
        }
        catch (Exception e) when (e is SchemaMigrationException or PostgresException { SqlState: PostgresErrorCodes.NotNullViolation })
        {
            throw new DatabaseRefusedException(
                $"A table is of an earlier version and cannot be given what it lacks: {e.Message}. Where it is one of the read models "
                    + $"(facts, views), stop every node and run 'CooperationEvents database prepare --drop-read-models', then 'database "
                    + $"rebuild'."
            );
        }
    }

    private static ISchemaObject[] Objects(IDocumentStore store)
    {
        ISchemaObject[] objects = [.. store.Storage.AllObjects()];
        foreach (var key in objects.OfType<Table>().Single(t => t.Identifier.Name == "mt_events").ForeignKeys)
            key.DeleteAction = CascadeAction.NoAction;
        return objects;
    }
}

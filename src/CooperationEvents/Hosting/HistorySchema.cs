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
    /// <exception cref="DatabaseRefusedException">Read models must be dropped first.</exception>
    public static Task Apply(IDocumentStore store, NpgsqlConnection connection, CancellationToken cancellation) =>
        OrRefused(() => DescribedTables.Apply(store.Storage.Database.Migrator, Objects(store), connection, cancellation));

    /// <summary>Changes nothing, and is refused as <see cref="Apply"/> would be.</summary>
    /// <inheritdoc cref="Apply" path="/exception"/>
    public static Task Check(IDocumentStore store, NpgsqlConnection connection, CancellationToken cancellation) =>
        OrRefused(() => DescribedTables.Check(store.Storage.Database.Migrator, Objects(store), connection, cancellation));

    private static async Task OrRefused(Func<Task> changes)
    {
        try
        {
            await changes();
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

using System.Data.Common;
using System.Runtime.ExceptionServices;
using JasperFx;
using Npgsql;
using Weasel.Core;
using Weasel.Core.Migrations;

namespace CooperationEvents.Hosting;

/// <summary>Tables that a library describes, brought to what it describes.</summary>
internal static class DescribedTables
{
    /// <summary>The SQL that makes the tables as they are described.</summary>
    public static string Text(Migrator migrator, IEnumerable<ISchemaObject> objects)
    {
        using var text = new StringWriter();
        foreach (var part in objects)
            part.WriteCreateStatement(migrator, text);
        return text.ToString();
    }

    /// <summary>Creates or changes what differs.</summary>
    public static async Task Apply(Migrator migrator, ISchemaObject[] objects, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var migration = await SchemaMigration.DetermineAsync(connection, migrator, cancellation, objects);
        await migrator.ApplyAllAsync(connection, migration, AutoCreate.CreateOrUpdate, new Quiet(), cancellation);
    }

    /// <summary>Changes nothing.</summary>
    /// <exception cref="SchemaMigrationException">A table differs in what cannot be changed.</exception>
    public static async Task Check(
        Migrator migrator,
        ISchemaObject[] objects,
        NpgsqlConnection connection,
        CancellationToken cancellation
    ) =>
        (await SchemaMigration.DetermineAsync(connection, migrator, cancellation, objects)).AssertPatchingIsValid(
            AutoCreate.CreateOrUpdate
        );

    /// <summary>What fails is thrown; what succeeds need not be told.</summary>
    private sealed class Quiet : IMigrationLogger
    {
        public void SchemaChange(string sql) { }

        public void OnFailure(DbCommand command, Exception ex) => ExceptionDispatchInfo.Throw(ex);
    }
}

using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>What is done with the database from the command line.</summary>
public static class DatabaseCommands
{
    public const string Usage = """
        CooperationEvents database prepare [--dry-run | --drop-read-models] [--older]

          Makes what this version of the service needs and the database lacks, and says who may do what
          with it. As ConnectionStrings:schema. Nodes of the version before may go on serving.

          --dry-run           changes nothing, and lists the migrations that would be run, in their order.
                              Says whether `rebuild` is needed afterwards; refused where `prepare` is.

          --drop-read-models  where a table of theirs is of an earlier version and cannot be given what it
                              lacks: drops them first, with every view made of them. Stop every node
                              before. `rebuild` fills them again, or a node does.

          --older             goes back to this version where a newer one prepared the database, which is
                              refused otherwise. Stop every node of the newer one before.

        CooperationEvents database rebuild

          Makes the read models again from the history. As ConnectionStrings:rebuild. Refused while a
          node runs them: stop every node; start them again once it says that the read models are empty.
          Killed, it goes on the next time; so does a node that is started instead.
        """;

    private const string DropReadModels = "--drop-read-models";
    private const string Older = "--older";

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["database", ..];

    /// <summary>The name of the connection string of who runs these arguments.</summary>
    public static string ConnectsAs(string[] args) =>
        args switch
        {
            ["database", "prepare", ..] => DataSources.Owner,
            ["database", "rebuild", ..] => DataSources.Rebuild,
            _ => DataSources.Register,
        };

    /// <summary>
    /// Runs the command; the exit code is 0 where it was done, 1 where it was refused or failed, 2 where it was not understood.
    /// </summary>
    public static async Task<int> Run(IServiceProvider services, string[] args, bool development, CancellationToken cancellation = default)
    {
        try
        {
            switch (args)
            {
                case ["database", "prepare", .. var options] when options.Except([Older]).ToArray() is ["--dry-run"]:
                    foreach (
                        var migration in await Database.DryRun(services, development, options.Contains(Older), cancellation)
                            ?? throw NotAllowed()
                    )
                        await Console.Out.WriteLineAsync(migration);
                    if (await Database.NeedsRebuild(services, cancellation))
                        await Console.Out.WriteLineAsync($"Once the database is prepared: {Database.RebuildNeeded}");
                    return 0;
                case ["database", "prepare", .. var options] when options.Except([Older]).ToArray() is [] or [DropReadModels]:
                    var (drop, older) = (options.Contains(DropReadModels), options.Contains(Older));
                    if (!await Database.Create(services, development, drop, older, cancellation))
                        throw NotAllowed();
                    await Console.Out.WriteLineAsync("The database is prepared for this version of the service.");
                    if (await Database.NeedsRebuild(services, cancellation))
                        await Console.Out.WriteLineAsync(Database.RebuildNeeded);
                    return 0;
                case ["database", "rebuild"]:
                    await Database.Check(services, development, cancellation);
                    await ActivatorUtilities.CreateInstance<ReadModelRebuild>(services).Run(cancellation);
                    return 0;
                default:
                    await Console.Error.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (Exception refused) when (refused is DatabaseRefusedException or NpgsqlException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private static DatabaseRefusedException NotAllowed() =>
        new("This role may not change the database. Configure ConnectionStrings:schema.");
}

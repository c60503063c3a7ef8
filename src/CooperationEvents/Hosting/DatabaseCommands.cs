using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>What is done with the database from the command line.</summary>
public static class DatabaseCommands
{
    private const string Usage = """
        CooperationEvents database prepare

          Creates what this version of the service needs and the database lacks, and says who may do
          what with it. As ConnectionStrings:schema. Nodes of the version before may go on serving.

        CooperationEvents database rebuild [--only-empty]

          Makes the read models again from the history. As ConnectionStrings:rebuild. Refused while a
          node runs the read models: stop every node, or start them again only once it runs. Where it
          is killed it goes on the next time, and so does a node that is started instead.

          --only-empty  empties them and stops: for `prepare`, where it must add what every row needs
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["database", ..];

    /// <summary>The name of the connection string of who runs these arguments.</summary>
    public static string ConnectsAs(string[] args) => args is ["database", "rebuild", ..] ? Database.Rebuild : Database.Register;

    /// <summary>Runs the command; the exit code is 0 where it was done, 1 where it was refused or failed, 2 where it was not understood.</summary>
    public static async Task<int> Run(IServiceProvider services, string[] args, bool development, CancellationToken cancellation = default)
    {
        try
        {
            switch (args)
            {
                case ["database", "prepare"]:
                    await Database.Prepare(services, development, cancellation);
                    await Console.Out.WriteLineAsync("The database is prepared for this version of the service.");
                    return 0;
                case ["database", "rebuild"]:
                    await Database.Check(services, development, cancellation);
                    await ActivatorUtilities.CreateInstance<ReadModelRebuild>(services).Run(cancellation);
                    return 0;
                case ["database", "rebuild", "--only-empty"]:
                    await ActivatorUtilities.CreateInstance<ReadModelRebuild>(services).OnlyEmpty(cancellation);
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
}

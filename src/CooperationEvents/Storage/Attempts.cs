using Npgsql;

namespace CooperationEvents.Storage;

/// <summary>
/// How often work was begun since it last got further. It is kept in the table of the work (<c>attempts</c>, by <c>id</c>) and counted
/// before the work begins: an attempt counts also where the node dies of it. Whoever notes progress that stays sets the count to 0.
/// </summary>
public sealed partial class Attempts([FromKeyedServices(DataSources.Notes)] NpgsqlDataSource notes, ILogger<Attempts> logger)
{
    /// <summary>How often work is begun before it is given up.</summary>
    public const int Most = 5;

    /// <summary>
    /// Does work, or gives it up where it was begun <see cref="Most"/> times and failed each time, or its node died. An attempt that a stop
    /// of the node or an outage of the database ended does not count.
    /// </summary>
    /// <param name="table">Where the work is kept, with its schema.</param>
    /// <param name="work">False where it was put aside, which is no attempt. What it throws is thrown on.</param>
    public async Task Try(string table, Guid id, Func<Task<bool>> work, Func<Task> giveUp, CancellationToken cancellation)
    {
        if (!await Begin(table, id, cancellation))
        {
            await giveUp();
            return;
        }

        var counts = true;
        try
        {
            counts = await work();
        }
        catch (Exception e) when (e is OperationCanceledException or NpgsqlException { IsTransient: true })
        {
            counts = false;
            throw;
        }
        catch (Exception)
        {
            await GiveUpWhereSpent(table, id, giveUp, cancellation);
            throw;
        }
        finally
        {
            if (!counts)
                await TakeBack(table, id);
        }
    }

    private async Task<bool> Begin(string table, Guid id, CancellationToken cancellation) =>
        await notes.Execute($"update {table} set attempts = attempts + 1 where id = $1 and attempts < {Most}", [id], cancellation) == 1;

    private async Task GiveUpWhereSpent(string table, Guid id, Func<Task> giveUp, CancellationToken cancellation)
    {
        try
        {
            if (await AreSpent(table, id, cancellation))
                await giveUp();
        }
        catch (Exception e)
        {
            // What the work failed of is what is thrown. Whoever finds the work next gives it up.
            NotGivenUp(logger, id, table, e);
        }
    }

    private Task<bool> AreSpent(string table, Guid id, CancellationToken cancellation) =>
        notes.Scalar<bool>($"select exists (select from {table} where id = $1 and attempts >= {Most})", [id], cancellation);

    private async Task TakeBack(string table, Guid id)
    {
        try
        {
            await notes.Execute($"update {table} set attempts = attempts - 1 where id = $1 and attempts > 0", [id], CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The database is away, and the attempt stays counted.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Id} of {Table} could not be given up; the next who finds it does")]
    private static partial void NotGivenUp(ILogger logger, Guid id, string table, Exception error);
}

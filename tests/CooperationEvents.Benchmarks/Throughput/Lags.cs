using CooperationEvents.Projections;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>
/// How old the oldest event is that the read models, and the log, have not taken yet: looked at again and again while something is
/// measured. In ms, the 99th percentile of the looks.
/// </summary>
internal sealed record Lags(double ReadModels, double Log)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    public static async Task<(T Result, Lags Lags)> During<T>(TestDatabase database, Func<Task<T>> work)
    {
        using var stop = new CancellationTokenSource();
        var watching = Watch(database, stop.Token);
        try
        {
            var result = await work();
            await stop.CancelAsync();
            var (readModels, log) = await watching;
            return (result, new Lags(P99(readModels), P99(log)));
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static async Task<(List<double> ReadModels, List<double> Log)> Watch(TestDatabase database, CancellationToken stop)
    {
        var (readModels, log) = (new List<double>(), new List<double>());
        await using var connection = await database.Source.OpenConnectionAsync(CancellationToken.None);
        await using var look = new NpgsqlCommand(
            $"""
            select {AgeAfter("select last_seq_id from register.mt_event_progression where name = $1")},
                {AgeAfter("select seq from audit.log_head")}
            """,
            connection
        )
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = ReadModel.Shard } },
        };
        await look.PrepareAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            await using (var row = await look.ExecuteReaderAsync(CancellationToken.None))
            {
                await row.ReadAsync(CancellationToken.None);
                readModels.Add(row.GetDouble(0));
                log.Add(row.GetDouble(1));
            }

            await Task.Delay(BetweenLooks, CancellationToken.None);
        }

        return (readModels, log);
    }

    private static string AgeAfter(string position) =>
        $"""
            coalesce(1000 * extract(epoch from clock_timestamp() - (
                select timestamp from register.mt_events where seq_id > ({position}) order by seq_id limit 1)), 0)::float8
            """;

    private static double P99(List<double> looks) => looks.Order().ElementAt((int)(looks.Count * 0.99));
}

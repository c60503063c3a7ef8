using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

[Collection(nameof(Alone))]
public sealed class StartTests
{
    /// <summary>How much longer a start may take than one on an empty database, on a machine that others use as well.</summary>
    private static readonly TimeSpan Longer = TimeSpan.FromSeconds(2);

    private const int Starts = 3;

    [Fact]
    public async Task The_service_is_ready_as_soon_on_a_database_with_thousands_of_events_as_on_an_empty_one()
    {
        await using var empty = await TestDatabase.Create();
        using var dataOfEmpty = new DataDirectory();
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            var cooperation = await Cooperation.Start(service, people: 100);
            await Crowd.Do(Enumerable.Range(0, 40), async i =>
                (await cooperation.Held(i, cooperation.People, heads: 0).Send(service)).ShouldBeAccepted(201)
            );
        }

        var events = await database.Events();
        events.ShouldBeGreaterThan(4_000);
        var (usual, took) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < Starts; i++)
        {
            usual = Shorter(usual, await Measure(empty, dataOfEmpty.Path));
            took = Shorter(took, await Measure(database, data.Path));
        }

        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{events} events, ready after {took.TotalSeconds:f1} s, on an empty database after {usual.TotalSeconds:f1} s"
            )
        );
        took.ShouldBeLessThan(usual + Longer);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static async Task<TimeSpan> Measure(TestDatabase database, string dataDirectory)
    {
        await using var service = ServiceProcess.Launch(database, dataDirectory);
        return await service.Ready();
    }
}

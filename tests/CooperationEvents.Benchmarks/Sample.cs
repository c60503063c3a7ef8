using CooperationEvents.Projections;
using CooperationEvents.Testing;
using Marten;
using Npgsql;

namespace CooperationEvents.Benchmarks;

/// <summary>What several benchmarks begin with.</summary>
internal static class Sample
{
    public static Task<Guid> Framework(ServiceProcess service) =>
        Create(
            service,
            "/v1/frameworks",
            new
            {
                name = "EU-IOM cooperation",
                establishedOn = "2012-07",
                parties = new[] { new { code = "EU", name = "European Union" }, new { code = "IOM", name = "IOM" } },
                levels = new[]
                {
                    new
                    {
                        code = "technical-experts",
                        name = "Technical experts",
                        rank = 1,
                    },
                },
            }
        );

    public static async Task<Guid> Create(ServiceProcess service, string path, object body)
    {
        var answer = await service.Post(path, body);
        return answer.Status == 201 ? answer.Id : throw new InvalidOperationException(answer.ToString());
    }

    /// <summary>Marten in process, with the events and tables of the register.</summary>
    public static DocumentStore Store(TestDatabase database) =>
        DocumentStore.For(options =>
        {
            options.Connection(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Timezone = "UTC", MaxAutoPrepare = 50 }.ConnectionString
            );
            EventStore.Configure(options, ReadModelSchemas.Live, []);
        });
}

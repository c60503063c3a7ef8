using CooperationEvents.IntegrationTests;
using CooperationEvents.Testing;

[assembly: AssemblyFixture(typeof(SharedRegister))]

namespace CooperationEvents.IntegrationTests;

/// <summary>One running service for all tests that do not need their own; each test makes what it looks at.</summary>
public sealed class SharedRegister : IAsyncLifetime
{
    private TestDatabase? _database;

    public RegisterHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateEmpty();
        // The tests make more keys in a minute than callers of one address may.
        Host = await RegisterHost.Start(_database, settings: ("Limits:KeyAttempts", "100000"));
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
            Directory.Delete(Host.DataDirectory, recursive: true);
        }

        if (_database is not null)
            await _database.DisposeAsync();

        // Nothing the tests do is a fault of the service: what it logs as one fails the run.
        Host?.Errors.ShouldBeEmpty();
    }
}

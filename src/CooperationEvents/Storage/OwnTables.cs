namespace CooperationEvents.Storage;

/// <summary>What a room keeps in the database beside Marten's tables, as SQL that can be run again, and who may do what with it.</summary>
public sealed record OwnTables(string Tables, string Grants);

public static class OwnTablesRegistration
{
    /// <summary>Has tables made, after those that were registered before.</summary>
    public static IServiceCollection AddTables(this IServiceCollection services, string tables, string grants) =>
        services.AddSingleton(new OwnTables(tables, grants));
}

using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Projections;

/// <summary>The schemas that the history is read from, and that read models are kept in.</summary>
public sealed record ReadModelSchemas(string History, string Views, string Facts)
{
    /// <summary>What the service answers from.</summary>
    public static ReadModelSchemas Live { get; } = new("register", ReadModel.Schema, "facts");

    /// <summary>All in one schema, beside the live ones.</summary>
    public static ReadModelSchemas Scratch(string schema) => new(schema, schema, schema);
}

/// <summary>What a module registers its read models with; the schemas are the live ones, or those of a replay.</summary>
public sealed record ReadModelRegistration(StoreOptions Options, CompositeProjection Composite, ReadModelSchemas Schemas);

using System.Reflection;
using System.Text.Json;
using CooperationEvents.Access;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Http;

/// <summary>
/// A command of the API, for whoever takes commands in another way than at its own path: its operation id, what it needs,
/// and the same decision code.
/// </summary>
public abstract class CatalogueEntry
{
    private protected CatalogueEntry(string operationId, string path, string scope, ICommandMetadata metadata)
    {
        OperationId = operationId;
        SchemaName = metadata.RequestType!.Name + (path.Contains('{', StringComparison.Ordinal) ? "Data" : "");
        Scope = scope;
        Status = metadata.CreatesAt is null && metadata.Part is null ? 200 : 201;
        Command = metadata.RequestType!;
    }

    public string OperationId { get; }

    public Type Command { get; }

    /// <summary>The name its data's schema has in the OpenAPI document: that of the body, where nothing of it stands in the path.</summary>
    public string SchemaName { get; }

    /// <summary>The scope a caller needs for it.</summary>
    public string Scope { get; }

    /// <summary>The HTTP status of an accepted answer.</summary>
    public int Status { get; }

    /// <summary>The command in a JSON object that holds its body, with its path parameters as members.</summary>
    public abstract (ICommand? Command, Problem? Problem) Read(JsonElement data);

    /// <summary>A command made here, held to the same shape and normal form as one that was sent.</summary>
    public (ICommand? Command, Problem? Problem) Read(ICommand command) => Read(JsonSerializer.SerializeToElement(command, Command, Json.Options));

    /// <summary>The way from this command, of the type <see cref="Command"/>, to what it comes to.</summary>
    public abstract Func<Work, Task<Change>> Handle(ICommand command);
}

/// <summary>Every command of the API that can be taken elsewhere than at its own path, found by what its endpoint says of itself.</summary>
public static class CommandCatalogue
{
    /// <summary>By operation id.</summary>
    public static IReadOnlyDictionary<string, CatalogueEntry> All { get; } = (
        from endpoint in typeof(CommandCatalogue).Assembly.GetTypes()
        from method in endpoint.GetMethods(BindingFlags.Static | BindingFlags.Public)
        let metadata = method.GetCustomAttributes().OfType<ICommandMetadata>().FirstOrDefault()
        where metadata is { AtItsPathOnly: false }
        select Entry(endpoint, method, metadata)).ToDictionary(e => e.OperationId);

    private static readonly Dictionary<Type, CatalogueEntry> ByCommand = All.Values.ToDictionary(e => e.Command);

    public static CatalogueEntry Of(ICommand command) => ByCommand[command.GetType()];

    private static CatalogueEntry Entry(Type endpoint, MethodInfo method, ICommandMetadata metadata)
    {
        var command = metadata.RequestType!;
        var handle = endpoint.GetMethod("Handle", [command, typeof(Work)])
            ?? throw new InvalidOperationException($"{endpoint} has no Handle({command.Name}, Work).");
        var post = method.GetCustomAttribute<WolverinePostAttribute>()!;
        return (CatalogueEntry)Activator.CreateInstance(
            typeof(Typed<>).MakeGenericType(command),
            post.OperationId,
            post.Template,
            method.GetCustomAttribute<RequiresScopeAttribute>()!.Scope,
            metadata,
            handle)!;
    }

    private sealed class Typed<T>(string operationId, string path, string scope, ICommandMetadata metadata, MethodInfo handle)
        : CatalogueEntry(operationId, path, scope, metadata)
        where T : class, ICommand
    {
        private static readonly Dictionary<string, string> NoPath = [];

        private readonly Func<T, Work, Task<Change>> _handle = handle.CreateDelegate<Func<T, Work, Task<Change>>>();

        public override (ICommand? Command, Problem? Problem) Read(JsonElement data) => JsonBody.As<T>(data, NoPath);

        public override Func<Work, Task<Change>> Handle(ICommand command) => work => _handle((T)command, work);
    }
}

using System.Reflection;
using System.Text.Json;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Http;

/// <summary>
/// A command of the API, for whoever takes commands in another way than at its own path: its operation id, what it needs,
/// and the same decision code.
/// </summary>
public abstract class CatalogueEntry
{
    private protected CatalogueEntry(Type command, WolverinePostAttribute post, CommandAttribute metadata)
    {
        Command = command;
        OperationId = post.OperationId!;
        SchemaName = command.Name + (post.Template.Contains('{', StringComparison.Ordinal) ? "Data" : "");
        Scope = metadata.Scope;
        Status = metadata.Status;
        Part = metadata.Part;
    }

    public string OperationId { get; }

    public Type Command { get; }

    /// <summary>The name its data's schema has in the OpenAPI document: that of the body, where nothing of it stands in the path.</summary>
    public string SchemaName { get; }

    /// <summary>The scope a caller needs for it.</summary>
    public string Scope { get; }

    /// <summary>The HTTP status of an accepted answer.</summary>
    public int Status { get; }

    /// <summary>The member of an answer that holds the id of what is made inside the record; null where nothing is.</summary>
    public string? Part { get; }

    /// <summary>The command in a JSON object that holds its body, with its path parameters as members.</summary>
    public abstract (ICommand? Command, Problem? Problem) Read(JsonElement data);

    /// <summary>A command made here, held to the same shape and normal form as one that was sent.</summary>
    public (ICommand? Command, Problem? Problem) Read(ICommand command) =>
        Read(JsonSerializer.SerializeToElement(command, Command, Json.Options));

    /// <summary>The rule that decides this command, of the type <see cref="Command"/>.</summary>
    public abstract CommandRule Rule(ICommand command);
}

/// <summary>Every command of the API that can be taken elsewhere than at its own path, found by what its endpoint says of itself.</summary>
public static class CommandCatalogue
{
    /// <summary>By operation id.</summary>
    public static IReadOnlyDictionary<string, CatalogueEntry> All { get; } =
        (from taken in Endpoints() where !taken.Metadata.HttpOnly select Entry(taken.Method, taken.Metadata)).ToDictionary(e =>
            e.OperationId
        );

    /// <summary>The paths of the commands that are taken there alone, by operation id.</summary>
    public static IReadOnlyDictionary<string, string> AtTheirPath { get; } =
        (
            from taken in Endpoints()
            where taken.Metadata.HttpOnly
            select taken.Method.GetCustomAttribute<WolverinePostAttribute>()!
        ).ToDictionary(post => post.OperationId!, post => post.Template);

    private static readonly Dictionary<Type, CatalogueEntry> ByCommand = All.Values.ToDictionary(e => e.Command);

    public static CatalogueEntry Of(ICommand command) => ByCommand[command.GetType()];

    private static IEnumerable<(MethodInfo Method, CommandAttribute Metadata)> Endpoints() =>
        from endpoint in typeof(CommandCatalogue).Assembly.GetTypes()
        from method in endpoint.GetMethods(BindingFlags.Static | BindingFlags.Public)
        let metadata = method.GetCustomAttribute<CommandAttribute>()
        where metadata is not null
        select (method, metadata);

    private static CatalogueEntry Entry(MethodInfo method, CommandAttribute metadata)
    {
        if (method.GetParameters() is not [{ ParameterType: var command }] || method.ReturnType != typeof(CommandRule))
            throw new InvalidOperationException(
                $"{method.DeclaringType}.{method.Name} must take its command alone and return a {nameof(CommandRule)}."
            );
        return (CatalogueEntry)
            Activator.CreateInstance(
                typeof(Typed<>).MakeGenericType(command),
                method.GetCustomAttribute<WolverinePostAttribute>()!,
                metadata,
                method
            )!;
    }

    private sealed class Typed<T>(WolverinePostAttribute post, CommandAttribute metadata, MethodInfo method)
        : CatalogueEntry(typeof(T), post, metadata)
        where T : class, ICommand
    {
        private readonly Func<T, CommandRule> _rule = method.CreateDelegate<Func<T, CommandRule>>();

        public override (ICommand? Command, Problem? Problem) Read(JsonElement data) => BodyCheck.As<T>(data);

        public override CommandRule Rule(ICommand command) => _rule((T)command);
    }
}

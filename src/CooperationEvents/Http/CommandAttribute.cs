using CooperationEvents.Authorization;

namespace CooperationEvents.Http;

/// <summary>Marks an endpoint that takes a command, its first parameter, and says what that needs and makes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CommandAttribute(string scope) : RequiresScopeAttribute(scope), IServeMediaTypes
{
    /// <summary>Where what it creates, or what that is a part of, is read, up to the id; null where it creates nothing.</summary>
    public string? CreatesAt { get; init; }

    /// <summary>The member that holds the id of what it makes inside something that exists.</summary>
    public string? Part { get; init; }

    /// <summary>Whether versions before this one answered without that member, so that an answer they remembered lacks it.</summary>
    public bool PartIsNew { get; init; }

    /// <summary>
    /// Whether it is taken at its own path alone, and not as an event or in a file: its decision needs what only the endpoint has.
    /// </summary>
    public bool HttpOnly { get; init; }

    /// <summary>Whether it may be answered, by 202, before everything that follows from it is over.</summary>
    public bool GoesOn { get; init; }

    /// <summary>Whether it must have a body, though none of its members is required.</summary>
    public bool NeedsBody { get; init; }

    /// <summary>What the answer tells beside the id, the version and the position; null where that is all.</summary>
    public Type? Tells { get; init; }

    /// <summary>The statuses that any command may be refused with.</summary>
    public static IReadOnlyList<string> Refusals { get; } =
    ["400", "401", "403", "404", "406", "408", "409", "410", "412", "413", "415", "422", "429", "503"];

    /// <summary>The HTTP status of an accepted answer.</summary>
    public int Status => CreatesAt is null ? StatusCodes.Status200OK : StatusCodes.Status201Created;
}

/// <summary>Metadata of an endpoint that records activity in another way than by one command.</summary>
public interface IRecordsActivity;

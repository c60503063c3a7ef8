namespace CooperationEvents.Kernel;

/// <summary>An id as paths, queries, headers and commands hold it.</summary>
public static class Uuid
{
    /// <summary>The id that the text is: 32 hexadecimal digits with four hyphens, and nothing around them. Null where it is none.</summary>
    public static Guid? Read(string? text) => text is { Length: 36 } && Guid.TryParseExact(text, "D", out var id) ? id : null;
}

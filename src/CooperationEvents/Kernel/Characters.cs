namespace CooperationEvents.Kernel;

/// <summary>Characters as JSON Schema and OpenAPI count them: each code point is one, however many bytes it takes.</summary>
public static class Characters
{
    public static int Of(string text) => text.EnumerateRunes().Count();
}

namespace CooperationEvents.Kernel;

/// <summary>Characters as JSON Schema and OpenAPI count them: each code point is one, however many bytes it takes.</summary>
public static class Characters
{
    public static int Of(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }
}

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

    /// <summary>A text that was sent, no longer than a sentence bears: its first characters, and a mark where there are more.</summary>
    public static string Shown(string text, int most) => Of(text) <= most ? text : string.Concat(text.EnumerateRunes().Take(most)) + "…";
}

namespace CooperationEvents.Files;

/// <summary>
/// What programs write behind a text, and what is no part of it: Ctrl-Z, which old programs end a text with, and zeros of a block that the
/// text does not fill.
/// </summary>
internal static class TextEnd
{
    /// <summary>What the report says of a row that holds nothing else.</summary>
    public const string Note = "It holds nothing but the mark of the end of a text (Ctrl-Z) or zeros.";

    private const string Marks = "\u001A\0 \t";

    /// <summary>Whether nothing else stands in a line or a cell.</summary>
    public static bool IsAll(ReadOnlySpan<char> text) => text.Trim(Marks).IsWhiteSpace();
}

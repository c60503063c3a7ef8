namespace CooperationEvents.Reading;

/// <summary>
/// How a table is written as CSV: its delimiter, and whether it begins with a byte-order mark, for spreadsheets that need one.
/// </summary>
internal sealed record CsvFormat(char Delimiter, bool ByteOrderMark)
{
    public static CsvFormat Plain { get; } = new(',', false);

    /// <summary>The parameters that ask for another format than commas in plain UTF-8.</summary>
    public static IReadOnlyList<string> Parameters { get; } = ["delimiter", "byteOrderMark"];

    /// <summary>The words for the delimiters.</summary>
    public static IReadOnlyList<string> Delimiters { get; } = ["comma", "semicolon"];

    /// <summary>What stands before the first row.</summary>
    public string Start => ByteOrderMark ? "\uFEFF" : "";

    public static CsvFormat Read(QueryParameters query) =>
        new(
            query.OneOf("delimiter", [.. Delimiters]) == Delimiters[1] ? ';' : ',',
            query.OneOf("byteOrderMark", "true", "false") == "true"
        );
}

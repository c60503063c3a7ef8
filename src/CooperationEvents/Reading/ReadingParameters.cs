using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Reading;

/// <summary>The query parameters of this room.</summary>
internal static class ReadingParameters
{
    public static QueryParameter[] All { get; } =
    [
        new("minPosition", "Wait, for 2 seconds at most, until the read models have come to this position.", Position),
        new("limit", $"How many items at most; {Reader.DefaultPageSize} where absent, and all of a list as CSV.", () =>
            Number(1, Reader.LargestPage)
        ),
        new("cursor", "From the Link header of the page before.", Text),
        new("system", "With id: the one that has this external reference. The system that names it so.", Text),
        new("id", "With system: the one that has this external reference. How that system names it.", Text),
        new("delimiter", "What parts the cells of a CSV; a comma where absent.", () => Words([.. CsvFormat.Delimiters])),
        new("byteOrderMark", "Whether a CSV begins with a byte-order mark, as some spreadsheets need it.", () => Words("true", "false")),
    ];
}

namespace CooperationEvents.Reading;

/// <summary>
/// Marks a list of read models, as JSON and as CSV, or what describes its table: the filters it takes, beside an external reference and the
/// page asked for.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ListAttribute : QueryAttribute
{
    public ListAttribute(string scope, Type answer, params string[] filters)
        : base(scope, answer, [.. filters, "system", "id", "limit", "cursor"])
    {
        var isMetadata = answer == typeof(CsvMetadata);
        MediaTypes = isMetadata ? [CsvMetadata.MediaType] : ["application/json", CsvLines.MediaType];
        HasPosition = !isMetadata;
    }
}

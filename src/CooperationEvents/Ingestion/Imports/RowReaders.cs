using System.Text.Json;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Files;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Which reader belongs to an import's format.</summary>
internal static class RowReaders
{
    /// <param name="meetings">Looked up as the import sees what is recorded.</param>
    public static IRowReader Of(Import import, CalendarRevisions revisions, MeetingsOfEntries meetings) =>
        import.Format switch
        {
            ImportFormat.Commands => new CommandRows(),
            ImportFormat.Csv => new CsvRows(
                CsvMapping.Read(JsonDocument.Parse(import.Mapping!).RootElement).Mapping
                    ?? throw new InvalidOperationException("The mapping was read when the import was posted, and cannot be read any more."),
                import.Encoding.Name
            ),
            ImportFormat.Calendar => new CalendarRows(
                import.Id,
                CalendarMapping.Read(JsonDocument.Parse(import.Mapping!).RootElement).Mapping
                    ?? throw new InvalidOperationException("The mapping was read when the import was posted, and cannot be read any more."),
                import.DeclaredMethod,
                import.State is ImportState.Deciding,
                revisions,
                meetings
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>
    /// The file as UTF-8. Calendars and lines of JSON are UTF-8 by definition; their readers judge the lines that are not.
    /// </summary>
    public static Stream Text(Import import, Stream file) =>
        import.Format != ImportFormat.Csv && import.Encoding.Name == "utf-8" ? file : new FileTextStream(file, import.Encoding.Name);
}

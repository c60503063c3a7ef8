using System.Text;
using System.Text.Json;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Meetings;
using CsCheck;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

/// <summary>Calendars as files, and the mapping they are read with.</summary>
internal static class ACalendar
{
    public static readonly CalendarMapping Mapping = new(
        "outlook",
        [new PlacementFields(Some.Framework, "senior-officials")],
        Window: new CalendarWindow(Some.Date("2026"), Some.Date("2026")),
        Categories: [new CategoryTopic("Resettlement", "resettlement"), new CategoryTopic("Visas", "visa")],
        Attendees: new AttendeeMapping(
            "mail",
            [new DomainOrganisation("iom.int", Some.Iom), new DomainOrganisation("europa.eu", Some.DgHome)]
        )
    );

    public static string Fixture(string name) =>
        File.ReadAllText(
            Path.Combine(Repository.Root, "tests", "CooperationEvents.UnitTests", "Calendars", "Incoming", "Fixtures", name + ".ics")
        );

    /// <summary>A calendar of these events, each the lines of a VEVENT.</summary>
    public static string Of(params string[] events) =>
        $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test\n{string.Concat(events.Select(e => $"BEGIN:VEVENT\n{e}\nEND:VEVENT\n"))}END:VCALENDAR\n";

    /// <summary>A message (iTIP) about one event.</summary>
    public static string Message(string method, string lines) =>
        Of(lines).Replace("VERSION", $"METHOD:{method}\nVERSION", StringComparison.Ordinal);

    public static Task<IReadOnlyList<CalendarItem>> Read(
        string text,
        CalendarMapping? mapping = null,
        IImportedCalendar? imported = null
    ) => Read(Encoding.UTF8.GetBytes(text), mapping, imported);

    public static async Task<IReadOnlyList<CalendarItem>> Read(
        byte[] file,
        CalendarMapping? mapping = null,
        IImportedCalendar? imported = null
    )
    {
        var items = new List<CalendarItem>();
        await foreach (var item in CalendarReader.Read(new MemoryStream(file), mapping ?? Mapping, imported))
            items.Add(item);
        return items;
    }

    public static async Task<IReadOnlyList<CalendarEntry>> Entries(
        string text,
        CalendarMapping? mapping = null,
        IImportedCalendar? imported = null
    ) => [.. (await Read(text, mapping, imported)).Select(item => item.ShouldBeOfType<CalendarEntry>(item.ToString()))];

    public static async Task<CalendarEntry> Entry(string text, CalendarMapping? mapping = null) =>
        (await Entries(text, mapping)).ShouldHaveSingleItem();

    public static async Task<CalendarFault> Fault(string text, CalendarMapping? mapping = null) =>
        (await Read(text, mapping)).ShouldHaveSingleItem().ShouldBeOfType<CalendarFault>();

    /// <summary>When an entry takes place, in one text.</summary>
    public static string When(CalendarEntry entry) => $"{entry.Start}/{entry.End} {entry.TimeZone}".Trim();

    /// <summary>When each entry takes place that is not called off.</summary>
    public static IEnumerable<string> Days(IEnumerable<CalendarItem> items) =>
        items.OfType<CalendarEntry>().Where(e => !e.Cancelled).OrderBy(e => e.Start).Select(e => $"{e.Start}");

    public static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    public static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

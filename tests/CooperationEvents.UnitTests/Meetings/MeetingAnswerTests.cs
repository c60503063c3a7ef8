using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class MeetingAnswerTests
{
    /// <summary>What a view keeps for lists, calendars and rules, and no caller is shown.</summary>
    private static readonly string[] Inner =
    [
        nameof(MeetingView.FirstDay),
        nameof(MeetingView.LastDay),
        nameof(MeetingView.Organisations),
        nameof(MeetingView.SortKey),
        nameof(MeetingView.Sequence),
        nameof(MeetingView.RecordedAt),
        nameof(MeetingView.StateWhenVoided),
    ];

    [Fact]
    public void What_a_view_has_is_answered() =>
        Members(typeof(MeetingView))
            .Except(Members(typeof(MeetingAnswer)))
            .Except(Inner)
            .ShouldBeEmpty("Answer it in GetMeeting, or list it as inner.");

    [Fact]
    public void A_document_that_was_stored_without_its_id_is_read_and_known_by_what_was_said()
    {
        const string Stored = """{"title":"Minutes","url":"https://example.eu/1","status":"adopted"}""";
        var said = new DocumentFacts("Minutes", "https://example.eu/1", DocumentStatus.Adopted);

        var document = JsonSerializer.Deserialize<DocumentView>(Stored, Json.Options)!;

        document.DocumentId.ShouldBeNull();
        document.Is(Given.EventId(2), said).ShouldBeTrue();
        document.Is(Given.EventId(2), said with { Title = "Agenda" }).ShouldBeFalse();
        DocumentView.Of(Given.EventId(3), said).Is(Given.EventId(2), said).ShouldBeFalse();
    }

    private static IEnumerable<string> Members(Type type) =>
        type.GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Select(p => p.Name);
}

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

    private static IEnumerable<string> Members(Type type) =>
        type.GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Select(p => p.Name);
}

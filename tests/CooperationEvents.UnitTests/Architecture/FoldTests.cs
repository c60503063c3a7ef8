using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>
/// A new event must not be swallowed: every state and every view of its stream names it, to fold it or to pass it over; and so does what
/// says of meetings whether their calendar entries are revised.
/// </summary>
public sealed class FoldTests
{
    private static readonly ILookup<string, string> EventsByRoom = EventType.All.ToLookup(e => e.Type.Namespace!, e => e.Type.FullName!);

    public static TheoryData<string> Folds =>
        [
            .. Code
                .Service.Values.Where(p =>
                    p.Interfaces.Contains("CooperationEvents.Kernel.IState`1")
                    || (p.BaseType?.Contains("ViewProjection", StringComparison.Ordinal) ?? false)
                )
                .Select(p => p.FullName)
                .Append("CooperationEvents.Meetings.MeetingRevisions")
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Folds))]
    public void A_fold_names_every_event_of_its_stream(string fold)
    {
        var part = Code.Service[fold];
        var events = EventsByRoom[part.Namespace].ToList();
        events.ShouldNotBeEmpty(fold);

        var named = part.Uses.Select(u => u.Type).ToHashSet();
        events
            .Where(e => !named.Contains(e))
            .ShouldBeEmpty(
                $"{fold} neither folds these events nor passes them over. Name each of them in its switch, with '=> state', '=> view' or "
                    + "'=> false' where it changes nothing."
            );
    }
}

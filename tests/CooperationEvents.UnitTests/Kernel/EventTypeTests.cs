using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class EventTypeTests
{
    [Fact]
    public void A_state_says_the_stream_of_the_events_beside_it() =>
        typeof(EventType)
            .Assembly.GetTypes()
            .Where(t => Array.Exists(t.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IState<>)))
            .Select(s => (s.Namespace, s.GetProperty(nameof(IState<>.Stream))!.GetValue(null)))
            .ShouldBe(EventType.All.Select(e => (e.Type.Namespace, (object?)e.Stream)).Distinct(), ignoreOrder: true);

    [Fact]
    public void What_is_no_event_of_ours_is_read_as_its_name() => EventType.Read("tombstone", "{}").ShouldBe("tombstone");
}

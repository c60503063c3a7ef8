using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.UnitTests.Recording;

public sealed class StreamKindsTests
{
    [Fact]
    public void The_kind_of_a_stream_is_what_its_state_says_whatever_the_class_is_called() =>
        StreamKinds.Of(typeof(ClassOfAnyName)).ShouldBe("stated");

    [Fact]
    public void A_state_says_the_stream_of_the_events_beside_it()
    {
        var house = typeof(ICommand).Assembly;
        var states = house
            .GetTypes()
            .Where(t => Array.Exists(t.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IState<>)));

        states
            .Select(s => (s.Namespace, StreamKinds.Of(s)))
            .ShouldBe(StoredAttribute.In(house).Select(e => (e.Type.Namespace, e.Stored.Stream)).Distinct(), ignoreOrder: true);
    }

    private sealed record ClassOfAnyName : IState<ClassOfAnyName>
    {
        public static string Stream => "stated";

        public static ClassOfAnyName? Fold(ClassOfAnyName? state, Recorded recorded) => state;
    }
}

using System.Reflection;
using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.UnitTests.Contracts;
using JasperFx.Events;
using Marten;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class FactsProjectionTests
{
    public static TheoryData<string> Names => [.. EventType.All.Select(e => e.Name)];

    /// <summary>A projection that forgets an event drifts; who marks it as making none has thought of it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_event_makes_a_fact_or_is_marked_as_making_none(string name)
    {
        var projection = new FactsProjection(FactTables.Live);
        var operations = DispatchProxy.Create<IDocumentOperations, Counting>();

        await projection.ApplyAsync(operations, Event.For(EventSamples.Of(name)), default);

        (((Counting)operations).Calls > 0).ShouldBe(
            EventType.Find(name)!.MakesFacts,
            $"{name} makes a fact and is marked as [NoFact], or does neither."
        );
    }

    [Fact]
    public void Some_events_make_facts_and_some_make_none() => EventType.All.Select(e => e.MakesFacts).Distinct().Count().ShouldBe(2);

    public class Counting : DispatchProxy
    {
        public int Calls { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            targetMethod!.Name.ShouldBe(nameof(IDocumentOperations.QueueSqlCommand));
            Calls++;
            return null;
        }
    }
}

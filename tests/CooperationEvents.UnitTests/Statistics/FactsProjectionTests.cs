using System.Reflection;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.UnitTests.Contracts;
using JasperFx.Events;
using Marten;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class FactsProjectionTests
{
    /// <summary>A projection that forgets an event drifts; one that lists it has thought of it.</summary>
    [Fact]
    public async Task Every_event_makes_a_fact_or_is_listed_as_ignored()
    {
        var projection = new FactsProjection(FactTables.Live);
        foreach (var data in EventSamples.All)
        {
            var operations = DispatchProxy.Create<IDocumentOperations, Counting>();
            await projection.ApplyAsync(operations, Event.For(data), default);
            (((Counting)operations).Calls == 0).ShouldBe(FactsProjection.Ignores(data.GetType()), data.GetType().Name);
        }
    }

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

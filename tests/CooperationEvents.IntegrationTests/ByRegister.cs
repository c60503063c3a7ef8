using System.Collections.Concurrent;
using CooperationEvents.IntegrationTests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: CollectionBehavior(typeof(ByRegister))]
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 3)]

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// Tests on one register run one after the other, since some of them count everything that is in it. Those of a class with registers of its
/// own run beside them.
/// </summary>
public sealed class ByRegister(IXunitTestAssembly assembly) : TestCollectionFactoryBase(assembly)
{
    private readonly ConcurrentDictionary<Type, IXunitTestCollection> _collections = new();

    public override string DisplayName => "one collection for each register";

    protected override IXunitTestCollection GetDefaultTestCollection(Type testClass) =>
        _collections.GetOrAdd(SharedBy(testClass) ?? testClass, key => new XunitTestCollection(
            TestAssembly,
            null,
            disableParallelization: false,
            $"Tests on {key.FullName}"
        ));

    private static Type? SharedBy(Type testClass) =>
        testClass
            .GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Select(parameter => parameter.ParameterType)
            .FirstOrDefault(type => type == typeof(SharedRegister) || type == typeof(Webhooks.WebhookRegister));
}

using System.Reflection;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>Advisory locks are numbers that every part of the service shares with all others, in one database.</summary>
public sealed class LockTests
{
    [Fact]
    public void No_two_parts_of_the_service_hold_the_same_advisory_lock()
    {
        var locks = typeof(ICommand).Assembly.GetTypes()
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(f => f.IsLiteral && f.FieldType == typeof(long) && f.Name.EndsWith("Lock", StringComparison.Ordinal))
            .ToDictionary(f => $"{f.DeclaringType!.FullName}.{f.Name}", f => (long)f.GetRawConstantValue()!);

        locks.Count.ShouldBeGreaterThanOrEqualTo(4);
        locks.GroupBy(l => l.Value, l => l.Key).Where(held => held.Count() > 1).ShouldBeEmpty();
    }
}

using System.Reflection;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>Advisory locks are numbers that every part of the service shares with all others, in one database.</summary>
public sealed class LockTests
{
    [Fact]
    public void No_two_duties_have_the_same_advisory_lock()
    {
        var locks = typeof(AdvisoryLocks)
            .GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(f => (long)f.GetRawConstantValue()!)
            .ToList();

        locks.Count.ShouldBeGreaterThanOrEqualTo(4);
        locks.ShouldBeUnique();
    }
}

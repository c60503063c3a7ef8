using System.Globalization;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests;

/// <summary>What had been recorded, folded into the state that a rule is asked about.</summary>
internal static class Given
{
    public static Given<T> Events<T>(params IEnumerable<object> events)
        where T : class, IState<T> => new([.. events]);

    /// <summary>What was created with these events, and changed since.</summary>
    public static Created<T> Created<T>(ValueList<object> created, params IEnumerable<object> since)
        where T : class, IState<T> => new(created, Folded<T>([.. created, .. since]));

    /// <summary>The id of the event that was recorded first, second, …</summary>
    public static Guid EventId(int number) => Guid.ParseExact(number.ToString("x32", CultureInfo.InvariantCulture), "N");

    public static T Folded<T>(params IEnumerable<object> events)
        where T : class, IState<T> =>
        events.Select((data, index) => new Recorded(EventId(index + 1), EventType.NameOf(data.GetType()), data)).Aggregate((T?)null, T.Fold)
        ?? throw new InvalidOperationException($"These events make no {T.Stream}.");
}

internal sealed record Given<T>(ValueList<object> Events)
    where T : class, IState<T>
{
    /// <summary>The history with more of it.</summary>
    public Given<T> And(params IEnumerable<object> more) => new([.. Events, .. more]);

    public When<T> When(Func<T, Decision> rule) => new(this, rule);
}

/// <summary>A command, decided over a history.</summary>
internal sealed record When<T>(Given<T> Given, Func<T, Decision> Rule)
    where T : class, IState<T>
{
    private Decision Decision => Rule(UnitTests.Given.Folded<T>(Given.Events));

    public Done<T> Then(params IEnumerable<object> events)
    {
        ValueList<object> expected = [.. events];
        Decision.ShouldRecord(expected);
        return new Done<T>(Given.And(expected), Rule);
    }

    public void ThenNothing() => Decision.ShouldRecordNothing();

    public void ThenRefused(ProblemType type, params IEnumerable<string> pointers) => Decision.ShouldBeRefused(type, pointers);
}

/// <summary>What was accepted is now part of the history.</summary>
internal sealed record Done<T>(Given<T> History, Func<T, Decision> Rule)
    where T : class, IState<T>
{
    /// <summary>The same command once more repeats what is already so.</summary>
    public void AndNothingWhenRepeated() => History.When(Rule).ThenNothing();

    public When<T> AndWhen(Func<T, Decision> rule) => History.When(rule);
}

internal static class DecisionAssertions
{
    public static void ShouldRecord(this Decision decision, params IEnumerable<object> events) =>
        decision.ShouldBeOfType<Decision.Accepted>(Why(decision)).Events.ToArray().ShouldBe([.. events]);

    public static void ShouldRecordNothing(this Decision decision) => decision.ShouldRecord();

    /// <param name="pointers">The members at fault; none where the whole command is.</param>
    public static void ShouldBeRefused(this Decision decision, ProblemType type, params IEnumerable<string> pointers)
    {
        var problem = decision.ShouldBeOfType<Decision.Refused>().Problem;
        problem.Type.ShouldBe(type, problem.Detail);
        problem.Errors.Select(e => e.Pointer).ShouldBe(pointers);
        problem.Detail.ShouldNotBeNullOrWhiteSpace();
    }

    private static string? Why(Decision decision) => (decision as Decision.Refused)?.Problem.ToString();
}

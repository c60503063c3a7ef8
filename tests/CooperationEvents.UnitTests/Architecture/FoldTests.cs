using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>
/// A new event must not be swallowed: every state and every view of its stream names it, to fold it or to pass it over; and so does what
/// says of meetings whether their calendar entries are revised.
/// </summary>
public sealed class FoldTests
{
    private static readonly ILookup<string, string> EventsByRoom = EventType.All.ToLookup(e => e.Type.Namespace!, e => e.Type.FullName!);

    public static TheoryData<string, string> Folds
    {
        get
        {
            var folds = new TheoryData<string, string>();
            foreach (var part in Code.Service.Values.OrderBy(p => p.FullName, StringComparer.Ordinal))
            {
                if (part.Interfaces.Contains("CooperationEvents.Kernel.IState`1"))
                    folds.Add(part.FullName, "Fold");
                else if (part.BaseType?.Contains("ViewProjection", StringComparison.Ordinal) ?? false)
                    folds.Add(part.FullName, "Evolve");
            }

            folds.Add("CooperationEvents.Meetings.MeetingRevisions", "Revises");
            return folds;
        }
    }

    [Theory]
    [MemberData(nameof(Folds))]
    public void A_fold_names_every_event_of_its_stream(string fold, string method)
    {
        var part = Code.Service[fold];
        var events = EventsByRoom[part.Namespace].ToList();
        events.ShouldNotBeEmpty(fold);

        events
            .Except(part.TestedIn(method))
            .ShouldBeEmpty(
                $"{fold} neither folds these events nor passes them over. Name each of them in the switch of {method}, or of the details that it "
                    + "folds; with '=> state', '=> view', '=> details' or '=> false' where it changes nothing."
            );
    }

    /// <summary>A state names events in its properties and in what it answers, too: that folds none of them.</summary>
    [Fact]
    public void What_a_fold_does_not_come_to_names_nothing() =>
        Code.Read(typeof(FoldTests).Assembly.Location)[typeof(SampleFold).FullName!]
            .TestedIn(nameof(SampleFold.Fold))
            .ShouldBe(
                new[] { typeof(Version), typeof(Uri), typeof(Random), typeof(Exception), typeof(Attribute) }.Select(type => type.FullName!),
                ignoreOrder: true
            );
}

/// <summary>A fold of some types, which mentions others elsewhere.</summary>
internal sealed class SampleFold
{
    private static readonly Func<object, bool> InAFieldThatIsNotRead = data => data is TimeZoneInfo;

    public System.Text.StringBuilder? InAProperty { get; init; }

    public static int Fold(object data, System.Text.Encoding inASignature)
    {
        var known = inASignature.IsSingleByte ? 1 : 2;
        return data switch
        {
            Version => known,
            Uri { IsFile: true } => 0,
            _ when InALocalFunction() => 4,
            _ when new[] { data }.Any(one => one is Exception && known > 1) => 5,
            _ when InAnIterator(data).Any() => 6,
            _ => 7,
        };

        bool InALocalFunction() => data is Random;
    }

    public static bool Elsewhere(object data) =>
        data is Stream or Type || new[] { data }.Any(one => one is OperatingSystem) || InAFieldThatIsNotRead(data);

    private static IEnumerable<object> InAnIterator(object data)
    {
        if (data is Attribute)
            yield return data;
    }
}

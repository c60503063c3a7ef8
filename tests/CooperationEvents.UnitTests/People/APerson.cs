using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

/// <summary>Ana, as her events are stored: sealed.</summary>
internal static class APerson
{
    public static readonly PersonRegistered WasRegistered = new(Some.Ana, Protected.Sealed("name-1"), Protected.Sealed("email-1"));

    public static readonly AffiliationStarted AtHome = new(
        Some.Ana,
        Some.Affiliation,
        Some.DgHome,
        Protected.Sealed("function-1"),
        null,
        Some.Date("2015-03")
    );

    public static Given<Person> With(params IEnumerable<object> events) => Given.Events<Person>(WasRegistered).And(events);
}

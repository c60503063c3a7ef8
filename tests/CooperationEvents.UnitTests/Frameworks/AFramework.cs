using CooperationEvents.Frameworks;

namespace CooperationEvents.UnitTests.Frameworks;

/// <summary>The cooperation of EU and IOM, since July 2012.</summary>
internal static class AFramework
{
    public static readonly FrameworkEstablished WasEstablished = new(
        Some.Framework,
        "EU-IOM Strategic Cooperation Framework",
        Some.Date("2012-07"),
        [new Party("EU", "European Union"), new Party("IOM", "International Organization for Migration")],
        [new Level("senior-officials", "Senior officials", 1), new Level("heads-of-unit", "Heads of unit", 2)],
        [new Area("resettlement", "Resettlement")]
    );

    public static readonly MemberJoined HomeJoined = new(Some.Framework, Some.DgHome, "EU", Some.Date("2012-07-17"), "Exchange of letters");

    public static readonly MemberLeft HomeLeft = new(Some.Framework, Some.DgHome, Some.Date("2012-07-17"), Some.Date("2019-12-01"));

    public static readonly FrameworkEnded Ended = new(Some.Framework, Some.Date("2024-01-01"));

    public static Given<Framework> With(params IEnumerable<object> events) => Given.Events<Framework>(WasEstablished).And(events);
}

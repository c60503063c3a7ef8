using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests;

/// <summary>Names of things that the tests speak of.</summary>
internal static class Some
{
    public static readonly Guid Framework = new("f0000000-0000-4000-8000-000000000001");
    public static readonly Guid OtherFramework = new("f0000000-0000-4000-8000-000000000002");

    public static readonly Guid DgHome = new("a0000000-0000-4000-8000-000000000001");
    public static readonly Guid Eeas = new("a0000000-0000-4000-8000-000000000002");
    public static readonly Guid Iom = new("a0000000-0000-4000-8000-000000000003");

    public static readonly Guid Ana = new("b0000000-0000-4000-8000-000000000001");
    public static readonly Guid Cem = new("b0000000-0000-4000-8000-000000000003");
    public static readonly Guid Ben = new("b0000000-0000-4000-8000-000000000002");

    public static readonly Guid Meeting = new("c0000000-0000-4000-8000-000000000001");
    public static readonly Guid OtherMeeting = new("c0000000-0000-4000-8000-000000000002");

    public static readonly Guid Affiliation = new("d0000000-0000-4000-8000-000000000001");
    public static readonly Guid Outcome = new("e0000000-0000-4000-8000-000000000001");
    public static readonly Guid OtherOutcome = new("e0000000-0000-4000-8000-000000000002");

    public static readonly Guid Commitment = new("80000000-0000-4000-8000-000000000001");

    public static readonly Guid Publication = new("90000000-0000-4000-8000-000000000001");

    public static PartialDate Date(string text) => PartialDate.Parse(text);

    public static DateOnly Day(string text) => PartialDate.Parse(text).FirstDay;
}

using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

/// <summary>The fifth meeting of senior officials, planned for 4 and 5 April 2018.</summary>
internal static class AMeeting
{
    public static readonly DateOnly Today = Some.Day("2018-04-10");

    public static readonly MeetingScheduled WasScheduled = new(
        Some.Meeting,
        "Fifth Senior Officials' Meeting",
        [new Placement(Some.Framework, "senior-officials", 5)],
        Some.Date("2018-04-04"),
        Some.Date("2018-04-05"),
        [new Host(Some.DgHome)],
        ["resettlement"],
        Mode: MeetingMode.InPerson,
        Venue: "Berlaymont",
        Country: "BE"
    );

    public static readonly MeetingHeld WasHeld = new(Some.Meeting, Some.Date("2018-04-04"), Some.Date("2018-04-05"));
    public static readonly MeetingPostponed WasPostponed = new(Some.Meeting, "Elections");
    public static readonly MeetingCancelled WasCancelled = new(Some.Meeting, "Strike");
    public static readonly MeetingDidNotTakePlace DidNotTakePlace = new(Some.Meeting, "Nobody came");
    public static readonly MeetingVoided WasVoided = new(Some.Meeting, "Recorded twice");
    public static readonly MeetingReinstated WasReinstated = new(Some.Meeting, "It was another one");

    public static readonly IReadOnlyList<PlacementFacts> Facts =
    [
        new PlacementFacts(Some.Framework, ["senior-officials", "heads-of-unit"], ["resettlement", "visa"]),
        new PlacementFacts(Some.OtherFramework, ["ministers"], ["trade"], Some.Date("2020-01-01")),
    ];

    public static Given<Meeting> With(params IEnumerable<object> events) => Given.Events<Meeting>(WasScheduled).And(events);

    public static Given<Meeting> In(MeetingState state) =>
        state switch
        {
            MeetingState.Scheduled => With(),
            MeetingState.Postponed => With(WasPostponed),
            MeetingState.Cancelled => With(WasCancelled),
            MeetingState.Held => With(WasHeld),
            MeetingState.DidNotTakePlace => With(DidNotTakePlace),
            _ => throw new ArgumentOutOfRangeException(nameof(state)),
        };

    /// <summary>
    /// The command is accepted in these states, and refused in every other and once voided, each time for the state's own reason.
    /// </summary>
    public static void ShouldOnlyBe(this Func<Meeting, Decision> rule, params MeetingState[] states)
    {
        foreach (var state in Enum.GetValues<MeetingState>())
        {
            var given = In(state);
            if (states.Contains(state))
                rule(Given.Folded<Meeting>(given.Events)).ShouldBeOfType<Decision.Accepted>($"{state}");
            else
                given.When(rule).ThenRefused(ReasonOf(state));
            given.And(WasVoided).When(rule).ThenRefused(MeetingProblems.Voided);
        }
    }

    public static ProblemType ReasonOf(MeetingState state) =>
        state switch
        {
            MeetingState.Postponed => MeetingProblems.Postponed,
            MeetingState.Cancelled => MeetingProblems.Cancelled,
            MeetingState.Held => MeetingProblems.AlreadyHeld,
            MeetingState.DidNotTakePlace => MeetingProblems.DidNotTakePlace,
            _ => MeetingProblems.StillScheduled,
        };
}

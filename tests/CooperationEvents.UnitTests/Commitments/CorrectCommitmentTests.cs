using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class CorrectCommitmentTests
{
    private static readonly CorrectCommitment Command = new(Some.Commitment, "Minutes");

    [Fact]
    public void What_is_absent_stays_and_what_is_replaced_is_named() =>
        ACommitment
            .With()
            .When(Correct(Command with { Text = "Share flood forecasts", Owners = [Some.Eeas] }))
            .Then(
                new CommitmentCorrected(
                    Some.Commitment,
                    new CommitmentFacts { Text = "Share forecasts", Owners = [Some.DgHome, Some.Iom] },
                    new CommitmentFacts { Text = "Share flood forecasts", Owners = [Some.Eeas] },
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void Every_fact_is_corrected_once()
    {
        var command = Command with
        {
            Text = "Share flood forecasts",
            Owners = [Some.Eeas],
            MeetingId = Some.OtherMeeting,
            Area = "visa",
            DueOn = Some.Date("2018-06"),
        };
        var corrected = new CommitmentFacts
        {
            Text = "Share flood forecasts",
            Owners = [Some.Eeas],
            MeetingId = Some.OtherMeeting,
            Area = "visa",
            DueOn = Some.Date("2018-06"),
        };
        ACommitment
            .With()
            .When(Correct(command))
            .Then(new CommitmentCorrected(Some.Commitment, Recorded(), corrected, "Minutes"))
            .AndNothingWhenRepeated();

        var now = Given
            .Folded<Commitment>(ACommitment.WasMade, new CommitmentCorrected(Some.Commitment, Recorded(), corrected, "Minutes"))
            .Details;
        (now.Text, now.Owners, now.MeetingId, now.Area, now.DueOn).ShouldBe(
            (corrected.Text, corrected.Owners, corrected.MeetingId, corrected.Area, corrected.DueOn)
        );
    }

    [Fact]
    public void What_was_stated_and_is_not_known_is_taken_away_once() =>
        ACommitment
            .With()
            .When(
                Correct(
                    Command with
                    {
                        Remove = [RemovableOfCommitment.MeetingId, RemovableOfCommitment.Area, RemovableOfCommitment.DueOn],
                    }
                )
            )
            .Then(
                new CommitmentCorrected(
                    Some.Commitment,
                    new CommitmentFacts
                    {
                        MeetingId = Some.Meeting,
                        Area = "resettlement",
                        DueOn = Some.Date("2018"),
                    },
                    new CommitmentFacts(),
                    "Minutes"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void It_is_corrected_whatever_its_status()
    {
        foreach (var closed in new object[] { ACommitment.WasFulfilled, ACommitment.WasDropped })
            ACommitment
                .With(closed)
                .When(Correct(Command with { Area = "visa" }))
                .Then(
                    new CommitmentCorrected(
                        Some.Commitment,
                        new CommitmentFacts { Area = "resettlement" },
                        new CommitmentFacts { Area = "visa" },
                        "Minutes"
                    )
                )
                .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_reason_alone_corrects_nothing_and_is_refused()
    {
        ACommitment.With().When(Correct(Command)).ThenRefused(KernelProblems.Invalid);
        ACommitment.With().When(Correct(Command with { Remove = [] })).ThenRefused(KernelProblems.Invalid);
    }

    [Fact]
    public void What_is_so_already_is_no_correction() =>
        ACommitment
            .With()
            .When(Correct(Command with { Text = "Share forecasts", Owners = [Some.Iom, Some.DgHome], DueOn = Some.Date("2018") }))
            .ThenNothing();

    [Fact]
    public void A_meeting_that_stays_is_not_looked_at_again() =>
        ACommitment
            .With()
            .When(Correct(Command with { MeetingId = Some.Meeting, Area = "visa" }, ACommitment.Meeting with { Voided = true }))
            .Then(
                new CommitmentCorrected(
                    Some.Commitment,
                    new CommitmentFacts { Area = "resettlement" },
                    new CommitmentFacts { Area = "visa" },
                    "Minutes"
                )
            );

    [Theory]
    [InlineData(RemovableOfCommitment.MeetingId)]
    [InlineData(RemovableOfCommitment.Area)]
    [InlineData(RemovableOfCommitment.DueOn)]
    public void Given_and_removed_contradict_each_other(RemovableOfCommitment member) =>
        ACommitment
            .With()
            .When(Correct(Command with { MeetingId = Some.OtherMeeting, Area = "visa", DueOn = Some.Date("2019"), Remove = [member] }))
            .ThenRefused(KernelProblems.Invalid, "/remove");

    [Fact]
    public void An_owner_is_named_once() =>
        ACommitment.With().When(Correct(Command with { Owners = [Some.Eeas, Some.Eeas] })).ThenRefused(KernelProblems.Invalid, "/owners/1");

    [Fact]
    public void The_area_is_one_of_the_framework() =>
        ACommitment.With().When(Correct(Command with { Area = "trade" })).ThenRefused(CommitmentProblems.UnknownArea, "/area");

    [Fact]
    public void The_meeting_takes_place_under_the_framework_and_is_not_voided()
    {
        var command = Command with { MeetingId = Some.OtherMeeting };
        ACommitment.With().When(Correct(command, ACommitment.Elsewhere)).ThenRefused(CommitmentProblems.MeetingElsewhere, "/meetingId");
        ACommitment.With().When(Correct(command, ACommitment.VoidedMeeting)).ThenRefused(CommitmentProblems.MeetingVoided, "/meetingId");
    }

    private static CommitmentFacts Recorded() =>
        new()
        {
            Text = ACommitment.WasMade.Text,
            Owners = ACommitment.WasMade.Owners,
            MeetingId = ACommitment.WasMade.MeetingId,
            Area = ACommitment.WasMade.Area,
            DueOn = ACommitment.WasMade.DueOn,
        };

    private static Func<Commitment, Decision> Correct(CorrectCommitment command, MeetingPlace? meeting = null) =>
        commitment =>
            CorrectCommitment.Decide(
                commitment,
                KnownIds.Own,
                ACommitment.Areas,
                command.MeetingId is null ? null : meeting ?? ACommitment.OtherMeeting,
                command
            );
}

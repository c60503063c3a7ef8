using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class MakeCommitmentTests
{
    private static readonly MakeCommitment Command = new(
        Some.Framework,
        "Share forecasts",
        [Some.DgHome, Some.Iom],
        MeetingId: Some.Meeting,
        Area: "resettlement",
        DueOn: Some.Date("2018")
    );

    [Fact]
    public void A_commitment_is_made() => Decide(Command).ShouldRecord(ACommitment.WasMade);

    [Fact]
    public void What_is_absent_is_not_known() =>
        Decide(new MakeCommitment(Some.Framework, "Share forecasts", [Some.Iom]), meeting: null)
            .ShouldRecord(new CommitmentMade(Some.Commitment, Some.Framework, "Share forecasts", [Some.Iom]));

    [Fact]
    public void The_same_again_makes_nothing_whatever_the_order_of_its_owners()
    {
        Decide(Command, created: [ACommitment.WasMade]).ShouldRecordNothing();
        Decide(Command with { Owners = [Some.Iom, Some.DgHome] }, created: [ACommitment.WasMade]).ShouldRecordNothing();
    }

    [Fact]
    public void The_same_again_makes_nothing_though_the_meeting_was_voided_since() =>
        Decide(Command, ACommitment.Meeting with { Voided = true }, [ACommitment.WasMade]).ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        Decide(Command with { DueOn = Some.Date("2018-12-31"), Owners = [Some.DgHome, Some.Eeas] }, created: [ACommitment.WasMade])
            .ShouldBeRefused(KernelProblems.IdInUse, "/owners/1", "/dueOn");

    [Theory]
    [InlineData("First line.\nSecond line.", "First line.\n\nSecond line.")]
    [InlineData("First line.\nSecond line.", "First line. Second line.")]
    [InlineData("First\tline.", "First line.")]
    public void A_text_of_other_lines_is_another(string recorded, string sent) =>
        Decide(Command with { Text = sent }, created: [ACommitment.WasMade with { Text = recorded }])
            .ShouldBeRefused(KernelProblems.IdInUse, "/text");

    [Fact]
    public void What_it_is_by_now_makes_nothing_and_neither_does_what_it_was_first()
    {
        object[] since =
        [
            new CommitmentCorrected(
                Some.Commitment,
                new CommitmentFacts
                {
                    Text = "Share forecasts",
                    MeetingId = Some.Meeting,
                    Area = "resettlement",
                },
                new CommitmentFacts
                {
                    Text = "Share flood forecasts",
                    Owners = [Some.Iom],
                    Area = "visa",
                },
                "Misheard"
            ),
            new CommitmentDueDateChanged(Some.Commitment, Some.Date("2019"), "Late", Some.Date("2018")),
            ACommitment.WasDropped,
        ];
        var now = Command with
        {
            Text = "Share flood forecasts",
            Owners = [Some.Iom],
            MeetingId = null,
            Area = "visa",
            DueOn = Some.Date("2019"),
        };

        Decide(now, null, [ACommitment.WasMade], since).ShouldRecordNothing();
        Decide(Command, ACommitment.Meeting, [ACommitment.WasMade], since).ShouldRecordNothing();
        Decide(now with { DueOn = Command.DueOn }, null, [ACommitment.WasMade], since).ShouldRecordNothing();
        Decide(now with { DueOn = Some.Date("2020") }, null, [ACommitment.WasMade], since)
            .ShouldBeRefused(KernelProblems.IdInUse, "/dueOn");
    }

    [Fact]
    public void External_references_are_resolved()
    {
        var framework = Reference.To(new ExternalReference("crm", "f"));
        var owner = Reference.To(new ExternalReference("crm", "o"));
        var meeting = Reference.To(new ExternalReference("outlook", "m"));
        var ids = new KnownIds(
            new Dictionary<(StreamKind, Reference), Guid>
            {
                [(StreamKind.Framework, framework)] = Some.Framework,
                [(StreamKind.Organisation, owner)] = Some.Iom,
                [(StreamKind.Meeting, meeting)] = Some.Meeting,
            }
        );
        MakeCommitment
            .Decide(
                Some.Commitment,
                null,
                ids,
                ACommitment.Areas,
                ACommitment.Meeting,
                Command with
                {
                    FrameworkId = framework,
                    Owners = [Some.DgHome, owner],
                    MeetingId = meeting,
                }
            )
            .ShouldRecord(ACommitment.WasMade);
    }

    [Fact]
    public void An_owner_is_named_once() =>
        Decide(Command with { Owners = [Some.Iom, Some.DgHome, Some.Iom] }).ShouldBeRefused(KernelProblems.Invalid, "/owners/2");

    [Fact]
    public void The_area_is_one_of_the_framework() =>
        Decide(Command with { Area = "trade" }).ShouldBeRefused(CommitmentProblems.UnknownArea, "/area");

    [Fact]
    public void The_meeting_takes_place_under_the_framework() =>
        Decide(Command, ACommitment.Elsewhere).ShouldBeRefused(CommitmentProblems.MeetingElsewhere, "/meetingId");

    [Fact]
    public void The_meeting_is_not_voided() =>
        Decide(Command, ACommitment.Meeting with { Voided = true }).ShouldBeRefused(CommitmentProblems.MeetingVoided, "/meetingId");

    private static Decision Decide(MakeCommitment command) => Decide(command, ACommitment.Meeting);

    private static Decision Decide(MakeCommitment command, ValueList<object> created) => Decide(command, ACommitment.Meeting, created);

    private static Decision Decide(
        MakeCommitment command,
        MeetingPlace? meeting,
        ValueList<object>? created = null,
        params IEnumerable<object> since
    ) =>
        MakeCommitment.Decide(
            Some.Commitment,
            created is null ? null : Given.Created<Commitment>(created, since),
            KnownIds.Own,
            ACommitment.Areas,
            meeting,
            command
        );
}

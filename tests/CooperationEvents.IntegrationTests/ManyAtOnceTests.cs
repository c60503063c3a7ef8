namespace CooperationEvents.IntegrationTests;

public sealed class ManyAtOnceTests(SharedRegister register)
{
    [Fact]
    public async Task Three_hundred_registrations_posted_at_once_are_each_recorded_once()
    {
        const int count = 300;
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(count);
        var meeting = await cooperation.Schedule();

        var answers = await Task.WhenAll(
            people.Select(person =>
                register.Host.Post($"/v1/meetings/{meeting.Id}/registrations", new { attendees = new[] { cooperation.Attendee(person) } })
            )
        );

        answers.Select(a => a.ShouldBeAccepted().Version).Order().ShouldBe(Enumerable.Range(2, count).Select(v => (long)v));
        (
            await register.Host.Database.Scalar<long>(
                "select count(*) from register.mt_events where stream_id = $1 and type = 'attendance_registered'",
                meeting.Id
            )
        ).ShouldBe(count);
        (
            await register.Host.Database.Scalar<long>(
                "select count(distinct data->>'personId') from register.mt_events where stream_id = $1",
                meeting.Id
            )
        ).ShouldBe(count);
        var read = (await cooperation.Meeting(meeting.Id, answers.MaxBy(a => a.Position)!)).ShouldBeRead();
        read["registrations"]!.AsArray().Select(r => r!["personId"]!.GetValue<Guid>()).ShouldBe(people, ignoreOrder: true);
    }

    [Fact]
    public async Task Twenty_desks_posting_attendance_in_lists_to_one_meeting_all_succeed()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(60);
        var meeting = await cooperation.Schedule();

        var answers = await Task.WhenAll(
            people
                .Chunk(3)
                .Select(desk =>
                    register.Host.Post(
                        $"/v1/meetings/{meeting.Id}/attendance",
                        new { attendees = desk.Select(person => cooperation.Attendee(person, status: "attended")) }
                    )
                )
        );

        answers.ShouldAllBe(a => a.Status == 200);
        (await cooperation.History(meeting.Id)).Count(type => type == "attendance_recorded").ShouldBe(60);
    }
}

using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

public sealed class PreconditionTests(SharedRegister register)
{
    [Theory]
    [InlineData("\"2\"")]
    [InlineData("*")]
    [InlineData("\"9\", \"2\"")]
    public async Task A_condition_that_matches_the_version_lets_the_command_through(string ifMatch)
    {
        var (path, _) = await AtVersionTwo();

        (await Cancel(path, ifMatch)).ShouldBeAccepted().Version.ShouldBe(3);
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("\"3\"")]
    [InlineData("W/\"2\"")]
    [InlineData("\"2 \"")]
    [InlineData("\"+2\"")]
    [InlineData("\"\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"two\"")]
    [InlineData("\"99999999999999999999\"")]
    public async Task A_condition_that_matches_no_version_refuses_the_command(string ifMatch)
    {
        var (path, id) = await AtVersionTwo();

        (await Cancel(path, ifMatch)).ShouldBeProblem(412, "precondition-failed");
        (await Cooperation.History(register.Host, id)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("garbage")]
    [InlineData("\"2")]
    [InlineData(",,")]
    [InlineData("\"2\" \"2\"")]
    public async Task A_condition_that_cannot_be_read_lets_nothing_through(string ifMatch)
    {
        var (path, id) = await AtVersionTwo();

        var answer = (await Cancel(path, ifMatch)).ShouldBeAnyProblem();

        answer.Status.ShouldBeOneOf(400, 412);
        (await Cooperation.History(register.Host, id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Of_two_who_decide_on_the_same_version_one_is_told_that_it_has_changed()
    {
        var (path, id) = await AtVersionTwo();

        var answers = await Task.WhenAll(
            Enumerable
                .Range(1, 10)
                .Select(i => register.Host.Post($"{path}/relocate", new { venue = $"Room {i}" }, "recorder", ("If-Match", "\"2\"")))
        );

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Count(a => a.Status == 412).ShouldBe(9);
        (await Cooperation.History(register.Host, id)).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"1\"")]
    [InlineData("\"0\"")]
    public async Task A_condition_on_what_does_not_exist_fails(string ifMatch)
    {
        var id = Guid.NewGuid();

        (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    id,
                    name = "EEAS",
                    shortName = "EEAS",
                },
                "recorder",
                ("If-Match", ifMatch)
            )
        ).ShouldBeProblem(412, "precondition-failed");
        (await Cooperation.History(register.Host, id)).ShouldBeEmpty();
    }

    private Task<Answer> Cancel(string path, string ifMatch) =>
        register.Host.Post($"{path}/cancel", new { reason = "no quorum" }, "recorder", ("If-Match", ifMatch));

    private async Task<(string Path, Guid Id)> AtVersionTwo()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var path = $"/v1/meetings/{meeting.Id}";
        (await cooperation.Do($"{path}/relocate", new { venue = "Berlaymont" })).Version.ShouldBe(2);
        return (path, meeting.Id);
    }
}

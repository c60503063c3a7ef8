using CooperationEvents.Http;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Routing;

namespace CooperationEvents.IntegrationTests;

public sealed class CommandTests(SharedRegister register)
{
    public static TheoryData<string> Paths => [.. Commands.All.Keys];

    public static TheoryData<string> Corrections =>
        [.. Commands.All.Keys.Where(path => path.EndsWith("/correct", StringComparison.Ordinal))];

    [Fact]
    public void Every_command_the_service_takes_is_tried_here()
    {
        var served = register
            .Host.Endpoints.Where(e => e.Metadata.GetMetadata<CommandAttribute>() is not null)
            .Select(e => e.RoutePattern.RawText!);

        served.ShouldBe(Commands.All.Keys, ignoreOrder: true);
        Commands.Here.Keys.Except(Commands.All.Keys).ShouldBeEmpty("Commands.cs has what is no command any more.");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_command_is_accepted_with_id_version_and_position(string path)
    {
        var command = await Commands.All[path](await Cooperation.Start(register.Host));
        var (createsAt, part) = Metadata(path);

        var answer = (await Done(command)).ShouldBeAccepted(createsAt is null ? 200 : 201);

        answer.Header("Location").ShouldBe(createsAt is null ? null : createsAt + answer.Id);
        var erasure = path.EndsWith("/erase", StringComparison.Ordinal) ? new[] { "erased", "done", "finalOn" } : [];
        answer
            .Json.AsObject()
            .Select(member => member.Key)
            .Where(member => member != "possibleDuplicates")
            .ShouldBe(["id", "version", "position", .. part is null ? [] : new[] { part }, .. erasure]);
        if (command.Body["id"]?.GetValue<Guid>() is { } chosen)
            (part is null ? answer.Id : answer.Json[part]!.GetValue<Guid>()).ShouldBe(chosen);
        answer.Header("Idempotency-Replayed").ShouldBeNull();
        await AtPosition(answer);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_command_that_repeats_what_is_so_answers_as_if_it_had_been_recorded_and_appends_nothing(string path)
    {
        var command = await Commands.All[path](await Cooperation.Start(register.Host));
        var first = (await Done(command)).ShouldBeAccepted(ExpectedStatus(path));
        var history = await Cooperation.History(register.Host, first.Id);

        var second = (await Done(command)).ShouldBeAccepted(ExpectedStatus(path));

        second.Text.ShouldBe(first.Text);
        second.Header("Location").ShouldBe(first.Header("Location"));
        (await Cooperation.History(register.Host, first.Id)).ShouldBe(history);
    }

    [Theory]
    [MemberData(nameof(Corrections))]
    public async Task A_correction_that_gives_a_reason_alone_is_refused_and_says_what_can_be_given(string path)
    {
        var command = await Commands.All[path](await Cooperation.Start(register.Host));

        var refused = await register.Host.Post(command.Path, new { reason = "as in the minutes" }, command.Role);

        refused.ShouldBeAnyProblem().Status.ShouldBe(422, refused.ToString());
        refused.Json["type"]!.GetValue<string>().ShouldBe("/problems/invalid");
        var given = command.Body.Select(member => member.Key).Where(member => member is not ("reason" or "replaces")).ToList();
        given.ShouldNotBeEmpty();
        foreach (var member in given)
            refused.Text.ShouldContain(member);
        (await register.Host.Post(command.Path, command.Body, command.Role)).ShouldBeAccepted();
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_command_for_something_that_does_not_exist_is_not_found(string path)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var command = await Commands.All[path](cooperation);
        if (!path.Contains('{', StringComparison.Ordinal))
            return;

        // The first id of a path is that of what is changed.
        var parts = command.Path.Split('/');
        parts[Array.FindIndex(parts, part => Guid.TryParse(part, out _))] = Guid.NewGuid().ToString();

        (await register.Host.Post(string.Join('/', parts), command.Body, command.Role)).ShouldBeProblem(404, "not-found");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("123")]
    [InlineData("00000000-0000-0000-0000-00000000000g")]
    [InlineData("{3f0e8a56-0dd6-4c62-a9f2-000000000001}")]
    [InlineData("3f0e8a560dd64c62a9f2000000000001")]
    [InlineData("%203f0e8a56-0dd6-4c62-a9f2-000000000001")]
    [InlineData("%F0%9F%92%A9")]
    public async Task An_id_in_a_path_that_is_no_uuid_is_not_found(string id)
    {
        (await register.Host.Post($"/v1/meetings/{id}/cancel", new { reason = "no quorum" })).ShouldBeProblem(404, "not-found");
        (await register.Host.Post($"/v1/people/{Guid.NewGuid()}/affiliations/{id}/end", new { until = "2020" })).ShouldBeProblem(
            404,
            "not-found"
        );
        (await register.Host.Get($"/v1/meetings/{id}")).ShouldBeProblem(404, "not-found");
        (await register.Host.Get($"/v1/people/{id}")).ShouldBeProblem(404, "not-found");
    }

    /// <summary>Posts a command, an erasure until it is done.</summary>
    private Task<Answer> Done(Commands.Prepared command) =>
        Erasing.Done(() => register.Host.Post(command.Path, command.Body, command.Role));

    private int ExpectedStatus(string path) => Metadata(path).CreatesAt is null ? 200 : 201;

    private (string? CreatesAt, string? Part) Metadata(string path)
    {
        var metadata = register
            .Host.Endpoints.Single(e =>
                e.RoutePattern.RawText == path && e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST")
            )
            .Metadata.GetRequiredMetadata<CommandAttribute>();
        return (metadata.CreatesAt, metadata.Part);
    }

    /// <summary>The position is that of the last event behind the answer, and the version that event's.</summary>
    private async Task AtPosition(Answer answer)
    {
        var recorded = await register.Host.Database.Rows(
            "select stream_id, version from register.mt_events where seq_id = $1",
            answer.Position
        );
        recorded.Single().ShouldBe([answer.Id, answer.Version]);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Http;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

public sealed class IdempotencyTests(SharedRegister register)
{
    private static readonly object Eeas = new { name = "European External Action Service of the tests of keys", shortName = "EEAS" };

    private readonly (string Name, string Value) _key = ("Idempotency-Key", Guid.NewGuid().ToString());

    [Fact]
    public async Task The_same_request_again_gets_the_first_answer_and_says_so()
    {
        var first = (await register.Host.Post("/v1/organisations", Eeas, "recorder", _key)).ShouldBeAccepted(201);
        (
            await register.Host.Post($"/v1/organisations/{first.Id}/rename", new { name = "EEAS of the tests of keys", on = "2020" })
        ).ShouldBeAccepted();

        var second = (await register.Host.Post("/v1/organisations", Eeas, "recorder", _key)).ShouldBeAccepted(201);

        second.ShouldReplay(first);
        first.Header("Idempotency-Replayed").ShouldBeNull();
        (await Cooperation.History(register.Host, first.Id)).ShouldBe(["organisation_registered", "organisation_renamed"]);
    }

    [Fact]
    public async Task The_id_of_a_part_is_replayed_too()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var path = $"/v1/people/{await cooperation.Person()}/affiliations";
        var body = new { organisationId = cooperation.Home, function = "Director" };
        var first = (await register.Host.Post(path, body, "recorder", _key)).ShouldBeAccepted(201);
        (await register.Host.Post(path, new { organisationId = cooperation.Iom })).ShouldBeAccepted(201);

        (await register.Host.Post(path, body, "recorder", _key)).ShouldReplay(first);
    }

    [Fact]
    public async Task The_key_with_another_body_is_refused()
    {
        var first = (await register.Host.Post("/v1/organisations", Eeas, "recorder", _key)).ShouldBeAccepted(201);

        (await register.Host.Post("/v1/organisations", new { name = "Frontex", shortName = "FRONTEX" }, "recorder", _key)).ShouldBeProblem(
            422,
            "idempotency-key-reused"
        );
        (await register.Host.Post("/v1/organisations", Eeas, "recorder", _key)).ShouldReplay(first);
    }

    [Fact]
    public async Task What_was_refused_is_decided_again()
    {
        var id = Guid.NewGuid();
        var path = $"/v1/organisations/{id}/rename";
        var body = new { name = "EEAS", on = "2020" };
        (await register.Host.Post(path, body, "recorder", _key)).ShouldBeProblem(404, "not-found");
        (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    id,
                    name = "European External Action Service",
                    shortName = "EEAS",
                }
            )
        ).ShouldBeAccepted(201);

        (await register.Host.Post(path, body, "recorder", _key)).ShouldBeAccepted().Header("Idempotency-Replayed").ShouldBeNull();
    }

    [Fact]
    public async Task The_same_key_at_another_path_is_another_request()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (first, second) = (await cooperation.Schedule(), await cooperation.Schedule());
        var body = new { reason = "no quorum" };

        foreach (
            var path in new[] { $"/v1/meetings/{first.Id}/cancel", $"/v1/meetings/{second.Id}/cancel", $"/v1/meetings/{first.Id}/void" }
        )
            (await register.Host.Post(path, body, "recorder", _key)).ShouldBeAccepted().Header("Idempotency-Replayed").ShouldBeNull();
    }

    [Fact]
    public async Task The_same_key_of_another_caller_is_another_request()
    {
        var recorder = (await register.Host.Post("/v1/organisations", Eeas, "recorder", _key)).ShouldBeAccepted(201);
        var admin = (await register.Host.Post("/v1/organisations", Eeas, "admin", _key)).ShouldBeAccepted(201);

        admin.Id.ShouldNotBe(recorder.Id);
        admin.Header("Idempotency-Replayed").ShouldBeNull();
        (await register.Host.Post("/v1/organisations", Eeas, "admin", _key)).ShouldReplay(admin);
    }

    [Fact]
    public async Task Repeats_at_the_same_time_have_one_effect_and_one_answer()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(1, 20).Select(_ => register.Host.Post("/v1/organisations", Eeas, "recorder", _key))
        );

        var accepted = answers.Where(a => a.Status != 409).ToList();
        accepted.Select(a => a.ShouldBeAccepted(201).Text).Distinct().ShouldHaveSingleItem();
        accepted.Count(a => a.Header("Idempotency-Replayed") is null).ShouldBe(1);
        answers.Except(accepted).ShouldAllBe(a => a.Header("Retry-After") != null);
        (await Cooperation.History(register.Host, accepted[0].Id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_replay_comes_before_the_condition_that_would_no_longer_hold()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var path = $"/v1/meetings/{meeting.Id}/relocate";
        var first = (await register.Host.Post(path, new { venue = "Geneva" }, "recorder", _key, ("If-Match", "\"1\""))).ShouldBeAccepted();

        (await register.Host.Post(path, new { venue = "Geneva" }, "recorder", _key, ("If-Match", "\"1\""))).ShouldReplay(first);
    }

    [Fact]
    public async Task A_repeat_of_what_is_so_is_remembered_with_the_version_it_was_answered_with()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/cancel", new { reason = "no quorum" });
        var first = (
            await register.Host.Post($"/v1/meetings/{meeting.Id}/cancel", new { reason = "again" }, "recorder", _key)
        ).ShouldBeAccepted();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/void", new { reason = "entered twice" });

        (await register.Host.Post($"/v1/meetings/{meeting.Id}/cancel", new { reason = "again" }, "recorder", _key)).ShouldReplay(first);
    }

    [Fact]
    public async Task A_repeat_may_have_its_lists_in_another_order_and_an_address_in_other_capitals()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ada, ben) = (await cooperation.Person(), await cooperation.Person("Ben"));
        await Same(
            "/v1/organisations",
            new
            {
                name = $"Board {Guid.NewGuid()}",
                shortName = "BOARD",
                identifiers = new[] { "urn:x:1", "urn:x:2" },
            }
        );
        await Same("/v1/frameworks", Cooperation.Agreement());
        await Same("/v1/people", new { name = "Cem", email = $"Cem.{Guid.NewGuid():n}@example.eu" });
        await Same(
            "/v1/meetings/record-held",
            cooperation.Meeting(
                ("topics", new JsonArray("health", "migration")),
                (
                    "hosts",
                    new JsonArray(
                        new JsonObject { ["organisationId"] = cooperation.Home },
                        new JsonObject { ["organisationId"] = cooperation.Iom }
                    )
                ),
                ("attendees", new JsonArray(Attended(ada), Attended(ben))),
                ("delegations", new JsonArray(Counted(cooperation.Home), Counted(cooperation.Iom)))
            )
        );

        async Task Same(string path, object content)
        {
            var body = content as JsonObject ?? Bodies.Of(content);
            body["id"] = Guid.NewGuid();
            var first = (await register.Host.Post(path, body)).ShouldBeAccepted(201);
            foreach (var (name, value) in body.ToList())
            {
                if (value is JsonArray list)
                    body[name] = new JsonArray([.. list.Reverse().Select(item => item!.DeepClone())]);
                else if (name == "email")
                    body[name] = value!.GetValue<string>().ToUpperInvariant();
            }

            var again = (await register.Host.Post(path, body)).ShouldBeAccepted(201);

            (again.Id, again.Version, again.Position).ShouldBe((first.Id, first.Version, first.Position), path);
        }

        JsonObject Attended(Guid person) =>
            new()
            {
                ["personId"] = person,
                ["organisationId"] = cooperation.Home,
                ["status"] = "attended",
            };

        static JsonObject Counted(Guid organisation) =>
            new()
            {
                ["organisationId"] = organisation,
                ["count"] = 2,
                ["precision"] = "exact",
            };
    }

    [Theory]
    [InlineData("/v1/people/{personId}/affiliations")]
    [InlineData("/v1/organisations")]
    [InlineData("/v1/meetings/{meetingId}/cancel")]
    [InlineData("/v1/statistics/publications")]
    public async Task A_repeat_is_answered_whatever_the_rules_of_form_say_since(string route)
    {
        var (path, accepted) = await Commands.All[route](await Cooperation.Start(register.Host));
        var first = await register.Host.Post(path, accepted, "admin", _key);
        var now = Bodies.Of(new { formerly = "a member that was taken", name = "" });
        await AskedUnderThatKey(first, now);

        (await register.Host.Post(path, now, "admin", _key)).ShouldReplay(first);

        now["name"] = "another";
        (await register.Host.Post(path, now, "admin", _key)).ShouldBeProblem(422, "idempotency-key-reused");
        (await register.Host.Post(path, now, "admin", ("Idempotency-Key", $"{Guid.NewGuid()}"))).ShouldBeAnyProblem().Json["type"]!
            .GetValue<string>()
            .ShouldBe("/problems/invalid");
        (await register.Host.Post(path, now, "recorder", _key)).ShouldBeAnyProblem();
    }

    [Fact]
    public async Task A_key_that_cannot_be_kept_is_refused()
    {
        foreach (var key in new[] { new string('k', 256), "naïve" })
            (await register.Host.Post("/v1/organisations", Eeas, "recorder", ("Idempotency-Key", key))).ShouldBeProblem(
                400,
                "invalid-header"
            );
        (
            await register.Host.Post("/v1/organisations", Eeas, "recorder", ("Idempotency-Key", Guid.NewGuid() + new string('k', 219)))
        ).ShouldBeAccepted(201);
    }

    /// <summary>Has the key stand for another body: one that was taken once, and is none today.</summary>
    private async Task AskedUnderThatKey(Answer first, JsonObject body)
    {
        var digests = register.Host.Services.GetRequiredService<PersonalData>();
        var digest = await digests.Digest(JsonBody.Canonical(JsonSerializer.SerializeToElement(body)), CancellationToken.None);
        (
            await register.Host.Database.Rows(
                "update recording.remembered_answer set body_digest = $2 where stream_id = $1 returning stream_id",
                first.Id,
                digest
            )
        ).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("""{"name":"\ud800","shortName":"X"}""")]
    [InlineData("""{"\ud800":"x","name":"X","shortName":"X"}""")]
    public async Task A_body_with_half_a_surrogate_pair_is_refused_with_a_key_as_without(string body)
    {
        var without = (await register.Host.Post("/v1/organisations", body)).ShouldBeAnyProblem();

        (await register.Host.Post("/v1/organisations", body, "recorder", _key)).ShouldBeAnyProblem().Status.ShouldBe(without.Status);
    }
}

internal static class Replays
{
    public static void ShouldReplay(this Answer answer, Answer first)
    {
        answer.Status.ShouldBe(first.Status, answer.ToString());
        answer.Text.ShouldBe(first.Text);
        answer.ETag.ShouldBe(first.ETag);
        answer.PositionHeader.ShouldBe(first.PositionHeader);
        answer.Header("Location").ShouldBe(first.Header("Location"));
        answer.Header("Idempotency-Replayed").ShouldBe("true");
    }
}

using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>Commands that are committed together are each answered as they would have been alone.</summary>
public sealed class SharedCommitTests(SharedRegister register)
{
    private const int Clients = 32;
    private const int Rounds = 6;

    [Fact]
    public async Task Whoever_shares_a_commit_is_answered_as_if_alone()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(Clients * Rounds / 4);
        var busy = await cooperation.Schedule();
        var calm = await cooperation.Schedule();
        var taken = Guid.NewGuid().ToString();
        (await Organisation("First", taken)).ShouldBeAccepted(201);

        // By fours: one that is accepted, one of two with one key, one that a rule or a reference refuses, one with a wrong If-Match.
        var repeated = new List<Answer>();
        var registered = new List<Answer>();
        for (var round = 0; round < Rounds; round++)
        {
            var keys = Enumerable.Range(0, Clients).Select(_ => Guid.NewGuid().ToString()).ToList();
            var posts = Enumerable
                .Range(0, Clients)
                .Select(async client =>
                {
                    switch (client % 4)
                    {
                        case 0:
                            var person = people[(round * Clients / 4) + (client / 4)];
                            var answer = (
                                await register.Host.Post(
                                    $"/v1/meetings/{busy.Id}/registrations",
                                    new { attendees = new[] { cooperation.Attendee(person) } }
                                )
                            ).ShouldBeAccepted();
                            lock (registered)
                                registered.Add(answer);
                            break;
                        case 1:
                            var pair = (await Organisation($"Pair {client / 8}", keys[client / 8])).ShouldBeAccepted(201);
                            lock (repeated)
                                repeated.Add(pair);
                            break;
                        case 2 when client % 8 == 2:
                            (
                                await register.Host.Post(
                                    $"/v1/meetings/{calm.Id}/attendance",
                                    new { attendees = new[] { cooperation.Attendee(Guid.NewGuid(), status: "attended") } }
                                )
                            ).ShouldBeProblem(422, "unknown-reference", "/attendees/0/personId");
                            break;
                        case 2:
                            (await Organisation("Another", taken)).ShouldBeProblem(422, "idempotency-key-reused");
                            break;
                        default:
                            (
                                await register.Host.Post(
                                    $"/v1/meetings/{calm.Id}/relocate",
                                    new { venue = $"Room {client}" },
                                    "recorder",
                                    ("If-Match", "\"9\"")
                                )
                            ).ShouldBeProblem(412, "precondition-failed");
                            break;
                    }
                });
            await Task.WhenAll(posts);
        }

        registered.Select(a => a.Version).Order().ShouldBe(Enumerable.Range(2, people.Count).Select(v => (long)v));
        registered.OrderBy(a => a.Version).Select(a => a.Position).ShouldBeInOrder();
        (await cooperation.History(busy.Id)).Count.ShouldBe(1 + people.Count);
        (await cooperation.History(calm.Id)).Count.ShouldBe(1);
        foreach (var pair in repeated.GroupBy(a => a.Id))
        {
            pair.Count().ShouldBe(2);
            pair.Select(a => (a.Version, a.Position)).Distinct().Count().ShouldBe(1);
            pair.Count(a => a.Header("Idempotency-Replayed") == "true").ShouldBe(1);
        }

        (
            await register.Host.Database.Scalar<long>(
                "select count(*) from register.mt_events where stream_id = any($1)",
                repeated.Select(a => a.Id).Distinct().ToArray()
            )
        ).ShouldBe(repeated.Count / 2);
    }

    [Fact]
    public async Task What_arrives_while_transactions_are_under_way_shares_the_next_one()
    {
        List<Task<Answer>> posts;
        await using (var held = await HeldAppends.Of(register.Host.Database))
        {
            posts = [.. Enumerable.Range(0, Clients).Select(i => Organisation($"Crowd {i}", Guid.NewGuid().ToString()))];
            await held.Stopped(transactions: 2);
        }

        var answers = await Task.WhenAll(posts);
        (
            await register.Host.Database.Scalar<long>(
                "select count(distinct xmin::text) from register.mt_events where stream_id = any($1)",
                answers.Select(a => a.ShouldBeAccepted(201).Id).ToArray()
            )
        ).ShouldBeLessThan(Clients);
    }

    [Fact]
    public async Task Who_repeats_a_create_that_is_being_committed_gets_its_answer()
    {
        var body = new
        {
            name = "Twice at once",
            shortName = "TWICE",
            externalReference = new { system = "crm", id = Guid.NewGuid().ToString() },
        };

        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => register.Host.Post("/v1/organisations", body)));

        answers.Select(a => a.ShouldBeAccepted(201)).Select(a => (a.Id, a.Version, a.Position)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_command_sees_what_those_before_it_in_the_same_commit_came_to()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(i => register.Host.Post($"/v1/meetings/{meeting.Id}/cancel", new { reason = $"Reason {i}" }))
        );

        // The first cancels it; to the others it is cancelled already, at the same version.
        answers.Select(a => a.ShouldBeAccepted()).Select(a => (a.Version, a.Position)).Distinct().Count().ShouldBe(1);
        (await cooperation.History(meeting.Id)).ShouldBe(["meeting_scheduled", "meeting_cancelled"]);
    }

    private Task<Answer> Organisation(string name, string key) =>
        register.Host.Post("/v1/organisations", new { name, shortName = "ORG" }, "recorder", ("Idempotency-Key", key));
}

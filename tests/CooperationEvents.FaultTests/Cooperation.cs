using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary>A framework of EU and IOM with a member organisation of each, and people: what every fault happens to.</summary>
internal sealed record Cooperation(Guid Framework, Guid Home, Guid Iom, IReadOnlyList<Guid> People)
{
    public static async Task<Cooperation> Start(ServiceProcess service, int people = 0)
    {
        var framework = (
            await service.Post(
                "/v1/frameworks",
                new
                {
                    name = "EU-IOM cooperation",
                    establishedOn = "2012-07",
                    parties = new[] { new { code = "EU", name = "European Union" }, new { code = "IOM", name = "IOM" } },
                    levels = new[]
                    {
                        new
                        {
                            code = "technical-experts",
                            name = "Technical experts",
                            rank = 1,
                        },
                    },
                }
            )
        ).ShouldBeAccepted(201).Id;
        var home = await Member(service, framework, "DG HOME", "EU");
        var iom = await Member(service, framework, "IOM", "IOM");
        var posts = Enumerable.Range(1, people).Select(i => Person($"Person {i}")).ToList();
        await Crowd.Do(posts, async post => (await post.Send(service)).ShouldBeAccepted(201));
        return new Cooperation(framework, home, iom, [.. posts.Select(post => post.Answer!.Id)]);
    }

    public static Post Person(string name) => new("/v1/people", new { name }, 1);

    public static Post Organisation(string name) => new("/v1/organisations", new { name, shortName = name }, 1);

    public async Task<Guid> Schedule(ServiceProcess service) => (
            await service.Post(
                "/v1/meetings",
                new
                {
                    title = "Experts' meeting",
                    frameworks = Under,
                    start = "2018-04-04",
                }
            )
        ).ShouldBeAccepted(201).Id;

    public Post Registration(Guid meeting, Guid person) =>
        new($"/v1/meetings/{meeting}/registrations", new { attendees = new[] { new { personId = person, organisationId = Home } } }, 1);

    /// <summary>A meeting that was held, with people of DG HOME by name and so many of IOM without.</summary>
    public HeldMeeting Held(int number, IReadOnlyList<Guid> attendees, int heads) =>
        new(
            new
            {
                title = string.Create(CultureInfo.InvariantCulture, $"Experts' meeting {number}"),
                frameworks = Under,
                start = new DateOnly(2013, 1, 1).AddDays(number).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                attendees = attendees
                    .Select(person => new
                    {
                        personId = person,
                        organisationId = Home,
                        status = "attended",
                    })
                    .ToArray(),
                delegations = heads == 0
                    ? []
                    : new[]
                    {
                        new
                        {
                            organisationId = Iom,
                            count = heads,
                            precision = "exact",
                        },
                    },
            },
            2 + attendees.Count + (heads == 0 ? 0 : 1),
            attendees,
            heads
        );

    private object[] Under => [new { frameworkId = Framework, level = "technical-experts" }];

    private static async Task<Guid> Member(ServiceProcess service, Guid framework, string name, string party)
    {
        var organisation = Organisation(name);
        (await organisation.Send(service)).ShouldBeAccepted(201);
        (
            await service.Post(
                $"/v1/frameworks/{framework}/members",
                new
                {
                    organisationId = organisation.Answer!.Id,
                    party,
                    joinedOn = "2012-07",
                }
            )
        ).ShouldBeAccepted();
        return organisation.Answer.Id;
    }
}

/// <summary>What a client posts under an Idempotency-Key of its own, how many events it must leave, and how it was answered.</summary>
internal class Post(string path, object body, int events)
{
    private readonly string _key = Guid.NewGuid().ToString();

    public int Events => events;

    /// <summary>The answer by which it was accepted, once it was.</summary>
    public Answer? Answer { get; private set; }

    /// <param name="service">The service.</param>
    /// <param name="sent">Called once the body is with the network.</param>
    public async Task<Answer> Send(ServiceProcess service, Action? sent = null)
    {
        var answer = await service.PostAndTell(path, body, sent ?? (() => { }), ("Idempotency-Key", _key));
        if (answer.Status is 200 or 201)
            Answer ??= answer;
        return answer;
    }
}

/// <summary>A post of a meeting that was held, with what it adds to the statistics.</summary>
internal sealed class HeldMeeting(object body, int events, IReadOnlyList<Guid> attendees, int heads)
    : Post("/v1/meetings/record-held", body, events)
{
    public IReadOnlyList<Guid> Attendees => attendees;

    public int Heads => heads;
}

using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>Meetings with few and with many attendees, and people who are not among them yet.</summary>
internal sealed class Attendances
{
    private const int Few = 5;
    private const int Many = 300;

    /// <summary>More pairs with <see cref="Others"/> than are posted in a round: one that is recorded already is no event.</summary>
    private const int Meetings = 60;

    private const int Others = 1_500;

    private readonly Guid _organisation;
    private readonly IReadOnlyList<Guid> _people;
    private readonly Func<int, object[], Task<Guid>> _meet;

    private Attendances(Guid organisation, IReadOnlyList<Guid> people, Func<int, object[], Task<Guid>> meet) =>
        (_organisation, _people, _meet) = (organisation, people, meet);

    public static async Task<Attendances> Of(ServiceProcess service, Guid framework)
    {
        var organisation = await Sample.Create(service, "/v1/organisations", new { name = "DG HOME", shortName = "HOME" });
        var people = new Guid[Many + Others];
        await Parallel.ForEachAsync(Enumerable.Range(0, people.Length), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            people[i] = await Sample.Create(service, "/v1/people", new { name = $"Person {i}" })
        );
        return new Attendances(organisation, people, (number, attendees) => Sample.Create(
                service,
                "/v1/meetings/record-held",
                new
                {
                    title = $"Experts' meeting {number}",
                    frameworks = new[] { new { frameworkId = framework, level = "technical-experts" } },
                    start = new DateOnly(2013, 1, 1).AddDays(number).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    attendees,
                }
            ));
    }

    public static Attendances Of(Peer peer) =>
        new(Guid.NewGuid(), [.. Enumerable.Range(0, Many + Others).Select(_ => Guid.NewGuid())], async (number, attendees) =>
        {
            var meeting = (await peer.Post("/v1/meetings", new { title = $"Experts' meeting {number}" }))["id"]!.GetValue<Guid>();
            await peer.Post($"/v1/meetings/{meeting}/attendance", new { attendees });
            return meeting;
        });

    /// <summary>New meetings, each with so many attendees, for a client to add the others one by one.</summary>
    public async Task<(string Name, string Value)[]> Next(bool small)
    {
        var attendees = _people
            .Take(small ? Few : Many)
            .Select(person => new
            {
                personId = person,
                organisationId = _organisation,
                status = "attended",
            })
            .ToArray<object>();
        var meetings = new Guid[Meetings];
        await Parallel.ForEachAsync(Enumerable.Range(0, Meetings), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            meetings[i] = await _meet(i, attendees)
        );
        return
        [
            ("MEETINGS", string.Join(',', meetings)),
            ("PEOPLE", string.Join(',', _people.Skip(Many))),
            ("ORGANISATION", _organisation.ToString()),
        ];
    }
}

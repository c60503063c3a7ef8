using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>Meetings with few and with many attendees, and people who are not among them yet.</summary>
internal sealed class Attendances
{
    private const int Few = 5;
    private const int Many = 300;

    private readonly ServiceProcess _service;
    private readonly Guid _framework;
    private readonly Guid _organisation;
    private readonly IReadOnlyList<Guid> _present;
    private readonly IReadOnlyList<Guid> _others;
    private readonly int _meetings;

    private Attendances(
        ServiceProcess service,
        Guid framework,
        Guid organisation,
        IReadOnlyList<Guid> present,
        IReadOnlyList<Guid> others,
        int meetings
    ) =>
        (_service, _framework, _organisation, _present, _others, _meetings) = (service, framework, organisation, present, others, meetings);

    public static async Task<Attendances> Prepare(ServiceProcess service, int meetings, int people)
    {
        var framework = await Sample.Framework(service);
        var organisation = await Sample.Create(service, "/v1/organisations", new { name = "DG HOME", shortName = "HOME" });
        var all = new Guid[Many + people];
        await Parallel.ForEachAsync(Enumerable.Range(0, all.Length), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            all[i] = await Sample.Create(service, "/v1/people", new { name = $"Person {i}" })
        );
        return new Attendances(service, framework, organisation, all[..Many], all[Many..], meetings);
    }

    /// <summary>New meetings, each with so many attendees, for a client to add the others one by one.</summary>
    public (string Name, string Value)[] Next(bool small)
    {
        var meetings = new Guid[_meetings];
        Parallel
            .ForEachAsync(Enumerable.Range(0, _meetings), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => meetings[i] =
                    await Sample.Create(
                        _service,
                        "/v1/meetings/record-held",
                        new
                        {
                            title = $"Experts' meeting {i}",
                            frameworks = new[] { new { frameworkId = _framework, level = "technical-experts" } },
                            start = new DateOnly(2013, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                            attendees = _present
                                .Take(small ? Few : Many)
                                .Select(person => new
                                {
                                    personId = person,
                                    organisationId = _organisation,
                                    status = "attended",
                                }),
                        }
                    ))
            .GetAwaiter()
            .GetResult();
        return
        [
            ("MEETINGS", string.Join(',', meetings)),
            ("PEOPLE", string.Join(',', _others)),
            ("ORGANISATION", _organisation.ToString()),
        ];
    }
}

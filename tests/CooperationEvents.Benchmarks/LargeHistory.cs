using System.Diagnostics;
using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.Projections;
using CooperationEvents.Testing;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// A history of many meetings, the same for the same numbers: held under 50 frameworks (one in ten under two), at three levels, of 2012 to
/// 2026, with people of twelve member organisations in roles that count and that do not, and head counts at one meeting in ten.
/// It is put into the register by Marten's bulk insert, as no command could be decided so fast.
/// </summary>
internal sealed class LargeHistory(int meetings, int attendedEach)
{
    private const int Frameworks = 50;
    private const int MembersEach = 12;
    private const int Organisations = 120;
    private const int People = 30_000;
    private const int MeetingsAtOnce = 1_000;

    /// <summary>Longer than the largest history takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private static readonly string[] Levels = ["senior-officials", "heads-of-unit", "technical-experts"];
    private static readonly string[] Areas = ["return", "resettlement", "labour-mobility", "statistics", "diaspora"];
    private static readonly string[] Countries = ["BE", "CH", "LU", "SE", "IT", "PT", "MA", "NE"];

    private readonly Random _random = new(20120701);

    public int Attendances => meetings * attendedEach;

    public IReadOnlyList<Guid> FrameworkIds => _frameworks;

    public IReadOnlyList<Guid> OrganisationIds => _organisations;

    private readonly List<Guid> _frameworks = [];
    private readonly List<Guid> _organisations = [];
    private readonly List<Guid> _people = [];

    /// <summary>Puts it into a database that the service has prepared; events a second.</summary>
    public async Task<double> Insert(TestDatabase database)
    {
        await using var store = DocumentStore.For(options =>
        {
            options.Connection(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Timezone = "UTC", CommandTimeout = 600 }.ConnectionString
            );
            EventStore.Configure(options, ReadModelSchemas.Live, []);
        });
        await using var session = store.LightweightSession();
        var clock = Stopwatch.StartNew();
        var inserted = 0L;
        foreach (var streams in Streams().Chunk(MeetingsAtOnce))
        {
            var actions = streams
                .Select(s => Started(s.State, StreamAction.Start(s.Id, s.Events.Select(e => session.Events.BuildEvent(e)).ToArray())))
                .ToArray();
            inserted += actions.Sum(a => a.Events.Count);
            await store.BulkInsertEventsAsync(actions);
        }

        return inserted / clock.Elapsed.TotalSeconds;
    }

    private static StreamAction Started(Type state, StreamAction stream)
    {
        stream.AggregateType = state;
        return stream;
    }

    private IEnumerable<(Type State, Guid Id, object[] Events)> Streams()
    {
        for (var i = 0; i < Organisations; i++)
        {
            var id = NewId();
            _organisations.Add(id);
            yield return (typeof(Organisation), id, [new OrganisationRegistered(id, $"Organisation {i}", $"O{i}", [])]);
        }

        for (var i = 0; i < Frameworks; i++)
        {
            var id = NewId();
            _frameworks.Add(id);
            yield return (
                typeof(Framework),
                id,
                [
                    new FrameworkEstablished(
                        id,
                        $"Framework {i}",
                        PartialDate.Parse("2012"),
                        [new Party("EU", "European Union"), new Party("IOM", "IOM")],
                        [.. Levels.Select((l, rank) => new Level(l, l, rank + 1))],
                        [.. Areas.Select(a => new Area(a, a))]
                    ),
                    .. Enumerable
                        .Range(0, MembersEach)
                        .Select(m => new MemberJoined(
                            id,
                            Member(i, m),
                            m % 2 == 0 ? "EU" : "IOM",
                            PartialDate.Parse(m == 0 ? "2016-07" : "2012")
                        )),
                ]
            );
        }

        for (var i = 0; i < People; i++)
            _people.Add(NewId());
        for (var i = 0; i < meetings; i++)
        {
            var id = NewId();
            yield return (typeof(Meeting), id, [.. HeldMeeting(id, i)]);
        }
    }

    /// <summary>Waits until the read models have everything that is in the history; how long that took.</summary>
    public static Task<TimeSpan> Projected(TestDatabase database) =>
        Wait.Until("the read models", Patience, () =>
            database.Scalar<bool>(
                "select (select coalesce(max(last_seq_id), 0) from register.mt_event_progression where name = $1) >= coalesce(max(seq_id), "
                    + "0) from register.mt_events",
                ReadModel.Shard
            )
        );

    /// <summary>Waits until a published checkpoint covers everything that is in the history; how long that took.</summary>
    public static Task<TimeSpan> Published(TestDatabase database) =>
        Wait.Until("the log", Patience, () =>
            database.Scalar<bool>(
                "select (select without_gap from audit.log_head) >= coalesce(max(seq_id), 0) and (select published = size from "
                    + "audit.log_head) from register.mt_events"
            )
        );

    private IEnumerable<object> HeldMeeting(Guid id, int number)
    {
        var framework = number % Frameworks;
        var day = PartialDate.Of(new DateOnly(2012, 7, 1).AddDays(_random.Next(5_200)));
        ValueList<Placement> placements =
            number % 10 == 0
                ?
                [
                    new Placement(_frameworks[framework], Any(Levels)),
                    new Placement(_frameworks[(framework + 1) % Frameworks], Any(Levels)),
                ]
                : [new Placement(_frameworks[framework], Any(Levels))];
        yield return new MeetingScheduled(
            id,
            $"Meeting {number}",
            placements,
            day,
            day,
            [new Host(Member(framework, _random.Next(MembersEach)))],
            [Any(Areas)],
            Mode: (MeetingMode)_random.Next(3),
            Country: Any(Countries)
        );
        yield return new MeetingHeld(id, day, day);
        var first = _random.Next(People);
        for (var i = 0; i < attendedEach; i++)
        {
            var role = (AttendeeRole)(i % 10 == 0 ? _random.Next(Enum.GetValues<AttendeeRole>().Length) : (int)AttendeeRole.Delegate);
            yield return new AttendanceRecorded(
                id,
                _people[(first + (i * 7)) % People],
                Member(framework, _random.Next(MembersEach + 1)),
                role,
                AttendanceStatus.Attended
            );
        }

        if (number % 10 == 1)
            yield return new DelegationCounted(id, Member(framework, 1), 1 + _random.Next(20), CountPrecision.Exact);
    }

    /// <summary>One of the framework's members; from <see cref="MembersEach"/> on an organisation that is none.</summary>
    private Guid Member(int framework, int number) => _organisations[((framework * 2) + number) % Organisations];

    private string Any(string[] values) => values[_random.Next(values.Length)];

    private Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }
}

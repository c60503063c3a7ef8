using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.People;
using CsCheck;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

/// <summary>Plans are carried out by the rules of the commands themselves, over histories of their own.</summary>
public sealed class CalendarPlanPropertyTests
{
    private const int Iterations = 2_000;

    private static readonly string[] Addresses = ["ada@iom.int", "ben@ec.europa.eu", "eve@example.org", "fay@rro.iom.int"];

    private static readonly Gen<CalendarAttendee> Attendees = Gen.Select(
        Any(Addresses),
        Gen.Enum<CalendarRole>(),
        Gen.Enum<Participation>(),
        (a, r, p) => new CalendarAttendee(a, null, r, p)
    );

    private static readonly Gen<CalendarEntry> Entries = Gen.Select(
        Any("First", "Second"),
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 2], Any<string?>("Europe/Brussels", "UTC", null)),
        Any<string?>("Geneva", "Brussels", null),
        Any("Resettlement", "Visas", "Blue").Array[0, 3],
        Attendees.Array[0, 4],
        Gen.Bool,
        Gen.Int[0, 3],
        (title, days, location, categories, attendees, cancelled, sequence) =>
        {
            var (day, more, zone) = days;
            return new CalendarEntry(1, 1)
            {
                Id = "uid",
                Uid = "uid",
                Title = title,
                Start = Some.Date(zone is null ? $"2026-02-0{day}" : $"2026-02-0{day}T10:00"),
                End = Some.Date(zone is null ? $"2026-02-0{day + more}" : $"2026-02-0{day + more}T11:00"),
                TimeZone = zone,
                Location = location,
                Categories = [.. categories.Distinct()],
                Attendees = [.. attendees.DistinctBy(a => a.Address)],
                Cancelled = cancelled,
                Revision = new CalendarRevision(sequence),
            };
        }
    );

    [Fact]
    public void Every_plan_is_accepted_and_planning_again_gives_nothing_to_do() =>
        Entries
            .Array[1, 6]
            .Sample(
                entries =>
                {
                    var register = new Register();
                    foreach (var entry in entries)
                    {
                        var plan = CalendarPlan.Of(entry with { Before = register.Last }, ACalendar.Mapping, register.Facts(entry));
                        foreach (var command in plan.Commands)
                            register.Do(command);
                        register.Last = entry.Kept;
                        var again = CalendarPlan.Of(entry with { Before = register.Last }, ACalendar.Mapping, register.Facts(entry));
                        again.Commands.ToArray().ShouldBeEmpty($"{entry} after {plan}");
                    }
                },
                iter: Iterations
            );

    [Fact]
    public void The_register_says_what_the_newest_entry_says() =>
        Entries
            .Array[1, 6]
            .Sample(
                entries =>
                {
                    var register = new Register();
                    foreach (var (entry, sequence) in entries.Select((e, i) => (e, i)))
                    {
                        var newest = entry with { Revision = new CalendarRevision(sequence), Before = register.Last };
                        foreach (var command in CalendarPlan.Of(newest, ACalendar.Mapping, register.Facts(newest)).Commands)
                            register.Do(command);
                        register.Last = newest.Kept;
                        var meeting = register.Facts(newest).Meeting;
                        if (newest.Cancelled)
                        {
                            (meeting?.State ?? MeetingState.Cancelled).ShouldBe(MeetingState.Cancelled);
                            continue;
                        }

                        meeting.ShouldNotBeNull().State.ShouldBe(MeetingState.Scheduled);
                        (meeting.Title, meeting.Start, meeting.End).ShouldBe((newest.Title!, newest.Start!.Value, newest.End!.Value));
                        meeting.Registered.Count.ShouldBe(
                            newest.Attendees.Count(a =>
                                a.Address != "eve@example.org"
                                && a.Role != CalendarRole.NonParticipant
                                && a.Participation is not (Participation.Declined or Participation.Delegated)
                            )
                        );
                    }
                },
                iter: Iterations
            );

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>One meeting and the people of its calendar, as the commands leave them.</summary>
    private sealed class Register
    {
        private readonly List<object> _history = [];
        private readonly Dictionary<string, Guid> _people = [];

        public ImportedEntry? Last { get; set; }

        private Meeting? Meeting => _history.Count == 0 ? null : Given.Folded<Meeting>(_history);

        private KnownIds Ids =>
            new(_people.ToDictionary(p => (StreamKind.Person, Reference.To(new ExternalReference("mail", p.Key))), p => p.Value));

        public CalendarFacts Facts(CalendarEntry entry)
        {
            if (Meeting is not { } m)
                return new CalendarFacts(null, People(entry), []);
            ValueList<Guid> registered = [.. m.Registrations.Where(r => r.Value is not null).Select(r => r.Key)];
            return new CalendarFacts(
                new MeetingDirectoryEntry(
                    m.Id,
                    m.Details.Title,
                    m.State,
                    m.Voided,
                    m.Planned.Start,
                    m.Planned.End,
                    m.Planned.TimeZone,
                    m.Details.Venue,
                    m.Details.Topics,
                    registered
                ),
                People(entry),
                [.. registered.Except(People(entry).Values)]
            );
        }

        public void Do(ICommand command)
        {
            if (command is RegisterPerson person)
            {
                _people.Add(person.ExternalReference!.Id, Guid.NewGuid());
                return;
            }

            var decision = command switch
            {
                ScheduleMeeting c => ScheduleMeeting.Decide(Some.Meeting, null, Ids, Facts(), TimeZones.Shown, c),
                RescheduleMeeting c => RescheduleMeeting.Decide(Meeting!, Facts(), TimeZones.Shown, c),
                RelocateMeeting c => RelocateMeeting.Decide(Meeting!, c),
                CorrectMeeting c => CorrectMeeting.Decide(
                    Meeting!,
                    Ids,
                    Facts(),
                    new HashSet<Guid>(),
                    Some.Day("2026-01-01"),
                    TimeZones.Shown,
                    c
                ),
                CancelMeeting c => CancelMeeting.Decide(Meeting!, c),
                RegisterAttendance c => RegisterAttendance.Decide(Meeting!, Ids, c),
                WithdrawRegistration c => WithdrawRegistration.Decide(Meeting!, c.PersonId.Id!.Value, c),
                _ => throw new InvalidOperationException($"A calendar plans no {command.GetType().Name}."),
            };
            var events = decision.ShouldBeOfType<Decision.Accepted>($"{command}: {decision}").Events;
            events.ShouldNotBeEmpty($"{command}");
            _history.AddRange(events);
        }

        private Dictionary<string, Guid> People(CalendarEntry entry) =>
            _people.Where(p => entry.Attendees.Any(a => a.Address == p.Key)).ToDictionary();

        private static IReadOnlyList<PlacementFacts> Facts() => [new(Some.Framework, ["senior-officials"], ["resettlement", "visa"])];
    }
}

using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Corrects what was recorded of a meeting; what is absent stays. <paramref name="Undo"/> takes back a hold, a cancellation
/// or a did-not-take-place; <paramref name="Remove"/> what was stated and is not known. The reason is public record.
/// </summary>
public sealed record CorrectMeeting(
    Reference MeetingId,
    [property: Text(1000)] string Reason,
    Undoing? Undo = null,
    [property: Bounds(0, 5)] ValueList<Removable>? Remove = null,
    [property: Text(300)] string? Title = null,
    [property: Bounds(1, 50)] ValueList<PlacementFields>? Frameworks = null,
    [property: TimeOfDay] PartialDate? Start = null,
    [property: TimeOfDay] PartialDate? End = null,
    [property: TimeZone] string? TimeZone = null,
    MeetingMode? Mode = null,
    [property: Text(300)] string? Venue = null,
    [property: Country, Text(2, Pattern = CountryAttribute.Pattern, Words = CountryAttribute.Words)] string? Country = null,
    [property: Bounds(0, 50)] ValueList<HostFields>? Hosts = null,
    [property: Bounds(0, 50)] ValueList<string>? Topics = null,
    Reference? InMarginsOf = null
) : ICommand
{
    /// <param name="facts">Of the frameworks the meeting stands under after the correction.</param>
    /// <param name="around">The meeting in whose margins the command places it, with all in whose margins that one is.</param>
    /// <param name="today">The day it is in the meeting's time zone.</param>
    public static Decision Decide(
        Meeting meeting,
        KnownIds ids,
        IReadOnlyList<PlacementFacts> facts,
        IReadOnlySet<Guid> around,
        DateOnly today,
        ShownTime shown,
        CorrectMeeting command
    )
    {
        if (meeting.Voided)
            return meeting.RefuseUnless()!;
        var (state, before, mode, problem) = Undone(meeting, command.Undo);
        if (problem is not null)
            return problem;
        if (command.Contradiction() is { } contradiction)
            return contradiction;
        if (
            Correction.NothingGiven(
                ("title", command.Title),
                ("frameworks", command.Frameworks),
                ("start", command.Start),
                ("end", command.End),
                ("timeZone", command.TimeZone),
                ("mode", command.Mode),
                ("venue", command.Venue),
                ("country", command.Country),
                ("hosts", command.Hosts),
                ("topics", command.Topics),
                ("inMarginsOf", command.InMarginsOf),
                ("remove", command.Remove.UnlessEmpty()),
                ("undo", command.Undo)
            ) is
            { } nothing
        )
            return nothing;

        var start = command.Start ?? before.Start;
        var days = new MeetingDays(start, command.End ?? before.End, command.Or(Removable.TimeZone, command.TimeZone, before.TimeZone));
        if (command is { Start: not null, End: null } && days.EndsBeforeItStarts(shown))
            days = days with { End = start };
        var now = meeting.Details;
        var wanted = now with
        {
            Title = command.Title ?? now.Title,
            Frameworks = Changed(command.Frameworks?.Resolved(ids), now.Frameworks),
            Start = days.Start,
            End = days.End,
            TimeZone = days.TimeZone,
            Mode = command.Remove?.Contains(Removable.Mode) == true ? null : command.Mode ?? mode,
            Venue = command.Or(Removable.Venue, command.Venue, now.Venue),
            Country = command.Or(Removable.Country, command.Country, now.Country),
            Hosts = Changed(command.Hosts?.Resolved(ids), now.Hosts),
            Topics = Changed(command.Topics, now.Topics),
            InMarginsOf =
                command.Remove?.Contains(Removable.InMarginsOf) == true
                    ? null
                    : ids.OfOptional(StreamKind.Meeting, command.InMarginsOf) ?? now.InMarginsOf,
        };
        if (now == wanted && state == meeting.State)
            return Decision.Nothing;

        var fault = (days == before ? null : days.Fault("/start", "/end", shown))
            ?? (
                wanted.InMarginsOf == meeting.Id
                    ? KernelProblems.Invalid.At("/inMarginsOf", "A meeting takes place in the margins of another, not of itself.")
                : wanted.InMarginsOf != now.InMarginsOf && around.Contains(meeting.Id)
                    ? KernelProblems.Invalid.At("/inMarginsOf", "That meeting itself takes place in the margins of this one.")
                : null
            )
            ?? (
                command is { Frameworks: null, Topics: null, Start: null }
                    ? null
                    : PlacementRules.Fault(wanted.Frameworks, wanted.Topics, days.FirstDay, facts)
            )
            ?? (wanted.Hosts == now.Hosts ? null : HostRules.Fault(wanted.Hosts))
            ?? (state == MeetingState.Held ? HoldMeeting.NotBegun(days, today, "/start") : null);
        var (replaced, corrected) = (Differing(now, wanted), Differing(wanted, now));
        if (state != meeting.State)
            (replaced, corrected) = (replaced with { State = meeting.State }, corrected with { State = state });
        return fault ?? Decision.Accept(new MeetingCorrected(meeting.Id, replaced, corrected, command.Reason));
    }

    /// <summary>The state, days and mode the correction starts from. What is undone already stays as it is.</summary>
    private static (MeetingState State, MeetingDays Days, MeetingMode? Mode, Problem? Problem) Undone(Meeting meeting, Undoing? undo) =>
        (undo, meeting.State) switch
        {
            (Undoing.Hold, MeetingState.Held) => (MeetingState.Scheduled, meeting.Planned.Days(), meeting.Planned.Mode, null),
            (Undoing.Cancellation, MeetingState.Cancelled) or (Undoing.DidNotTakePlace, MeetingState.DidNotTakePlace) => (
                meeting.StateBefore,
                meeting.Days,
                meeting.Details.Mode,
                null
            ),
            (null, _) or (_, MeetingState.Scheduled or MeetingState.Postponed) => (meeting.State, meeting.Days, meeting.Details.Mode, null),
            _ => (
                default,
                meeting.Days,
                null,
                MeetingProblems.NothingToUndo.At("/undo", "The meeting is in another state; there is nothing of that kind to undo.")
            ),
        };

    /// <summary>The list as it is, unless other items are given: another order is no change.</summary>
    private static ValueList<T> Changed<T>(ValueList<T>? given, ValueList<T> now) => given?.HasItemsOf(now) == false ? given : now;

    private string? Or(Removable field, string? corrected, string? now) => Remove?.Contains(field) == true ? null : corrected ?? now;

    private Problem? Contradiction() =>
        Correction.Contradiction(
            Remove,
            (Removable.TimeZone, TimeZone),
            (Removable.Mode, Mode),
            (Removable.Venue, Venue),
            (Removable.Country, Country),
            (Removable.InMarginsOf, InMarginsOf)
        );

    private static MeetingFacts Differing(MeetingDetails of, MeetingDetails from) =>
        new()
        {
            Title = of.Title == from.Title ? null : of.Title,
            Frameworks = of.Frameworks == from.Frameworks ? null : of.Frameworks,
            Start = of.Start == from.Start ? null : of.Start,
            End = of.End == from.End ? null : of.End,
            TimeZone = of.TimeZone == from.TimeZone ? null : of.TimeZone,
            Mode = of.Mode == from.Mode ? null : of.Mode,
            Venue = of.Venue == from.Venue ? null : of.Venue,
            Country = of.Country == from.Country ? null : of.Country,
            Hosts = of.Hosts == from.Hosts ? null : of.Hosts,
            Topics = of.Topics == from.Topics ? null : of.Topics,
            InMarginsOf = of.InMarginsOf == from.InMarginsOf ? null : of.InMarginsOf,
        };
}

public static class CorrectMeetingEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/correct", OperationId = "correct-meeting"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CorrectMeeting command)
    {
        var references = new References().AddHosts(command.Hosts ?? []).Add(StreamKind.Meeting, command.InMarginsOf, "/inMarginsOf");
        for (var i = 0; i < (command.Frameworks?.Count ?? 0); i++)
            references.Add(StreamKind.Framework, command.Frameworks![i].FrameworkId, $"/frameworks/{i}/frameworkId");
        return new(async work =>
        {
            // Two corrections decided at the same time could each see the other meeting without the link that closes the circle.
            if (command.InMarginsOf is not null)
                await work.LockRule("correct-meeting");
            return await work.Change<Meeting>(command.MeetingId, references, async (meeting, ids) =>
                CorrectMeeting.Decide(
                    meeting,
                    ids,
                    await Placements.Facts(work, command.Frameworks?.Resolved(ids) ?? meeting.Details.Frameworks),
                    await Around(work, ids.OfOptional(StreamKind.Meeting, command.InMarginsOf)),
                    work.Today(command.TimeZone ?? meeting.Days.TimeZone),
                    TimeZones.Shown,
                    command with
                    {
                        TimeZone = TimeZones.OrRecorded(command.TimeZone, meeting.Days.TimeZone),
                    }
                )
            );
        });
    }

    private static async Task<IReadOnlySet<Guid>> Around(UnitOfWork work, Guid? inMarginsOf)
    {
        var around = new HashSet<Guid>();
        while (inMarginsOf is { } id && around.Add(id))
            inMarginsOf = (await work.Find<Meeting>(id))?.Details.InMarginsOf;
        return around;
    }
}

/// <summary>What a correction can take away.</summary>
public enum Removable
{
    TimeZone,
    Mode,
    Venue,
    Country,
    InMarginsOf,
}

/// <summary>What a correction takes back.</summary>
public enum Undoing
{
    Hold,
    Cancellation,
    DidNotTakePlace,
}

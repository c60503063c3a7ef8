using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>Sets the agenda, in place of the one before. Titles are public record; a topic is the code of an area.</summary>
public sealed record SetAgenda(Reference MeetingId, [property: Bounds(0, 100)] ValueList<AgendaItem> Items) : ICommand
{
    public static Decision Decide(Meeting meeting, IReadOnlyList<PlacementFacts> facts, SetAgenda command) =>
        meeting.While(Change(meeting, facts, command), MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held);

    private static Decision Change(Meeting meeting, IReadOnlyList<PlacementFacts> facts, SetAgenda command)
    {
        if (command.Items == meeting.Details.Agenda)
            return Decision.Nothing;
        for (var i = 0; i < command.Items.Count; i++)
        {
            if (command.Items[i].Topic is { } topic && !facts.Any(f => f.Areas.Contains(topic)))
                return PlacementRules.UnknownArea($"/items/{i}/topic", facts);
        }

        return Decision.Accept(new AgendaSet(meeting.Id, command.Items));
    }
}

public static class SetAgendaEndpoint
{
    [WolverinePost("/v1/meetings/{meetingId}/agenda", OperationId = "set-agenda"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(SetAgenda command) =>
        new(work =>
            work.Change<Meeting>(command.MeetingId, async meeting =>
                SetAgenda.Decide(meeting, await Placements.Facts(work, meeting.Details.Frameworks), command)
            )
        );
}

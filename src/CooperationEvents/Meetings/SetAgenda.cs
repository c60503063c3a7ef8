using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>Sets the agenda, in place of the one before. Titles are public record; a topic is the code of an area.</summary>
public sealed record SetAgenda(Reference MeetingId, [property: Bounds(0, 100)] ValueList<AgendaItem> Items) : ICommand
{
    public static Decision Decide(Meeting meeting, IReadOnlyList<PlacementFacts> facts, SetAgenda command)
    {
        if (meeting.RefuseUnless(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held) is { } refused)
            return refused;
        for (var i = 0; i < command.Items.Count; i++)
        {
            if (command.Items[i].Topic is { } topic && !facts.Any(f => f.Areas.Contains(topic)))
                return MeetingProblems.UnknownArea.At($"/items/{i}/topic", $"The areas are {string.Join(", ", facts.SelectMany(f => f.Areas).Distinct())}.");
        }

        return command.Items == meeting.Agenda ? Decision.Nothing : Decision.Accept(new AgendaSet(meeting.Id, command.Items));
    }
}

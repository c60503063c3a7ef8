using System.Globalization;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;

namespace CooperationEvents.Publications;

/// <summary>Between the words of a publication and those of the statistics.</summary>
internal static class Frozen
{
    public static Question Question(PublishedQuestion asked, DateOnly asOf, string definition, long position = 0) =>
        new(asked.Framework, asOf, position)
        {
            KnownAt = position.ToString(CultureInfo.InvariantCulture),
            Definition = definition,
            From = asked.From?.FirstDay,
            Filter = new ActivityFilter
            {
                Level = asked.Level,
                Year = asked.Year,
                Party = asked.Party,
                Organisation = asked.Organisation?.ToString(),
            },
            Lineage = IsLineage(asked),
        };

    /// <summary>Whether organisations are folded into those that followed them.</summary>
    public static bool IsLineage(PublishedQuestion asked) => asked.OrgView == Statistics.Counting.Question.OrgViews[1];

    public static PublishedFigure Figure(FrozenFigure frozen) =>
        new(
            frozen.Figures.MeetingsHeld,
            frozen.Figures.Attendances,
            frozen.Figures.Unnamed,
            frozen.Figures.Staff.Known,
            frozen.Figures.Staff.AtLeast,
            frozen.Figures.Staff.AtMost,
            frozen.Figures.MeetingsWithoutAttendance
        );

    /// <summary>By how much the second is more; of what may be absent only where both are there.</summary>
    public static PublishedFigure Difference(PublishedFigure from, PublishedFigure to) =>
        new(
            to.MeetingsHeld - from.MeetingsHeld,
            to.Attendances - from.Attendances,
            to.Unnamed - from.Unnamed,
            to.StaffKnown - from.StaffKnown,
            to.StaffAtLeast - from.StaffAtLeast,
            to.StaffAtMost - from.StaffAtMost,
            to.MeetingsWithoutAttendance - from.MeetingsWithoutAttendance
        );

    public static PublishedEvidence Evidence(FrozenFigure frozen) => new(frozen.EventCount, frozen.EventsSha256);
}

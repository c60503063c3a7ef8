using CooperationEvents.Authorization;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// Marks a statistic, with the parameters it takes beside those of every question. Figures tell of the records they are counted from, so
/// that only who may read the records may ask for them; others read publications.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StatisticAttribute : QueryAttribute
{
    public StatisticAttribute(Type answer, params string[] more)
        : base(Scopes.StatisticsRead, answer, [.. Questions.Parameters, .. more]) => Also = Scopes.ActivityRead;
}

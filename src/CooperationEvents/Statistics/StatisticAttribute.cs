using CooperationEvents.Access;
using CooperationEvents.Reading;

namespace CooperationEvents.Statistics;

/// <summary>
/// Marks a statistic: the parameters of every question, and those it takes beside them. Figures of a few people single somebody out:
/// they are for who may read the records themselves. Who may not reads publications.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StatisticAttribute : QueryAttribute
{
    public StatisticAttribute(Type answer, params string[] more)
        : base(Scopes.StatisticsRead, answer, [.. Questions.Parameters, .. more]) => Also = Scopes.ActivityRead;
}

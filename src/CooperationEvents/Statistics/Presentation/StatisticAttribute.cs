using CooperationEvents.Access;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// Marks a statistic: the parameters of every question, and those it takes beside them. Records and figures add up to
/// each other, so that they are for who may read the records too. Who may not reads publications.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StatisticAttribute : QueryAttribute
{
    public StatisticAttribute(Type answer, params string[] more)
        : base(Scopes.StatisticsRead, answer, [.. Questions.Parameters, .. more]) => Also = Scopes.ActivityRead;
}

using CooperationEvents.Access;
using CooperationEvents.Reading;

namespace CooperationEvents.Statistics;

/// <summary>Marks a statistic: the parameters of every question, and those it takes beside them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StatisticAttribute(Type answer, params string[] more)
    : QueryAttribute(Scopes.StatisticsRead, answer, [.. Questions.Parameters, .. more]);

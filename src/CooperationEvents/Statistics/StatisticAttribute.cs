using CooperationEvents.Access;
using CooperationEvents.Reading;

namespace CooperationEvents.Statistics;

/// <summary>
/// Marks a statistic: the parameters of every question, and those it takes beside them. It is for who may read the activity, since the
/// records and the figures add up to each other.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StatisticAttribute(Type answer, params string[] more)
    : QueryAttribute(Scopes.ActivityRead, answer, [.. Questions.Parameters, .. more]);

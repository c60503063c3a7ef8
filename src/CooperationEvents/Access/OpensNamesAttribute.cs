namespace CooperationEvents.Access;

/// <summary>
/// Marks an endpoint that answers with names to whoever may read them: the reading is journalled, and no cache keeps the answer.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpensNamesAttribute : Attribute;

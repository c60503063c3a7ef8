namespace CooperationEvents.Privacy;

/// <summary>Knows whose personal fields are hidden from everybody but rules and the person's own report.</summary>
public interface IKnowHidden
{
    /// <summary>All of them, as far as the read models have come when a request first asks; the same for all of the request.</summary>
    Task<IReadOnlySet<Guid>> In(HttpContext http);

    /// <summary>All of them, as far as the read models have come.</summary>
    Task<IReadOnlySet<Guid>> All(CancellationToken cancellation);
}

namespace CooperationEvents.Privacy;

/// <summary>A part of the register that knows on which day a person was last active.</summary>
public interface IKnowActivity
{
    /// <summary>The last day of everybody who has one; it may be to come. Who is merged with others is told by themselves.</summary>
    Task<IReadOnlyDictionary<Guid, DateOnly>> LastDays(CancellationToken cancellation);
}

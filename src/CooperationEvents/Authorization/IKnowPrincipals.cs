namespace CooperationEvents.Authorization;

/// <summary>Knows which principals there are.</summary>
public interface IKnowPrincipals
{
    /// <summary>Whether there is such a principal, and it has not ended.</summary>
    Task<bool> Stands(Guid principal, CancellationToken cancellation);
}

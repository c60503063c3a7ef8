namespace CooperationEvents.Http;

/// <summary>Decides whose personal values a caller is shown where they are no part of the person's own answer, as in a conflict.</summary>
public interface IShowPeople
{
    /// <summary>
    /// Those of the people whose values may be shown: to who may read names, of who is not hidden, and once it is in the access journal.
    /// </summary>
    Task<IReadOnlySet<Guid>> Of(IReadOnlyCollection<Guid> people, HttpContext http);
}

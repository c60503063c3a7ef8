using CooperationEvents.Kernel;

namespace CooperationEvents.Privacy;

/// <summary>
/// A place outside the history that holds something of persons: look-up values, remembered answers, files. Every such place
/// is registered as this, and an erasure goes through all of them; one that is not registered is not reached.
/// </summary>
public interface IHoldOfPeople
{
    /// <summary>What is held there, in words for the person's own report and for docs/privacy.md.</summary>
    string Holds { get; }

    /// <summary>
    /// Forgets what names the persons in plain words. Called while their fields can still be read, again after a crash, and
    /// never after: a place that is found by <see cref="Forget(IReadOnlyCollection{Guid}, CancellationToken)"/> needs it not.
    /// </summary>
    Task ForgetTexts(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>
    /// Forgets what is held under the persons' ids. Called after nothing more can be recorded about them; again after a crash.
    /// </summary>
    Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc cref="Forget(IReadOnlyCollection{Guid}, CancellationToken)"/>
    /// <param name="searchedFrom">When <see cref="ForgetTexts"/> began to look; null where that is not known.</param>
    Task Forget(IReadOnlyCollection<Guid> people, DateTimeOffset? searchedFrom, CancellationToken cancellation) =>
        Forget(people, cancellation);

    /// <summary>
    /// Forgets what is held of fields that expired. Called once that is recorded, while they can still be read; again after a crash.
    /// </summary>
    Task ForgetFields(IReadOnlyCollection<ExpiredField> expired, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>How many entries are held of the persons there.</summary>
    Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation);
}

/// <summary>The fields of a person that are sealed under that salt have expired.</summary>
public sealed record ExpiredField(Guid PersonId, FieldSalt Salt);

namespace CooperationEvents.Http;

/// <summary>The place of a request among those that are answered at once.</summary>
public interface IPlace
{
    /// <summary>Gives the place to somebody else while this waits for what is not its own work.</summary>
    Task<T> StepAside<T>(Func<Task<T>> wait, CancellationToken cancellation);
}

public static class PlaceOfRequest
{
    /// <summary>Waits without holding the request's place, where it has one.</summary>
    public static Task<T> StepAside<T>(this HttpContext http, Func<Task<T>> wait) =>
        http.Features.Get<IPlace>() is { } place ? place.StepAside(wait, http.RequestAborted) : wait();
}

namespace CooperationEvents.Http;

/// <summary>The permit of a request among those that are answered at once.</summary>
public interface IRequestPermit
{
    /// <summary>Gives the permit to somebody else while this waits for what is not its own work.</summary>
    Task<T> WaitWithoutPermit<T>(Func<Task<T>> wait, CancellationToken cancellation);
}

public static class PermitOfRequest
{
    /// <summary>Waits without holding the request's permit, where it has one.</summary>
    public static Task<T> WaitWithoutPermit<T>(this HttpContext http, Func<Task<T>> wait) =>
        http.Features.Get<IRequestPermit>() is { } permit ? permit.WaitWithoutPermit(wait, http.RequestAborted) : wait();
}

namespace CooperationEvents.Testing;

/// <summary>Erases people, and asks again while the last steps go on: a repeat answers as the first request did.</summary>
public static class Erasing
{
    /// <param name="host">The service.</param>
    /// <param name="person">Whom to erase.</param>
    /// <param name="reason">What is given as the reason.</param>
    public static Task<Answer> Erase(this RegisterHost host, Guid person, string reason = "asked") =>
        Done(() => host.Post(Path(person), new { reason }, "privacy"));

    /// <inheritdoc cref="Erase(RegisterHost, Guid, string)"/>
    public static Task<Answer> Erase(this ServiceProcess service, Guid person, string reason = "asked") =>
        Done(() => service.Post(Path(person), new { reason }, "privacy"));

    /// <summary>Posts what may be answered 202, as the erasure of a person is, until it is answered otherwise.</summary>
    public static async Task<Answer> Done(Func<Task<Answer>> post)
    {
        Answer? answer = null;
        await Wait.Until("an erasure to be done", async () => (answer = await post()).Status != 202);
        return answer!;
    }

    private static string Path(Guid person) => $"/v1/people/{person}/erase";
}

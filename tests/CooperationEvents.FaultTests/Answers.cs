using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary>What answers must look like, and what the history must hold.</summary>
internal static class Answers
{
    public static Answer ShouldBeAccepted(this Answer answer, int status = 200)
    {
        answer.Status.ShouldBe(status, answer.ToString());
        answer.ETag.ShouldBe($"\"{answer.Version}\"");
        answer.PositionHeader.ShouldBe(answer.Position);
        return answer;
    }

    /// <summary>The service cannot do it now, and says so as a problem that tells when to ask again.</summary>
    public static void ShouldBeBusy(this Answer answer)
    {
        answer.Status.ShouldBe(503, answer.ToString());
        answer.ContentType.ShouldStartWith("application/problem+json", customMessage: answer.ToString());
        answer.Header("Retry-After").ShouldNotBeNull(answer.ToString());
    }

    /// <summary>A repeat is answered as the first time, and says that it is a repeat.</summary>
    public static void ShouldReplay(this Answer repeat, Answer first)
    {
        repeat.Header("Idempotency-Replayed").ShouldBe("true", repeat.ToString());
        (repeat.Status, repeat.Id, repeat.Version, repeat.Position, repeat.ETag).ShouldBe(
            (first.Status, first.Id, first.Version, first.Position, first.ETag),
            repeat.ToString()
        );
    }

    /// <summary>How many events there are; what Marten leaves of saves that failed is none.</summary>
    public static Task<long> Events(this TestDatabase database) =>
        database.Scalar<long>("select count(*) from register.mt_events where type <> 'tombstone'");

    public static Task<long> LastPosition(this TestDatabase database) =>
        database.Scalar<long>("select max(seq_id) from register.mt_events");

    /// <summary>Every post was accepted and left exactly its events: none is missing, none is there twice.</summary>
    public static async Task ShouldHold(this TestDatabase database, long before, IReadOnlyCollection<Post> posts)
    {
        posts.ShouldAllBe(post => post.Answer != null);
        (await database.Events()).ShouldBe(before + posts.Sum(post => post.Events));
        var positions = (await database.Rows("select stream_id, version, seq_id from register.mt_events")).ToDictionary(
            row => ((Guid)row[0]!, (long)row[1]!),
            row => (long)row[2]!
        );
        foreach (var answer in posts.Select(post => post.Answer!))
            positions.GetValueOrDefault((answer.Id, answer.Version)).ShouldBe(answer.Position, answer.ToString());
    }

    /// <summary>Reads up to the position, once the service has come that far.</summary>
    public static async Task<Answer> ReadAt(this ServiceProcess service, string path, long position)
    {
        Answer? answer = null;
        try
        {
            await Wait.Until($"{path} at position {position}", async () =>
            {
                answer = await service.Get($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}minPosition={position}");
                return answer.Status != 503;
            });
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} Last answer: {answer}. The service wrote: {service.Output}", late);
        }

        answer!.Status.ShouldBe(200, answer.ToString());
        answer.PositionHeader.ShouldBeGreaterThanOrEqualTo(position);
        return answer;
    }
}

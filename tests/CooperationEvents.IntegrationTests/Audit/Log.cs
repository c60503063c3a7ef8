using CooperationEvents.AuditLog;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>The log of a running service, as anybody sees it.</summary>
internal static class Log
{
    public static async Task<Checkpoint> Newest(RegisterHost host) =>
        Checkpoint.Parse(SignedNote.Parse((await host.Get("/v1/audit/log/checkpoint", role: null)).ShouldBeText("text/plain")).Text);

    public static async Task<IReadOnlyList<LogKey>> Keys(RegisterHost host) =>
        LogKey.ParseAll((await host.Get("/v1/audit/log/keys", role: null)).ShouldBeText("application/x-ndjson").Split('\n'));

    /// <summary>Waits until the newest checkpoint covers every event of these streams.</summary>
    public static Task Covers(RegisterHost host, IReadOnlyList<Guid> streams) =>
        Wait.Until("the log to cover what was posted", async () => await host.Database.Scalar<bool>(
                """
                select not exists (
                    select from register.mt_events e left join audit.leaf l on l.seq = e.seq_id
                    where e.stream_id = any($1) and coalesce(l.index >= (select published from audit.log_head), true))
                """,
                streams.ToArray()
            ));

    /// <summary>Waits until the newest checkpoint covers every event there is.</summary>
    public static Task CoversAll(RegisterHost host) =>
        Wait.Until("the log to cover everything", async () =>
            await host.Database.Scalar<bool>("select (select count(*) from register.mt_events) = (select published from audit.log_head)")
        );

    /// <summary>Cancels the replay that runs, where one does, and waits until nothing of it is left.</summary>
    public static Task EndReplay(RegisterHost host) => Wait.Until("no replay to run", async () =>
        {
            var newest = (await host.Get("/v1/audit/replays?limit=1", "admin")).Json["items"]!.AsArray().SingleOrDefault();
            if (newest is not null && newest["finishedAt"] is null)
            {
                await host.Post($"/v1/audit/replays/{newest.Text("id")}/cancel", role: "admin");
                return false;
            }

            return await host.Database.Scalar<bool>("select not exists (select from pg_namespace where nspname like 'replay\\_%')");
        });

    public static async Task<byte[]> Bytes(this RegisterHost host, string path, string? role)
    {
        using var response = await host.Raw(path, role);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    public static string ShouldBeText(this Answer answer, string mediaType)
    {
        answer.Status.ShouldBe(200, answer.ToString());
        answer.ContentType.ShouldStartWith(mediaType);
        return answer.Text;
    }
}

using CooperationEvents.Audit.Journal;
using CooperationEvents.Hosting;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;
using Wolverine.Runtime;

namespace CooperationEvents.IntegrationTests;

/// <summary>Jobs wait in the database, each once, and none is lost that fails.</summary>
public sealed class JobTests
{
    private const string Pending = "select message_type from jobs.wolverine_incoming_envelopes where status = 'Scheduled' order by 1";

    /// <summary>The messages that wait at fixed times, in their order.</summary>
    private static readonly string[] Scheduled =
    [
        "CooperationEvents.Audit.Journal.ForgetReadings",
        "CooperationEvents.Audit.Journal.SealReadings",
        "CooperationEvents.Authentication.ForgetSecurityEvents",
        "CooperationEvents.Ingestion.Imports.ForgetImports",
        "CooperationEvents.People.ExpireFields",
        "CooperationEvents.Privacy.ForgetReasons",
        "CooperationEvents.Recording.ForgetAnswers",
        "CooperationEvents.Webhooks.ForgetDeletedSubscriptions",
    ];

    private static readonly (string, string) Quick = ("Jobs:PaceSeconds", "0.2");

    [Fact]
    public async Task A_job_that_fails_is_tried_again_then_kept_and_done_once_an_operator_has_it_tried_again()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Quick);
        await database.Rows("alter function audit.forget_access(timestamptz) rename to held");

        await Send(host, new ForgetReadings());

        await Wait.Until("the job to have failed for good", async () => await Failed(database) == 1);
        var id = await database.Scalar<Guid>("select id from jobs.wolverine_dead_letters");
        (await database.Scalar<string>("select exception_message from jobs.wolverine_dead_letters")).ShouldContain("forget_access");
        await database.Rows("alter function audit.held(timestamptz) rename to forget_access");
        (await JobCommands.Run(host.Services, ["jobs", "replay", id.ToString()])).ShouldBe(0);
        await Wait.Until("the job to be done", async () =>
            await database.Scalar<bool>(
                "select exists (select from jobs.wolverine_incoming_envelopes where id = $1 and status = 'Handled')",
                id
            )
        );
        (await Failed(database)).ShouldBe(0);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_job_that_failed_is_forgotten_where_an_operator_says_so()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Quick);
        await database.Rows("alter function audit.forget_access(timestamptz) rename to held");
        await Send(host, new ForgetReadings());
        await Wait.Until("the job to have failed for good", async () => await Failed(database) == 1);
        var id = await database.Scalar<Guid>("select id from jobs.wolverine_dead_letters");

        (await JobCommands.Run(host.Services, ["jobs", "discard", id.ToString()])).ShouldBe(0);

        (await Failed(database)).ShouldBe(0);
        (await JobCommands.Run(host.Services, ["jobs", "replay", id.ToString()])).ShouldBe(1);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Each_scheduled_job_waits_once_however_many_nodes_there_are_and_were()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database, settings: Quick);
        await Wait.Until("the jobs to be scheduled", () => EachWaitsOnce(database));

        await using (await RegisterHost.Start(database, one.DataDirectory, settings: Quick)) { }
        await using var other = await RegisterHost.Start(database, one.DataDirectory, settings: Quick);
        await one.DisposeAsync();
        await Wait.Until("the other node to lead", () => Leads(database, other));

        // One that is due at this very moment waits again once it is done.
        await Wait.Until("each job to wait once", () => EachWaitsOnce(database));
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    private static async Task<bool> EachWaitsOnce(TestDatabase database) =>
        (await database.Rows(Pending)).Select(p => p[0]).SequenceEqual(Scheduled);

    private static Task<bool> Leads(TestDatabase database, RegisterHost host) =>
        database.Scalar<bool>(
            "select exists (select from jobs.wolverine_node_assignments where id like '%recurring%' and node_id = $1)",
            host.Services.GetRequiredService<IWolverineRuntime>().Options.UniqueNodeId
        );

    private static Task<long> Failed(TestDatabase database) => database.Scalar<long>("select count(*) from jobs.wolverine_dead_letters");

    private static async Task Send(RegisterHost host, object job)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(job);
    }
}

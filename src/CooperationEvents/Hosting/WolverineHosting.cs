using CooperationEvents.Storage;
using JasperFx;
using JasperFx.CodeGeneration;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Postgresql;

namespace CooperationEvents.Hosting;

/// <summary>
/// Wolverine carries the HTTP endpoints and the jobs. A job is a message that waits in the database, and a handler in the room it
/// belongs to: it is tried again where it fails, taken over where its node ends, and kept as a failed job where it fails for good.
/// </summary>
public static class WolverineHosting
{
    /// <param name="name">The name of the connection string of who this process is.</param>
    /// <param name="schedules">When the jobs of each room are due, in UTC. A run that falls due while no node runs is skipped, so each run
    /// does all the work that has come up since the last one.</param>
    public static void AddWolverine(
        this IHostBuilder host,
        IConfiguration configuration,
        JobOptions jobs,
        string name,
        params Action<RecurringMessageCollection>[] schedules
    ) =>
        host.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(WolverineHosting).Assembly;

            options.PersistMessagesWithPostgresql(DataSources.OfJobs(configuration, name), JobTables.Schema);
            options.AutoBuildMessageStorageOnStartup = AutoCreate.None;
            options.Policies.UseDurableLocalQueues();
            JobsByRightClocks.PutBack(options);
            SetPace(options, TimeSpan.FromSeconds(jobs.PaceSeconds));
            options.Policies.AddMiddleware(typeof(JobsByRightClocks));
            foreach (var schedule in schedules)
                schedule(options.Schedules);
            if (configuration["WOLVERINE_OUTPUT"] is { } output)
                options.CodeGeneration.GeneratedCodeOutputPath = output;
#if WOLVERINE_STATIC
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Static;
#else
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Dynamic;
#endif
        });

    /// <param name="pace">How often a node says that it lives, and looks for jobs that are due or were given up.</param>
    private static void SetPace(WolverineOptions options, TimeSpan pace)
    {
        options.Policies.OnAnyException().ScheduleRetry(pace / 10, pace, 10 * pace);
        var durability = options.Durability;
        durability.HealthCheckPollingTime = pace;
        durability.ScheduledJobPollingTime = pace;

        // A node that is found to have ended gives its messages back at once; this finds what others left.
        durability.StaleNodeTimeout = 6 * pace;
        durability.OrphanedMessageSweepPollingTime = 6 * pace;
        durability.DeadLetterQueueExpirationEnabled = true;
        durability.DeadLetterQueueExpiration = TimeSpan.FromDays(90);

        // Nobody watches these counts, and they would fill the traces.
        durability.DurabilityMetricsEnabled = false;
        durability.NodeAssignmentHealthCheckTracingEnabled = false;
    }
}

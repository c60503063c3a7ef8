using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;
using Wolverine;
using Wolverine.ErrorHandling;

namespace CooperationEvents.Hosting;

/// <summary>
/// How far the clock of this node is from the database's, whose time every event has. What is decided by the day it is (a
/// meeting is not held before its first day) goes by the node's clock, so one that is wrong must not decide.
/// </summary>
/// <remarks>A node whose clock stays wrong ends: it would not start either, and it is in the way of the jobs.</remarks>
public sealed partial class ClockCheck(
    NpgsqlDataSource database,
    HostingOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<ClockCheck> logger
) : BackgroundService
{
    /// <summary>How long a clock may be wrong, as while NTP is about to set it, before its node ends.</summary>
    public static readonly TimeSpan WrongAtMost = TimeSpan.FromMinutes(5);

    private static readonly ProblemType Apart = new("clock-apart", 503, "The clock of the node is wrong");

    /// <summary>What is said in health.</summary>
    private static readonly TimeSpan Said = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(15);

    /// <summary>A look over a busy network says little: the best of so many counts.</summary>
    private const int Looks = 3;

    private readonly TimeSpan _limit = options.ClocksApart;

    private long _ticks;

    /// <summary>Since when the clock is wrong, as a timestamp; zero while it is not.</summary>
    private long _wrongSince;

    /// <summary>Whether the node was ended because its clock stayed wrong.</summary>
    public bool HasEndedNode { get; private set; }

    /// <summary>By how much the node's clock is certainly ahead of the database's; below zero where it is behind.</summary>
    public TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Why the node takes no requests; null while it does.</summary>
    public Problem? Refusal =>
        Ahead.Duration() > _limit
            ? Apart.Because($"{InWords()} Set the clock of the node, or send the request to another.") with
            {
                RetryAfter = 15,
            }
            : null;

    /// <summary>What is worth saying while the node serves; null where the clocks agree.</summary>
    public string? Warning => Ahead.Duration() > Said ? InWords() : null;

    /// <exception cref="DatabaseRefusedException">The clocks are too far apart.</exception>
    public async Task CheckAtStart(CancellationToken cancellation)
    {
        await Look(cancellation);
        if (Refusal is not null)
            throw new DatabaseRefusedException($"{InWords()} Set the clock of the node (NTP), and start again.");
    }

    /// <summary>Compares the clocks, and ends the node where its own is wrong for <see cref="WrongAtMost"/>.</summary>
    public async Task Look(CancellationToken cancellation)
    {
        TimeSpan? best = null;
        for (var i = 0; i < Looks; i++)
        {
            await using var command = database.Statement("select clock_timestamp()");
            var before = clock.GetUtcNow();
            var theirs = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!, TimeSpan.Zero);
            var after = clock.GetUtcNow();
            var ahead =
                theirs < before ? before - theirs
                : theirs > after ? after - theirs
                : TimeSpan.Zero;
            best = best is { } b && b.Duration() <= ahead.Duration() ? b : ahead;
        }

        var was = Warning;
        Interlocked.Exchange(ref _ticks, best!.Value.Ticks);
        if (was is null && Warning is { } warning)
            Differs(logger, warning);
        EndWhereWrongForLong();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(LookLater, e => Failed(logger, e), TimeSpan.Zero, clock, stoppingToken);

    private async Task LookLater(CancellationToken cancellation)
    {
        await Task.Delay(CheckInterval, clock, cancellation);
        await Look(cancellation);
    }

    private void EndWhereWrongForLong()
    {
        if (Refusal is null)
        {
            Interlocked.Exchange(ref _wrongSince, 0);
            return;
        }

        var now = clock.GetTimestamp();
        var since = Interlocked.CompareExchange(ref _wrongSince, now, 0);
        if (since == 0 || HasEndedNode || clock.GetElapsedTime(since, now) < WrongAtMost)
            return;
        HasEndedNode = true;
        Ends(logger, InWords());
        lifetime.StopApplication();
    }

    private string InWords() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The clock of this node is {Math.Abs(Ahead.TotalSeconds):f1} s {(Ahead > TimeSpan.Zero ? "ahead of" : "behind")} the "
                + $"database's."
        );

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void Differs(ILogger logger, string warning);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "ALARM: {Why} This node ends, and does not start again before its clock is right: set it (NTP)."
    )]
    private static partial void Ends(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock could not be compared with the database's; trying again")]
    private static partial void Failed(ILogger logger, Exception error);
}

/// <summary>
/// Has no job run on a node whose clock is wrong: its dates would be, too. The job is put back, and due for whichever node looks next.
/// </summary>
public static class JobsByRightClocks
{
    /// <summary>A time in the past for every node, also for one whose clock is wrong.</summary>
    private static readonly DateTimeOffset LongDue = DateTimeOffset.UnixEpoch;

    /// <exception cref="ClockApartException">The clock of this node is wrong.</exception>
    public static async Task BeforeAsync(ClockCheck clock, CancellationToken cancellation)
    {
        await clock.Look(cancellation);
        if (clock.Refusal is { } refusal)
            throw new ClockApartException($"ALARM: a job is put back for a node whose clock is right. {refusal.Detail}");
    }

    /// <summary>Must stand before the rule for all faults, since the first that fits is taken. It counts as no failure.</summary>
    public static void PutBack(WolverineOptions options) =>
        options
            .Policies.OnException<ClockApartException>()
            .CustomActionIndefinitely(
                (_, job, _) => new ValueTask(job.ReScheduleAsync(LongDue)),
                "put back for a node whose clock is right"
            );
}

/// <summary>The clock of this node is wrong.</summary>
public sealed class ClockApartException(string why) : Exception(why);

public static class ClockCheckHosting
{
    public static IServiceCollection AddClockCheck(this IServiceCollection services) =>
        services
            .AddConfigured<HostingOptions>()
            .AddSingleton<ClockCheck>()
            .AddHostedService(provider => provider.GetRequiredService<ClockCheck>());

    /// <summary>Refuses what is asked of a node whose clock is wrong; its health and its documents are still answered.</summary>
    public static void UseClockCheck(this WebApplication app) =>
        app.Use(next =>
            http =>
                http.Request.Path.StartsWithSegments("/v1") && http.RequestServices.GetRequiredService<ClockCheck>().Refusal is { } refusal
                    ? ProblemResult.Of(refusal).ExecuteAsync(http)
                    : next(http)
        );
}

using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;
using Wolverine;

namespace CooperationEvents.Hosting;

/// <summary>
/// How far the clock of this node is from the database's, whose time every event has. What is decided by the day it is (a
/// meeting is not held before its first day) goes by the node's clock, so one that is wrong must not decide.
/// </summary>
public sealed partial class ClockCheck(NpgsqlDataSource database, HostingOptions options, TimeProvider clock, ILogger<ClockCheck> logger)
    : BackgroundService
{
    private static readonly ProblemType Apart = new("clock-apart", 503, "The clock of the node is wrong");

    /// <summary>What is said in health.</summary>
    private static readonly TimeSpan Said = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(15);

    /// <summary>A look over a busy network says little: the best of so many counts.</summary>
    private const int Looks = 3;

    private readonly TimeSpan _limit = options.ClocksApart;

    private long _ticks;

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

    /// <summary>Compares the clocks.</summary>
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
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Loop.Run(LookLater, e => Failed(logger, e), TimeSpan.Zero, clock, stoppingToken);

    private async Task LookLater(CancellationToken cancellation)
    {
        await Task.Delay(CheckInterval, clock, cancellation);
        await Look(cancellation);
    }

    private string InWords() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The clock of this node is {Math.Abs(Ahead.TotalSeconds):f1} s {(Ahead > TimeSpan.Zero ? "ahead of" : "behind")} the "
                + $"database's."
        );

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void Differs(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock could not be compared with the database's; trying again")]
    private static partial void Failed(ILogger logger, Exception error);
}

/// <summary>
/// Has no job run on a node whose clock is wrong: its dates would be, too. What is left out is done the next time it is due. A node that is
/// ahead is the first to find a job due, and so may leave out those of all nodes while it runs: that is an alarm.
/// </summary>
public static partial class JobsByRightClocks
{
    public static async Task<HandlerContinuation> BeforeAsync(ClockCheck clock, ILogger<ClockCheck> logger, CancellationToken cancellation)
    {
        await clock.Look(cancellation);
        if (clock.Refusal is not { } refusal)
            return HandlerContinuation.Continue;
        LeftOut(logger, refusal.Detail);
        return HandlerContinuation.Stop;
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "ALARM: a job is left out until it is due again. Set the clock of this node right, or stop it: until then it may be done "
            + "by no node. {Why}"
    )]
    private static partial void LeftOut(ILogger logger, string why);
}

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

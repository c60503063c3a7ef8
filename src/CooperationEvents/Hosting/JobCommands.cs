using System.Globalization;
using CooperationEvents.Kernel;
using JasperFx.Core;
using Wolverine.Persistence.Durability;
using Wolverine.Persistence.Durability.DeadLetterManagement;
using Wolverine.Runtime.Recurring;

namespace CooperationEvents.Hosting;

/// <summary>What is done with the jobs from the command line, while nodes serve.</summary>
public static class JobCommands
{
    public const string Usage = """
        CooperationEvents jobs list

          Lists when each scheduled job is due next, and the jobs that failed for good: the id, the job, when
          it was sent, and why it failed.

        CooperationEvents jobs replay ID

          Has a node try a job again that failed for good.

        CooperationEvents jobs discard ID

          Forgets a job that failed for good.
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["jobs", ..];

    /// <summary>
    /// Runs the command; the exit code is 0 where it was done, 1 where no such job failed, 2 where it was not understood.
    /// </summary>
    public static async Task<int> Run(IServiceProvider services, string[] args, CancellationToken cancellation = default)
    {
        var letters = services.GetRequiredService<IMessageStore>().DeadLetters;
        switch (args)
        {
            case ["jobs", "list"]:
                foreach (var schedule in await services.GetRequiredService<IRecurringScheduleControl>().QueryAsync(cancellation))
                    await Say($"due {Time(schedule.NextOccurrence)}  {schedule.Name}{(schedule.Paused ? "  (paused)" : "")}");
                foreach (var letter in (await letters.QueryAsync(All(), cancellation)).Envelopes)
                    await Say(
                        $"failed {letter.Id}  {letter.MessageType}  sent {Time(letter.SentAt)}  {letter.ExceptionType}: "
                            + $"{letter.ExceptionMessage.ReplaceLineEndings(" ")}{(letter.Replayable ? "  (being tried again)" : "")}"
                    );
                return 0;
            case ["jobs", "replay" or "discard", var text] when Uuid.Read(text) is { } id:
                if (await letters.DeadLetterEnvelopeByIdAsync(id) is null)
                {
                    await Console.Error.WriteLineAsync($"No job with the id {id} has failed.");
                    return 1;
                }

                var query = new DeadLetterEnvelopeQuery([id]);
                await (args[1] == "replay" ? letters.ReplayAsync(query, cancellation) : letters.DiscardAsync(query, cancellation));
                await Say(args[1] == "replay" ? "A node tries it again within a minute." : "It is forgotten.");
                return 0;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }
    }

    private static DeadLetterEnvelopeQuery All() => new(TimeRange.AllTime()) { PageSize = 1_000 };

    private static string Time(DateTimeOffset? at) =>
        at?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "never";

    private static Task Say(string line) => Console.Out.WriteLineAsync(line);
}

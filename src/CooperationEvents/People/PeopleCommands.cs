using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>What is asked about people from the command line, while nodes serve.</summary>
public static class PeopleCommands
{
    public const string Usage = """
        CooperationEvents people retention [--Privacy:Retention:ContactDays=N ...]

          Lists whose fields are no longer to be kept: what the next run of the job destroys. By the rules
          of the settings, or by those that are given instead. Nothing is changed by it.
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["people", ..];

    /// <summary>Runs the command; the exit code is 0 where it was done, 1 where it was refused, 2 where it was not understood.</summary>
    public static async Task<int> Run(IServiceProvider services, string[] args, CancellationToken cancellation = default)
    {
        if (args is not ["people", "retention", .. var settings] || !settings.All(IsRule))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        try
        {
            var rules = services.GetRequiredService<PrivacyOptions>().Retention;
            var (_, due) = await services.GetRequiredService<Retention>().Due(rules, cancellation);
            foreach (var person in due)
                await Say(Line(person));
            foreach (var (of, count, byErasureOnly) in RetentionAnswer.Count(due))
                await Say(
                    $"{Json.Word(of)}: {(rules.Of(of) is { } days ? $"kept {days} days" : "kept until erased")}, {count} due"
                        + (byErasureOnly > 0 ? $", {byErasureOnly} by erasure only" : "")
                );
            return 0;
        }
        catch (NpgsqlException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private static bool IsRule(string setting) =>
        setting.StartsWith("--Privacy:Retention:", StringComparison.OrdinalIgnoreCase) && setting.Contains('=', StringComparison.Ordinal);

    private static string Line(DuePerson person) =>
        string.Join(
            "  ",
            person
                .Due.Select(d => $"{Json.Word(d.Class)} due since {Day(d.Since)}")
                .Concat(person.ByErasureOnly.Select(of => $"{Json.Word(of)} by erasure only"))
                .Prepend($"{person.PersonId}  last active {Day(person.LastActivity)}")
        );

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Task Say(string line) => Console.Out.WriteLineAsync(line);
}

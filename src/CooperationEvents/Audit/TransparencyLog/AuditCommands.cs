using System.Globalization;
using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>What is done with the audit from the command line, while no node serves.</summary>
public static class AuditCommands
{
    public const string Usage = """
        CooperationEvents audit recover --reason TEXT --by TEXT [--above POSITION] [--ended-key KEY]...

          Lets the audit log go on, under a new origin, after the database was restored to an older
          moment than was published. Stop every node first, and keep the anchor file as it is.

          --reason  why the database was restored; it is recorded for ever
          --by      who decided to go on; it is recorded for ever, so name an office rather than a person
          --above   the highest position anybody has been told (Cooperation-Position), where it is known
          --ended-key
                    where an earlier recovery or a change of the key is lost too: the key that auditors
                    were given then, name+hash+base64; again for each

        CooperationEvents audit new-key --origin URL

          Prints a key to sign the audit log with, for that origin, which is an https URL. Needs no
          settings.
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["audit", ..];

    /// <summary>Runs the command; the exit code is 0 where it was done, 1 where it was refused, 2 where it was not understood.</summary>
    public static async Task<int> Run(
        IServiceProvider services,
        string[] args,
        string? developmentDirectory,
        CancellationToken cancellation = default
    )
    {
        if (Parse(args, developmentDirectory) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        try
        {
            await Console.Out.WriteLineAsync(await ActivatorUtilities.CreateInstance<Recover>(services, options).Run(cancellation));
            return 0;
        }
        catch (Exception refused) when (refused is LogRefusedException or LogDamagedException or UnsequenceableException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    internal static RecoverOptions? Parse(string[] args, string? developmentDirectory)
    {
        if (args is not ["audit", "recover", .. var rest] || rest.Length % 2 != 0)
            return null;
        var given = new Dictionary<string, string>();
        var endedKeys = new List<VerifierKey>();
        for (var i = 0; i < rest.Length; i += 2)
        {
            if (rest[i] == "--ended-key" ? !TryAdd(endedKeys, rest[i + 1]) : !TryAdd(given, rest[i], rest[i + 1]))
                return null;
        }

        var above = 0L;
        if (given.TryGetValue("--above", out var text) && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out above))
            return null;
        return
            given.TryGetValue("--reason", out var reason)
            && given.TryGetValue("--by", out var by)
            && reason.Length <= 2_000
            && by.Length <= 200
            ? new RecoverOptions(reason, by, above, endedKeys, developmentDirectory)
            : null;
    }

    private static bool TryAdd(Dictionary<string, string> given, string name, string value) =>
        name is "--reason" or "--by" or "--above" && !string.IsNullOrWhiteSpace(value) && given.TryAdd(name, value);

    private static bool TryAdd(List<VerifierKey> keys, string text)
    {
        try
        {
            keys.Add(VerifierKey.Parse(text));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

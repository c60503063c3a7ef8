using CooperationEvents.AuditLog;
using CooperationEvents.Storage;

namespace CooperationEvents.Hosting;

/// <summary>What prepares the settings of Production from the command line; needs no database.</summary>
public static class ProductionCommands
{
    public const string Usage = """
        CooperationEvents settings check

          Says all that is missing or wrong in the settings. Needs no database.
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["settings", "check"] or ["audit", "new-key", "--origin", _];

    /// <summary>
    /// <c>settings check</c> says what is missing or wrong in the settings: exit code 0 where nothing is, 1 else. <c>audit new-key --origin
    /// URL</c> prints a key to sign the audit log with.
    /// </summary>
    /// <param name="file">What <see cref="ProductionSettings.Read"/> says of the settings file.</param>
    public static async Task<int> Run(string[] args, IConfiguration settings, ConfiguredOptions options, (bool IsRead, string? Fault) file)
    {
        if (args is ["audit", .., var origin])
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
            {
                await Console.Error.WriteLineAsync($"{origin} is no https URL.");
                return 1;
            }

            await Console.Out.WriteLineAsync(SigningKey.Generate(Checkpoint.OriginOf(origin)).ToSecret());
            return 0;
        }

        var faults = new[] { file.Fault }.OfType<string>().Concat(file.IsRead ? ProductionSettings.Faults(settings, options) : []).ToList();
        foreach (var fault in faults)
            await Console.Error.WriteLineAsync($"- {fault}");
        return faults.Count == 0 ? 0 : 1;
    }
}

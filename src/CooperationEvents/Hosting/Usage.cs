using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Authentication;
using CooperationEvents.People;
using CooperationEvents.Privacy;

namespace CooperationEvents.Hosting;

/// <summary>What the program takes on its command line.</summary>
public static class Usage
{
    public const string Text = """
        CooperationEvents                     serves the register, until it is stopped
        CooperationEvents database prepare    makes what this version needs in the database
        CooperationEvents database rebuild    makes the read models again from the history
        CooperationEvents settings check      says all that is missing or wrong in the settings
        CooperationEvents audit recover       lets the audit log go on after a restore
        CooperationEvents audit new-key       makes a signing key for the audit log
        CooperationEvents access              makes, lists, rotates and revokes API keys, and ends principals
        CooperationEvents keys                rotates the master key, and tells of its generations
        CooperationEvents jobs                lists the jobs that failed, and has one tried again
        CooperationEvents people retention    lists whose fields are no longer to be kept
        CooperationEvents --help              says this; after a command, what that takes
        CooperationEvents --version           says the version of the program

        Settings are given as environment variables (ASPNETCORE_URLS, ConnectionStrings__register, …): docs/operators.md.
        deploy/run starts it for development, with a PostgreSQL of its own.
        """;

    /// <summary>
    /// What to print instead of doing anything, without settings and database: help and version with the exit code 0, and what may be
    /// written in place of a command that is none with 2. Null where the program is to serve, or to run a command.
    /// </summary>
    public static (string Text, int Code)? Of(string[] args) =>
        args switch
        {
            ["--help" or "-h" or "help" or "-?"] => (Text, 0),
            ["--version"] => (Version, 0),
            ["help", var word] => (UsageOf(word), 0),
            [var word, .. var rest] when IsWord(word) && rest.Any(r => r is "--help" or "-h" or "-?") => (UsageOf(word), 0),
            [var word, ..] when IsWord(word) && !IsCommand(args) => (UsageOf(word), 2),
            _ => null,
        };

    private static string Version => $"CooperationEvents {typeof(Usage).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Whether it is no setting: these begin with a dash or a slash, or hold an equals sign.</summary>
    private static bool IsWord(string argument) => argument.All(c => char.IsAsciiLetterLower(c) || c == '-') && !argument.StartsWith('-');

    private static bool IsCommand(string[] args) =>
        args switch
        {
            // The build asks for it.
            ["codegen", ..] => true,
            ["database", "prepare" or "rebuild", ..] => true,
            ["settings", "check"] => true,
            ["audit", "recover", ..] or ["audit", "new-key", "--origin", _] => true,
            ["access", "create-key" or "list-keys" or "rotate-key" or "revoke-key" or "end-principal", ..] => true,
            ["keys", "status" or "rotate"] => true,
            ["jobs", "list" or "replay" or "discard", ..] => true,
            ["people", "retention", ..] => true,
            _ => false,
        };

    private static string UsageOf(string word) =>
        word switch
        {
            "database" => DatabaseCommands.Usage,
            "settings" => ProductionCommands.Usage,
            "audit" => AuditCommands.Usage,
            "access" => AuthenticationCommands.Usage,
            "keys" => KeyCommands.Usage,
            "jobs" => JobCommands.Usage,
            "people" => PeopleCommands.Usage,
            _ => Text,
        };
}

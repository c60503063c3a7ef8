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
        CooperationEvents --help              says this

        Settings are given as environment variables (ASPNETCORE_URLS, ConnectionStrings__register, …): docs/operators.md.
        deploy/run starts it for development, with a PostgreSQL of its own.
        """;

    public static bool IsAsked(string[] args) => args is ["--help" or "-h" or "help" or "-?"];
}

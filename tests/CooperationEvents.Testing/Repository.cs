namespace CooperationEvents.Testing;

/// <summary>Where the working copy lies that the tests were built from.</summary>
public static class Repository
{
    private const string Landmark = "CooperationEvents.sln";

    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo? directory) =>
        directory switch
        {
            null => throw new InvalidOperationException($"No directory above {AppContext.BaseDirectory} holds {Landmark}."),
            _ when File.Exists(Path.Combine(directory.FullName, Landmark)) => directory.FullName,
            _ => Find(directory.Parent),
        };
}

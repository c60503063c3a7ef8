namespace CooperationEvents.Storage;

/// <summary>The files that a node keeps beside the database.</summary>
public static class DataFiles
{
    private const string Setting = "DATA_DIR";

    /// <summary>Where they lie: <c>DATA_DIR</c>, or <c>.data</c> in the working directory.</summary>
    public static string Directory(IConfiguration configuration) =>
        Path.GetFullPath(configuration[Setting] is { Length: > 0 } given ? given : ".data");

    /// <summary>Says of a directory that can neither be there nor be made, why.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration)
    {
        for (var at = Directory(configuration); at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(at))
                yield return $"{Setting} is {configuration[Setting]}, and {at} is a file; it must be a directory.";
        }
    }

    /// <summary>
    /// The position after the last line feed of a file, 0 where there is none. What follows it is a line that a crash cut off.
    /// </summary>
    public static long EndOfLastLine(FileStream file)
    {
        for (var end = file.Length; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
                return end;
        }

        return 0;
    }
}

namespace CooperationEvents.Storage;

/// <summary>The files that a node keeps beside the database.</summary>
public static class DataFiles
{
    /// <summary>Where they lie: <c>DATA_DIR</c>, or <c>.data</c> in the working directory.</summary>
    public static string Directory(IConfiguration configuration) => Path.GetFullPath(configuration["DATA_DIR"] ?? ".data");
}

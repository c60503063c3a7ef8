namespace CooperationEvents.Hosting;

/// <summary>What is worth a line in the log.</summary>
public static class Logging
{
    public static void AddLogging(this ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Wolverine", LogLevel.Error);
        logging.AddFilter("Marten", LogLevel.Warning);

        // Marten logs every failed command as an error, lost races that are decided again among them. What is not
        // decided again is thrown, and logged where it is answered.
        logging.AddFilter("Marten.IDocumentStore", LogLevel.None);
    }
}

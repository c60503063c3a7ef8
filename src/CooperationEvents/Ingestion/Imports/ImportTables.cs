namespace CooperationEvents.Ingestion.Imports;

/// <summary>The tables of imports: what is known of each, the pieces of its file, and what its report says of rows.</summary>
internal static class ImportTables
{
    /// <summary>What <c>ingestion.advance</c> raises where another run has come further, or the import was cancelled.</summary>
    public const string MovedOn = "CE001";
}

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Forgets reports that are old enough, and files that never came in whole.</summary>
public sealed record ForgetImports;

public static class ForgetImportsHandler
{
    public static Task Handle(ForgetImports message, ImportStore store, CancellationToken cancellation) => store.Forget(cancellation);
}

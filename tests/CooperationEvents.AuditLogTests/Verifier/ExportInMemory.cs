using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

internal sealed class ExportInMemory(IReadOnlyDictionary<string, byte[]> files) : Export
{
    public override IEnumerable<string> Paths => files.Keys;

    public override Stream? Read(string path) => files.TryGetValue(path, out var bytes) ? new MemoryStream(bytes) : null;
}

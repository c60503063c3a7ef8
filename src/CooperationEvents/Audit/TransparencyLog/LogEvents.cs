using CooperationEvents.Kernel;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// The log goes on under the origin <paramref name="Origin"/>, after its database was restored to an older point.
/// <paramref name="OldCheckpoint"/> is the newest note known of the log before, <paramref name="RestoredSize"/> how many
/// leaves both have in common, <paramref name="Lost"/> how many entries the old one had promised are gone.
/// </summary>
[Stored("log_succeeded"), NoFact]
public sealed record LogSucceeded(Guid LogId, string Origin, string OldCheckpoint, long RestoredSize, long Lost, string Reason, string By);

/// <summary>Who read the history on one day: the number of readings, and the SHA-256 of their lines in the journal.</summary>
[Stored("audit_access_sealed"), NoFact]
public sealed record AuditAccessSealed(Guid LogId, DateOnly Day, long Count, string Sha256);

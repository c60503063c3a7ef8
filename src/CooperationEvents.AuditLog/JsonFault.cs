using System.Text.Json;

namespace CooperationEvents.AuditLog;

/// <summary>What is wrong with a JSON text, in plain words for an auditor.</summary>
public static class JsonFault
{
    public static string Words(Exception fault) =>
        fault switch
        {
            JsonException { Path: { } path, InnerException: not JsonException } => $"look at {path}",
            JsonException { BytePositionInLine: null } when IsOfDuplicate(fault) => "a member in it stands twice",
            JsonException { BytePositionInLine: null } => "it is not JSON of the form expected",
            JsonException { BytePositionInLine: var at } => $"it is not JSON at byte {at + 1}",
            KeyNotFoundException when fault.Source == "System.Text.Json" => "it lacks a member",
            KeyNotFoundException => "it names what there is not",
            _ when fault.Source?.StartsWith("System", StringComparison.Ordinal) == true => "a value in it is not of its kind",
            _ => fault.Message,
        };

    /// <summary>Only the words of the reader tell it from other faults without a position.</summary>
    private static bool IsOfDuplicate(Exception fault) => fault.Message.StartsWith("Duplicate property", StringComparison.Ordinal);
}

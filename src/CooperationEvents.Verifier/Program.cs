using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>The command: what it is asked, what it says, and the code it ends with.</summary>
public static class Program
{
    public const int Holds = 0;
    public const int DoesNotHold = 1;
    public const int NoSense = 2;
    public const int Unreadable = 3;

    public static int Main(string[] arguments) => Run(arguments, Console.Out, Console.Error);

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        if (arguments.Any(a => a is "--help" or "-h" or "help"))
        {
            output.WriteLine(CommandLine.Help);
            return Holds;
        }

        try
        {
            var command = CommandLine.Parse(arguments);
            var report = Check(command, LogKey.ParseAll(File.ReadLines(command.Keys)), command.IsQuiet ? null : errors);
            Print(report, output);
            return report.IsClean ? Holds : DoesNotHold;
        }
        catch (ArgumentException e)
        {
            errors.WriteLine($"{e.Message}\n\n{CommandLine.Help}");
            return NoSense;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            errors.WriteLine($"Cannot be read: {e.Message}");
            return Unreadable;
        }
    }

    private static Report Check(CommandLine command, IReadOnlyList<LogKey> keys, TextWriter? progress) =>
        command.Verb == "proof"
            ? ProofCheck.Run(File.ReadAllText(command.Subject), File.ReadAllBytes(command.Entry!), keys)
            : Verification.Run(Export.Open(command.Subject), keys, command.Checkpoints, progress);

    private static void Print(Report report, TextWriter output)
    {
        foreach (var fact in report.Facts)
            output.WriteLine(fact);
        foreach (var finding in report.Findings)
            output.WriteLine($"WRONG  {finding}");
        if (report.Count > report.Findings.Count)
            output.WriteLine($"… and {Report.Number(report.Count - report.Findings.Count)} more");
        output.WriteLine(report.IsClean ? "VERIFIED: everything holds." : $"NOT VERIFIED: {Report.Number(report.Count, "thing")} found wrong.");
    }
}

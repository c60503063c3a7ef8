using System.Runtime.InteropServices;
using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.Verifier;

/// <summary>The command: what it is asked, what it says, and the code it ends with.</summary>
public static class Program
{
    public const int Holds = 0;
    public const int DoesNotHold = 1;
    public const int NoSense = 2;
    public const int Unreadable = 3;
    public const int OnlyItself = 4;
    public const int Lost = 5;

    public static int Main(string[] arguments) => Run(arguments, Console.Out, Console.Error);

    /// <param name="clock">By it a witness is held to have seen something; the system's where absent.</param>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, TimeProvider? clock = null)
    {
        if (arguments.Any(a => a is "--help" or "-h" or "help"))
        {
            output.WriteLine(CommandLine.Help);
            return Holds;
        }

        CommandLine command;
        try
        {
            command = CommandLine.Parse(arguments);
        }
        catch (ArgumentException e)
        {
            errors.WriteLine($"{e.Message}\n\n{CommandLine.Help}");
            return NoSense;
        }

        try
        {
            if (command.Verb == "figure")
                return Figure(command, output, errors);
            if (command.Verb == "watch")
                return Watched(command, output);
            var report = Check(command, command.IsQuiet ? null : errors, clock);
            Print(report, output);
            return Code(report);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException)
        {
            errors.WriteLine($"Cannot be read: {e.Message}");
            return Unreadable;
        }
    }

    private static int Watched(CommandLine command, TextWriter output)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        using var stop = new CancellationTokenSource();
        using var _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var __ = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var (state, keys) = (new DirectoryInfo(command.State!), KeysOf(command));
        var watch = new Watch(http, new Uri(command.Subject), state, keys, output, TimeProvider.System);
        if (watch.Run(command.Every, stop.Token).GetAwaiter().GetResult() is not { } alarm)
            return Holds;
        output.WriteLine($"ALARM: {alarm}");
        return DoesNotHold;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static int Figure(CommandLine command, TextWriter output, TextWriter errors)
    {
        var report = FigureCheck.Run(Export.Open(command.Counted!), Guid.Parse(command.Subject), command.IsQuiet ? null : errors);
        PrintFound(report, output);
        output.WriteLine(
            report.IsClean ? "EQUAL: the entries give what was published." : "NOT EQUAL: the entries do not give what was published."
        );
        return report.IsClean ? Holds : DoesNotHold;
    }

    private static Report Check(CommandLine command, TextWriter? progress, TimeProvider? clock) =>
        command.Verb == "publication"
            ? PublicationProof.Run(
                File.ReadLines(command.Subject),
                KeysOf(command),
                command.Checkpoints,
                command.Witnesses,
                command.Consistency is { } between ? TextFile.Read(between) : null,
                clock
            )
        : command.Verb == "proof"
            ? ProofCheck.Run(
                TextFile.Read(command.Subject),
                Encoding.UTF8.GetBytes(TextFile.Read(command.Entry!)),
                KeysOf(command),
                command.Checkpoints,
                command.Witnesses,
                command.Consistency is { } consistency ? TextFile.Read(consistency) : null,
                clock
            )
        : Verification.Run(
            Export.Open(command.Subject),
            KeysOf(command),
            command.Checkpoints,
            progress,
            command.Witnesses,
            command.Previous is { } previous ? Export.Open(previous) : null,
            clock
        );

    private static IReadOnlyList<LogKey> KeysOf(CommandLine command) => LogKey.ParseAll(TextFile.Lines(command.Keys));

    private static int Code(Report report) =>
        report switch
        {
            { IsClean: false } => DoesNotHold,
            { Lost: > 0 } => Lost,
            { Basis.Count: 0 } => OnlyItself,
            _ => Holds,
        };

    private static void PrintFound(Report report, TextWriter output)
    {
        foreach (var fact in report.Facts)
            output.WriteLine(fact);
        foreach (var finding in report.Findings)
            output.WriteLine($"WRONG  {finding}");
        if (report.Count > report.Findings.Count)
            output.WriteLine($"… and {Report.Number(report.Count - report.Findings.Count)} more");
    }

    private static void Print(Report report, TextWriter output)
    {
        PrintFound(report, output);
        var basis =
            report.Basis.Count == 0
                ? "consistent with itself and with the keys you gave, and held to nothing from outside. Keep checkpoints and give them "
                    + "with --checkpoints, or say with --witnesses how many you rely on."
                : $"it holds against {string.Join(", and ", report.Basis)}.";
        output.WriteLine(
            Code(report) switch
            {
                Holds => $"VERIFIED: {basis}",
                Lost =>
                    $"LOST: {Report.Number(report.Lost, "entry", "entries")} of an earlier log were lost, as a recovery admits. What is "
                        + $"there: {basis}",
                OnlyItself => $"NOT HELD TO ANYTHING: {basis}",
                _ => $"NOT VERIFIED: {Report.Number(report.Count, "thing")} found wrong.",
            }
        );
    }
}

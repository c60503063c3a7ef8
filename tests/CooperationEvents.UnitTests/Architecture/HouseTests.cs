using System.Text.RegularExpressions;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>Section 10 of the contract: which part may use what. No rule passes on an empty set.</summary>
public sealed partial class HouseTests
{
    private const string Ours = "CooperationEvents.";
    private const string Kernel = Ours + "Kernel";
    private const string Statistics = Ours + "Statistics";
    private const string Calendars = Ours + "Calendars";
    private const string Ingestion = Ours + "Ingestion";
    private const string Audit = Ours + "Audit";
    private const string AuditLogNamespace = Ours + "AuditLog";

    /// <summary>What no pure code may touch: clocks, chance, and the world around the process.</summary>
    private static readonly string[] Impure =
    [
        "System.TimeProvider",
        "System.DateTime.get_Now",
        "System.DateTime.get_UtcNow",
        "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow",
        "System.TimeZoneInfo",
        "System.Guid.NewGuid",
        "System.Guid.CreateVersion7",
        "System.Random",
        "System.Environment",
        "System.Console",
        "System.AppContext",
        "System.Activator",
        "System.IServiceProvider",
        "System.Diagnostics.Stopwatch",
        "System.Globalization.CultureInfo.get_CurrentCulture",
        "NodaTime.SystemClock",
    ];

    /// <summary>What the compiler adds to a sequence made by yield.</summary>
    private const string IteratorsThread = "System.Environment.get_CurrentManagedThreadId";

    /// <summary>What a value may be made of, with what the compiler adds to records and lists.</summary>
    private static readonly string[] PlainValues =
    [
        "System",
        "System.Collections.Generic",
        "System.Text",
        "System.Runtime.CompilerServices",
        "System.Diagnostics.CodeAnalysis",
    ];

    private static readonly string[] PlainCode =
    [
        .. PlainValues,
        "System.Collections",
        "System.Collections.Immutable",
        "System.Linq",
        "System.Globalization",
        "System.Runtime.InteropServices",
        "System.Text.Json",
        "System.Text.RegularExpressions",
    ];

    /// <summary>What an event may take from the Kernel: its name and what is said of it, its values, and the shape of its texts.</summary>
    private static readonly string[] KernelForEvents =
    [
        .. new[]
        {
            "StoredAttribute",
            "NoFactAttribute",
            "ValueList",
            "ValueList`1",
            "PartialDate",
            "ExternalReference",
            "Protected",
            "IHoldPersonalData",
            "FieldClass",
            "FieldSalt",
            "TextAttribute",
            "BoundsAttribute",
            "UriAttribute",
            "TimeZoneAttribute",
        }.Select(name => $"{Kernel}.{name}"),
    ];

    private static IReadOnlyDictionary<string, Part> All => Code.Service;

    private static Part[] Events => NotEmpty(All.Values.Where(p => p.Attributes.Contains(Kernel + ".StoredAttribute")));

    private static Part[] States => NotEmpty(All.Values.Where(p => p.Interfaces.Contains(Kernel + ".IState`1")));

    private static Part[] Commands => NotEmpty(All.Values.Where(p => p.Interfaces.Contains(Kernel + ".ICommand")));

    private static Part[] Directories => NotEmpty(All.Values.Where(p => p.Name.EndsWith("Directory", StringComparison.Ordinal)));

    private static Part[] Projections =>
        NotEmpty(All.Values.Where(p => p.BaseType?.Split('`')[0].EndsWith("Projection", StringComparison.Ordinal) ?? false));

    /// <summary>The namespaces that have a state of their own. What the log records about itself is no activity and no concept.</summary>
    private static string[] Concepts => [.. States.Select(s => s.Namespace).Where(n => !IsIn(n, Audit)).Distinct()];

    /// <summary>Whether a namespace is that room or a part of it.</summary>
    private static bool IsIn(string space, string room) => space == room || space.StartsWith(room + ".", StringComparison.Ordinal);

    [Fact]
    public void Every_namespace_has_its_place_in_the_house() =>
        All
            .Values.Select(p => p.Namespace)
            .Where(n => n.StartsWith(Ours, StringComparison.Ordinal))
            .Distinct()
            .ShouldBe(
                [
                    .. Concepts,
                    Kernel,
                    .. new[]
                    {
                        "Audit",
                        "Audit.History",
                        "Audit.Journal",
                        "Audit.Replays",
                        "Audit.TransparencyLog",
                        "Authentication",
                        "Authorization",
                        "Calendars",
                        "Calendars.Format",
                        "Calendars.Incoming",
                        "Calendars.Outgoing",
                        "Dashboard",
                        "Duplicates",
                        "Feed",
                        "Files",
                        "Hosting",
                        "Http",
                        "Ingestion",
                        "Ingestion.Imports",
                        "Privacy",
                        "Projections",
                        "Reading",
                        "Recording",
                        "Statistics",
                        "Statistics.Analytics",
                        "Statistics.Counting",
                        "Statistics.Facts",
                        "Statistics.Presentation",
                        "Storage",
                        "Webhooks",
                    }.Select(n => Ours + n),
                ],
                ignoreOrder: true
            );

    [Fact]
    public void No_line_of_the_product_is_longer_than_the_editor_says()
    {
        // Not what is data, what a program writes, and what an operator keeps beside.
        string[] exempt = [".json", ".csv", ".txt", ".dll", ".pdb", ".env"];
        string[] kept = ["obj", "bin", "register", "secrets"];
        var lines = new[] { "src", "deploy" }
            .SelectMany(part => Directory.EnumerateFiles(Path.Combine(Repository.Root, part), "*", SearchOption.AllDirectories))
            .Where(file => !exempt.Contains(Path.GetExtension(file)))
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(kept.Contains))
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (Place: $"{file}:{index + 1}", line.Length)))
            .ToList();

        lines.Count.ShouldBeGreaterThan(10_000);
        lines.Where(line => line.Length > 140).Select(line => line.Place).ShouldBeEmpty();
    }

    [Fact]
    public void The_concepts_are_those_of_the_design() =>
        Concepts.ShouldBe(
            [Ours + "Organisations", Ours + "Frameworks", Ours + "People", Ours + "Meetings", Ours + "Commitments", Ours + "Publications"],
            ignoreOrder: true
        );

    [Fact]
    public void Events_are_plain_values() =>
        Faults(ClosureOf(Events), (part, use) =>
                Pure(use) && (PlainValues.Contains(use.Namespace) || KernelForEvents.Contains(use.Type) || use.Namespace == part.Namespace)
            )
            .ShouldBeEmpty();

    [Fact]
    public void Events_know_no_state_and_no_command() => ClosureOf(Events).Intersect(States.Concat(Commands)).ShouldBeEmpty();

    [Fact]
    public void States_commands_and_rules_use_their_own_concept_and_the_kernel_alone()
    {
        var core = ClosureOf(
            States
                .Concat(Commands)
                .Concat(
                    All.Values.Where(p =>
                        Concepts.Contains(p.Namespace)
                        && (p.Name.EndsWith("Rules", StringComparison.Ordinal) || p.Name.EndsWith("Problems", StringComparison.Ordinal))
                    )
                )
        );

        Faults(core, (part, use) =>
                Pure(use) && (PlainCode.Contains(use.Namespace) || use.Namespace == Kernel || use.Namespace == part.Namespace)
            )
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_command_has_one_pure_rule_and_one_endpoint()
    {
        foreach (var command in Commands)
        {
            var rule = command.Methods.Where(m => m.Name == "Decide").ShouldHaveSingleItem(command.FullName);
            rule.IsStatic.ShouldBeTrue(command.FullName);
            rule.ReturnType.FullName.ShouldBe(Kernel + ".Decision", command.FullName);
            All.ShouldContainKey(command.FullName + "Endpoint");
        }
    }

    [Fact]
    public void A_state_has_no_base_class() => States.Where(s => s.BaseType != "System.Object").ShouldBeEmpty();

    [Fact]
    public void Concepts_speak_to_each_other_through_directories_alone()
    {
        var open = Directories
            .SelectMany(d => d.InSignatures().Append(d.FullName))
            .Except(Events.Concat(States).Concat(Commands).Select(p => p.FullName))
            .ToHashSet();
        var across = NotEmpty(
            from part in All.Values
            where Concepts.Contains(part.Namespace)
            from use in part.Uses
            where Concepts.Contains(use.Namespace) && use.Namespace != part.Namespace
            select (part, use)
        );

        across.Where(a => !open.Contains(a.use.Type)).Select(a => $"{a.part} uses {a.use}").ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_composition_knows_the_modules() =>
        NotEmpty(
                All.Values.Where(p =>
                    p.Uses.Any(u => Concepts.Contains(u.Namespace) && u.Type.EndsWith("Module", StringComparison.Ordinal))
                )
            )
            .Select(p => p.FullName)
            .ShouldBe(["Program"]);

    [Fact]
    public void Statistics_know_the_events_of_concepts_and_nothing_else_of_them()
    {
        var events = ClosureOf(Events).Select(p => p.FullName).ToHashSet();
        var known = NotEmpty(
            from part in All.Values
            where IsIn(part.Namespace, Statistics)
            from use in part.Uses
            where Concepts.Contains(use.Namespace)
            select (part, use)
        );

        known.Where(k => !events.Contains(k.use.Type)).Select(k => $"{k.part} uses {k.use}").ShouldBeEmpty();
    }

    /// <summary>The states an auditor sees come from registered projections and the events, whatever concept they belong to.</summary>
    [Fact]
    public void The_audit_knows_no_concept_and_records_what_concerns_the_log_alone()
    {
        var audit = NotEmpty(All.Values.Where(p => IsIn(p.Namespace, Audit)));
        Faults(audit, (_, use) => !Concepts.Contains(use.Namespace) && !IsIn(use.Namespace, Statistics)).ShouldBeEmpty();
        var events = NotEmpty(Events.Where(e => IsIn(e.Namespace, Audit))).Select(e => e.Name);
        events.ShouldBe(["LogSucceeded", "AuditAccessSealed"], ignoreOrder: true);
    }

    [Fact]
    public void Ingestion_and_calendars_know_commands_and_read_models_and_no_event_and_no_state()
    {
        var closed = Events.Concat(States).Select(p => p.FullName).ToHashSet();
        Faults(All.Values.Where(p => CarriesCommands(p) && p.Uses.Any(u => Concepts.Contains(u.Namespace))), (_, use) =>
                !closed.Contains(use.Type)
            )
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_calendar_is_read_and_planned_by_pure_code_that_reads_no_database() =>
        Faults(All.Values.Where(p => p.Namespace == Calendars + ".Incoming" && p.Name != "CalendarLookup"), (_, use) =>
                (Pure(use) || use.ToString() == IteratorsThread)
                && !use.Namespace.StartsWith(Ours + "Recording", StringComparison.Ordinal)
                && !new[] { "Marten", "Wolverine", "Npgsql", "Microsoft" }.Contains(use.Namespace.Split('.')[0])
            )
            .ShouldBeEmpty();

    [Fact]
    public void What_carries_the_concepts_does_not_know_them()
    {
        var foundation = NotEmpty(
            All.Values.Where(p =>
                p.Namespace.StartsWith(Ours, StringComparison.Ordinal)
                && !Concepts.Contains(p.Namespace)
                && !IsIn(p.Namespace, Statistics)
                && !CarriesCommands(p)
            )
        );
        Faults(foundation, (_, use) => !Concepts.Contains(use.Namespace)).ShouldBeEmpty();
    }

    [Fact]
    public void The_kernel_is_plain_dotnet_and_the_list_of_event_types() =>
        Faults(NotEmpty(All.Values.Where(p => p.Namespace == Kernel)), (_, use) =>
                use.Namespace == Kernel || use.Type == $"{AuditLogNamespace}.StreamTypes" || PlainDotNet().IsMatch(use.Namespace)
            )
            .ShouldBeEmpty();

    [Fact]
    public void The_audit_log_is_plain_dotnet_and_the_crypto_package() =>
        Faults(NotEmpty(Code.Read(typeof(AuditLog.Entry).Assembly.Location).Values), (_, use) =>
                use.Namespace == AuditLogNamespace
                || use.Namespace.StartsWith("Org.BouncyCastle", StringComparison.Ordinal)
                || (PlainDotNet().IsMatch(use.Namespace) && !OutsideTheProcess().IsMatch(use.Namespace))
            )
            .ShouldBeEmpty();

    [Fact]
    public void The_verifier_knows_the_audit_log_alone_and_only_a_watch_reaches_out() =>
        Faults(NotEmpty(Code.Read(typeof(Verifier.Program).Assembly.Location).Values), (part, use) =>
                use.Namespace is AuditLogNamespace or Ours + "Verifier" or Ours + "Verifier.Figures"
                || (PlainDotNet().IsMatch(use.Namespace) && (ReachesOut(part) || !OutsideTheProcess().IsMatch(use.Namespace)))
            )
            .ShouldBeEmpty();

    /// <summary>
    /// The clock of a node may be wrong, and then it refuses requests. What else goes by the time asks the database ("The time" in
    /// docs/contributing.md).
    /// </summary>
    [Fact]
    public void The_clock_of_the_node_is_asked_for_the_sake_of_a_request_alone() =>
        NotEmpty(
                All.Values.Where(p =>
                    p.Uses.Any(u =>
                        u.Namespace == nameof(System)
                        && u.Member
                            is nameof(TimeProvider.GetUtcNow)
                                or nameof(TimeProvider.GetLocalNow)
                                or "get_Now"
                                or "get_UtcNow"
                                or "get_Today"
                    )
                )
            )
            .Select(p => p.FullName[Ours.Length..])
            .Distinct()
            .ShouldBe(
                [
                    // The day or the time of a request, and how much somebody posts on a day.
                    "Audit.History.AskedMoment",
                    "Authentication.ApiKeys",
                    "Authentication.ApiKeyRequests",
                    "Hosting.Quotas",
                    "Projections.AskedPoint",
                    "Reading.Reader",
                    "Recording.Likenesses",
                    "Recording.UnitOfWork",
                    // How far it is from the database's, and how long ago something was.
                    "Hosting.ClockCheck",
                    "Authentication.SecurityEvents",
                ],
                ignoreOrder: true
            );

    [Fact]
    public void Projections_use_events_and_no_clock_no_new_id_and_no_rule()
    {
        var events = ClosureOf(Events).Select(p => p.FullName).ToHashSet();
        var decided = States.Concat(Commands).Select(p => p.FullName).ToHashSet();
        Faults(Projections, (part, use) => (Pure(use) || use.ToString() == IteratorsThread)
                && use.Member != "Decide"
                && !decided.Contains(use.Type)
                && (
                    PlainCode.Contains(use.Namespace)
                    || use.Namespace.StartsWith("System.Threading", StringComparison.Ordinal)
                    || use.Type == "System.Reflection.MemberInfo"
                    || new[] { "Marten", "JasperFx" }.Contains(use.Namespace.Split('.')[0])
                    || use.Namespace == Kernel
                    || use.Namespace == Ours + "Projections"
                    || use.Namespace == Ours + "Reading"
                    || use.Namespace == part.Namespace
                    || events.Contains(use.Type)
                    // Marten gives it to what runs them.
                    || part.Namespace == Ours + "Projections" && use.Namespace == "Microsoft.Extensions.Logging"
                ))
            .ShouldBeEmpty();
    }

    /// <summary>Neither by Marten nor by SQL.</summary>
    [Fact]
    public void Only_the_recorder_appends_to_the_history()
    {
        All.Values.Where(p =>
                p.Uses.Any(u =>
                    u.Namespace != AuditLogNamespace
                    && u.Type.Contains("Event", StringComparison.Ordinal)
                    && u.Member is { } member
                    && (member.StartsWith("Append", StringComparison.Ordinal) || member == "StartStream")
                )
            )
            .Select(p => p.FullName)
            .ShouldBeEmpty();
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Regex.IsMatch(File.ReadAllText(file), @"insert into register\.mt_(events|streams)\b", RegexOptions.IgnoreCase))
            .Select(Path.GetFileName)
            .ShouldBe(["HistoryAppend.cs"]);
    }

    [Fact]
    public void Nothing_is_named_for_no_purpose() =>
        NotEmpty(All.Values)
            .SelectMany(p => p.Namespace.Split('.').Append(p.Name))
            .Distinct()
            .Where(n => Vague().IsMatch(n))
            .ShouldBeEmpty();

    private static bool CarriesCommands(Part part) => IsIn(part.Namespace, Ingestion) || IsIn(part.Namespace, Calendars);

    private static bool ReachesOut(Part part) =>
        new[] { "Verifier.Watch", "Verifier.Program" }.Any(name => part.FullName.StartsWith(Ours + name, StringComparison.Ordinal));

    private static bool Pure(Use use) => !Impure.Contains(use.Type) && !Impure.Contains(use.ToString());

    private static IEnumerable<string> Faults(IEnumerable<Part> parts, Func<Part, Use, bool> allowed) =>
        from part in NotEmpty(parts)
        from use in part.Uses
        where !allowed(part, use)
        orderby part.FullName, use.ToString()
        select $"{part} uses {use}";

    /// <summary>The parts with all of their own concept that they use, directly or not.</summary>
    private static Part[] ClosureOf(IEnumerable<Part> parts)
    {
        var closure = NotEmpty(parts).ToHashSet();
        var open = new Queue<Part>(closure);
        while (open.TryDequeue(out var part))
        {
            foreach (var used in part.Uses.Select(u => All.GetValueOrDefault(u.Type)).OfType<Part>())
            {
                if (used.Namespace == part.Namespace && closure.Add(used))
                    open.Enqueue(used);
            }
        }

        return [.. closure];
    }

    private static T[] NotEmpty<T>(IEnumerable<T> subjects)
    {
        T[] all = [.. subjects];
        all.ShouldNotBeEmpty("The rule has nothing to hold for.");
        return all;
    }

    [GeneratedRegex(@"^System(\.|$)|^Microsoft\.CodeAnalysis$")]
    private static partial Regex PlainDotNet();

    [GeneratedRegex(@"^System\.(Net|Data|Web|Reflection\.Emit)(\.|$)")]
    private static partial Regex OutsideTheProcess();

    [GeneratedRegex(
        "^(Common|Services|Models|Interfaces)$|(Helpers?|Utils?|Utility|Utilities|Dtos?|Repository|Repositories|Mediator|AggregateBase|AggregateRoot)$"
    )]
    private static partial Regex Vague();
}

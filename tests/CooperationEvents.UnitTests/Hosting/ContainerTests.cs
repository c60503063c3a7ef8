using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CooperationEvents.Hosting;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Wolverine.Http;

namespace CooperationEvents.UnitTests.Hosting;

/// <summary>The files that run the service in containers agree with the code, and with each other.</summary>
public sealed partial class ContainerTests
{
    private static readonly string[] Manifests =
    [
        "compose.yaml",
        "kubernetes/databases.yaml",
        "kubernetes/nodes.yaml",
        "kubernetes/prepare.yaml",
    ];

    private static string[] Projects =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(d => Path.GetFileName(d)!).Order()];

    [Fact]
    public void The_image_is_built_of_every_project_as_its_packages_are_locked()
    {
        var file = Read("Dockerfile");
        Projects.Length.ShouldBe(3);
        foreach (var project in Projects)
            file.ShouldContain($"COPY src/{project}/*.csproj src/{project}/packages.lock.json src/{project}/\n");
        file.ShouldContain("CI=true");
        var taken = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..]);
        foreach (var copied in Copied().Matches(file).SelectMany(m => m.Groups[1].Value.Split(' ')))
            taken.Any(t => copied == t || copied.StartsWith(t + "/", StringComparison.Ordinal)).ShouldBeTrue(copied);
    }

    [Fact]
    public void The_base_images_are_of_the_version_that_is_built_for()
    {
        var version = TargetFramework().Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"))).Groups[1].Value;
        foreach (var file in new[] { "Dockerfile", "compose.yaml" })
        {
            Read(file).ShouldContain($"mcr.microsoft.com/dotnet/sdk:{version}");
            Read(file).ShouldContain($"mcr.microsoft.com/dotnet/aspnet:{version}");
        }
    }

    [Fact]
    public void Nobody_is_root_in_it()
    {
        var user = User().Match(Read("Dockerfile")).Groups[1].Value;
        int.Parse(user, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        foreach (var file in new[] { "kubernetes/nodes.yaml", "kubernetes/prepare.yaml" })
            Read(file).ShouldContain($"runAsUser: {user}, runAsGroup: {user}, fsGroup: {user}");
        Read("compose.env.example").ShouldContain($"REGISTER_USER={user}:{user}\n");
    }

    [Fact]
    public void Every_setting_that_they_give_is_one()
    {
        var given = Manifests
            .SelectMany(file => Setting().Matches(Read(file)))
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value))
            .ToList();
        given.Count.ShouldBeGreaterThan(1);
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(
                given
                    .Select(g => KeyValuePair.Create(g.Item1.Replace("__", ":", StringComparison.Ordinal), (string?)g.Item2))
                    .DistinctBy(g => g.Key)
            )
            .Build();

        ProductionSettings.OfAny(settings, new ConfiguredOptions(settings)).ShouldBeEmpty();
        settings.GetChildren().Select(section => section.Key).ShouldBeSubsetOf(Sections());
    }

    [Fact]
    public void Whoever_asks_whether_a_node_is_ready_asks_where_it_listens()
    {
        var port = Port().Match(Read("Dockerfile")).Groups[1].Value;
        Read("Dockerfile").ShouldContain($"ASPNETCORE_URLS=http://*:{port}");
        Read("kubernetes/nodes.yaml").ShouldContain($"{{ name: http, containerPort: {port} }}");
        Nodes().Matches(Read("haproxy.cfg")).Select(m => m.Groups[2].Value).Distinct().ShouldBe([port]);
        Nodes()
            .Matches(Read("haproxy.cfg"))
            .Select(m => m.Groups[1].Value)
            .ShouldAllBe(node => Read("compose.yaml").Contains($"\n  {node}:\n"));

        var paths = typeof(HealthEndpoints).GetMethods().Select(m => m.GetCustomAttribute<WolverineGetAttribute>()?.Template).ToList();
        var asked = HealthPath().Matches(Read("haproxy.cfg") + Read("kubernetes/nodes.yaml")).Select(m => m.Value).Distinct().ToList();
        asked.ShouldBe(["/health/ready", "/health/live"]);
        asked.ShouldBeSubsetOf(paths);
    }

    [Fact]
    public void A_node_is_not_killed_while_it_drains_and_finishes_what_is_under_way()
    {
        var patience = new HostOptions().ShutdownTimeout.TotalSeconds;
        foreach (
            var (file, drain, killed) in new[]
            {
                ("compose.yaml", Number("Hosting__DrainSeconds: \"(\\d+)"), Number(@"&node.+?stop_grace_period: (\d+)s")),
                (
                    "kubernetes/nodes.yaml",
                    Number("Hosting__DrainSeconds, value: \"(\\d+)"),
                    Number(@"terminationGracePeriodSeconds: (\d+)")
                ),
            }
        )
        {
            var drains = drain(Read(file));
            drains.ShouldBeGreaterThan(0, file);
            killed(Read(file)).ShouldBeGreaterThan(drains + patience, file);
        }

        // The proxy has left it before it ends.
        var checks = Checks().Match(Read("haproxy.cfg"));
        Number("Hosting__DrainSeconds: \"(\\d+)")(Read("compose.yaml"))
            .ShouldBeGreaterThan(
                checks.Groups.Values.Skip(1).Aggregate(1, (product, g) => product * int.Parse(g.Value, CultureInfo.InvariantCulture))
            );

        static Func<string, double> Number(string pattern) =>
            text => double.Parse(Regex.Match(text, pattern, RegexOptions.Singleline).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Backups_are_gone_before_an_erasure_counts_as_final()
    {
        var kept = Retention()
            .Matches(Read("kubernetes/databases.yaml"))
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));
        kept.Count().ShouldBe(2);
        kept.ShouldAllBe(days => days < new PrivacyOptions().BackupsKeptDays);
    }

    /// <summary>The sections that are read as records; others, such as those of ASP.NET, are not looked at.</summary>
    private static IEnumerable<string> Sections() =>
        typeof(HostingOptions)
            .Assembly.GetTypes()
            .Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(IConfiguredOptions)))
            .Select(t => (string)t.GetProperty("Section")!.GetValue(null)!);

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, "deploy", file));

    /// <summary>What is copied from the repository.</summary>
    [GeneratedRegex("^COPY (?!--)(.+) [^ ]+$", RegexOptions.Multiline)]
    private static partial Regex Copied();

    [GeneratedRegex("<TargetFramework>net([0-9.]+)<")]
    private static partial Regex TargetFramework();

    [GeneratedRegex(@"^USER (\d+):\d+$", RegexOptions.Multiline)]
    private static partial Regex User();

    /// <summary>A setting as a variable of the environment, as compose and as Kubernetes write it.</summary>
    [GeneratedRegex("""\b([A-Z][A-Za-z]+__[A-Za-z_0-9]+)(?:: |, value: )"?([^"\n}]+)""")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^EXPOSE (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Port();

    [GeneratedRegex(@"^ +server (\S+) \S+:(\d+)$", RegexOptions.Multiline)]
    private static partial Regex Nodes();

    /// <summary>How often a node is asked, in seconds, and after how many refusals it is left.</summary>
    [GeneratedRegex(@"check inter (\d+)s fall (\d+)")]
    private static partial Regex Checks();

    [GeneratedRegex("/health/[a-z]+")]
    private static partial Regex HealthPath();

    [GeneratedRegex(@"retentionPolicy: (\d+)d")]
    private static partial Regex Retention();
}

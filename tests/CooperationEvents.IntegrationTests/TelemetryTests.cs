using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Hosting;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

/// <summary>What the alerts and the dashboard of deploy/kubernetes ask for is what the service sends.</summary>
public sealed partial class TelemetryTests
{
    private static readonly string Manifests = Path.Combine(Repository.Root, "deploy", "kubernetes");

    /// <summary>Of the operator of PostgreSQL, and its plugin for backups.</summary>
    private static readonly string[] OfTheDatabase = ["cnpg_", "barman_cloud_"];

    /// <summary>Words of PromQL that a metric could be mistaken for.</summary>
    private static readonly string[] Words =
    [
        "absent_over_time",
        "and",
        "by",
        "count",
        "histogram_quantile",
        "increase",
        "max",
        "min_over_time",
        "offset",
        "or",
        "rate",
        "sum",
        "time",
        "unless",
    ];

    [Fact]
    public async Task Alerts_and_the_dashboard_ask_for_metrics_that_the_service_sends()
    {
        var sent = new ConcurrentDictionary<string, bool>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (IsExported(instrument.Meter.Name))
                    foreach (var name in NamesInPrometheus(instrument))
                        sent.TryAdd(name, true);
            },
        };
        listener.Start();
        await using var database = await TestDatabase.Create();
        await using var register = await RegisterHost.Start(database);
        (await register.Post("/v1/organisations", new { name = "DG HOME", shortName = "HOME" })).Status.ShouldBe(201);

        // Made when the first name does not open.
        register.Services.GetRequiredService<UnreadableAlarm>();

        var rules = Rule().Matches(await File.ReadAllTextAsync(Path.Combine(Manifests, "monitoring.yaml"))).Select(m => m.Groups[1].Value);
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Manifests, "dashboard.json")))!;
        var panels = dashboard["panels"]!.AsArray().SelectMany(p => p!["targets"]!.AsArray()).Select(t => t!.Text("expr"));

        foreach (var (place, asked) in new[] { ("alerts", rules.ToList()), ("dashboard", panels.ToList()) })
        {
            asked.Count.ShouldBeGreaterThan(8, place);
            var unknown = asked
                .SelectMany(Metrics)
                .Where(name => !OfTheDatabase.Any(name.StartsWith) && !sent.ContainsKey(name))
                .Distinct()
                .ToList();
            unknown.ShouldBeEmpty($"{place}; sent are {string.Join(", ", sent.Keys.Order())}");
        }
    }

    private static bool IsExported(string meter) =>
        meter.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        || Telemetry.Meters.Any(m => m.EndsWith('*') ? meter.StartsWith(m[..^1], StringComparison.Ordinal) : meter == m);

    /// <summary>As a collector names it for Prometheus: with its unit, and what kind it is.</summary>
    private static IEnumerable<string> NamesInPrometheus(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = Regex.Replace(instrument.Name, "[^a-zA-Z0-9]", "_") + unit;
        var kind = instrument.GetType().Name;
        if (kind.StartsWith("Histogram", StringComparison.Ordinal))
            return [$"{name}_bucket", $"{name}_count", $"{name}_sum"];
        return kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal)
            ? [$"{name}_total"]
            : [name];
    }

    /// <summary>The metrics that a query names.</summary>
    private static IEnumerable<string> Metrics(string query) =>
        Name().Matches(Labels().Replace(query, " ")).Select(m => m.Value).Where(name => !Words.Contains(name));

    [GeneratedRegex("^ *expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Rule();

    /// <summary>What is in braces or brackets, and the labels something is summed by.</summary>
    [GeneratedRegex(@"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)|offset \w+")]
    private static partial Regex Labels();

    [GeneratedRegex("[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Name();
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>The commands of the documents, run by a shell as they stand, one document after the other, in one register.</summary>
public sealed partial class DocumentTests
{
    /// <summary>In the order in which they are to be read.</summary>
    private static readonly string[] Documents =
    [
        "README.md",
        "docs/posting.md",
        "docs/posting-calendars.md",
        "docs/feed.md",
        "docs/analysts.md",
    ];

    /// <summary>Of blocks that need more than the service and a shell: SQL, which has tests of its own, and a web server.</summary>
    private static readonly string[] Elsewhere = ["psql", "python3"];

    /// <summary>What the documents send to show how it is refused.</summary>
    private static readonly string[] RefusedOnPurpose =
    [
        "README.md 422 /v1/meetings/*/attendance",
        "docs/feed.md 422 /v1/feed?tpye=meeting_held",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task The_documents_can_be_followed_in_their_order_and_leave_a_register_that_makes_sense()
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        try
        {
            await using var service = await ServiceProcess.Start(database, data);

            // The documents wait for what was just posted as long as a read does, and not for the read models to begin.
            var first = await service.Post("/v1/organisations", new { name = "The first of all", shortName = "FIRST" });
            await service.Reaches(first.Position);

            var (output, answers) = await Follow(service, data);

            answers.Count.ShouldBeGreaterThan(50);
            answers.Select(a => a.Document).Distinct().ShouldBe(Documents);
            answers.Where(a => a.Status is < 200 or >= 400).Select(a => a.ToString()).ShouldBe(RefusedOnPurpose, output);
            output.ShouldContain("\"unchanged\":10");
            output.ShouldContain("\"unchanged\":3");
            foreach (var kind in new[] { "organisation", "person", "meeting" })
                (await Read(service, $"/v1/possible-duplicates?kind={kind}"))["items"]!.AsArray().ShouldBeEmpty(kind);
            var names = (await Read(service, "/v1/organisations?limit=500"))["items"]!.AsArray().Select(o => o!.Text("name")).ToList();
            names.ShouldBeUnique();
            (await Read(service, "/v1/frameworks"))["items"]!.AsArray().Count.ShouldBe(2);
            (await Read(service, "/v1/meetings?state=held&limit=500"))["items"]!.AsArray().Count.ShouldBe(13);
            var planned = (await Read(service, "/v1/meetings?state=scheduled&from=2026-01-01"))["items"]!.AsArray();
            planned.Count.ShouldBe(2);
            planned.Select(m => m!.Text("title")).ShouldContain("A visit to the gauges");
            (await Read(service, "/v1/subscriptions"))["items"]!.AsArray().ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Runs the blocks of the documents in one shell, and says what it wrote and how each request was answered.</summary>
    private static async Task<(string Output, IReadOnlyList<Answered> Answers)> Follow(ServiceProcess service, string data)
    {
        var script = Path.Combine(data, "documents.sh");
        string[] lines = [Prelude, .. Documents.SelectMany(document => Blocks(document, data))];
        await File.WriteAllLinesAsync(script, lines, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("bash", [script])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(n => n.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        (start.Environment["PORT"], start.Environment["DATA_DIR"]) = (service.Url.Port.ToString(CultureInfo.InvariantCulture), data);
        (start.Environment["KEY"], start.Environment["URL"]) = (service.Key("analyst"), service.Url.ToString().TrimEnd('/'));
        using var shell = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var errors = shell.StandardError.ReadToEndAsync(patience.Token);
            var output = await shell.StandardOutput.ReadToEndAsync(patience.Token);
            await shell.WaitForExitAsync(patience.Token);
            var said = await errors;
            return (output + said, [.. Answers(said)]);
        }
        finally
        {
            if (!shell.HasExited)
                shell.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Says of each request, beside what the document makes of its answer, how it was answered.</summary>
    private const string Prelude = """
        curl() { command curl -w '%{stderr}answered %{http_code} %{url_effective}\n' "$@"; }
        """;

    /// <summary>The blocks of a document that a shell runs. Files go to a directory of the test's.</summary>
    private static IEnumerable<string> Blocks(string document, string data)
    {
        yield return $"echo 'document {document}' >&2";
        foreach (Match block in ShellBlock().Matches(File.ReadAllText(Path.Combine(Repository.Root, document))))
        {
            var text = block.Groups[1].Value;
            if (!Elsewhere.Any(text.Contains))
            {
                yield return document == "docs/analysts.md"
                    ? $"(cd '{data}'; {text})"
                    : text.Replace("/tmp/", $"{data}/", StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<Answered> Answers(string said)
    {
        var document = "";
        foreach (var words in said.Split('\n').Select(line => line.Split(' ')))
        {
            if (words is ["document", var next])
                document = next;
            else if (words is ["answered", var status, var url])
            {
                var path = Id().Replace(new Uri(url).PathAndQuery, "*");
                yield return new Answered(document, int.Parse(status, CultureInfo.InvariantCulture), path);
            }
        }
    }

    private static async Task<JsonNode> Read(ServiceProcess service, string path)
    {
        var answer = await service.Get(path, "admin");
        answer.Status.ShouldBe((int)HttpStatusCode.OK, answer.ToString());
        return answer.Json;
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Id();

    private sealed record Answered(string Document, int Status, string Path)
    {
        public override string ToString() => $"{Document} {Status} {Path}";
    }
}

using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Hosting;
using CooperationEvents.Http;
using CooperationEvents.IntegrationTests.Ingestion;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>The OpenAPI document: what a client is generated from, and what a person tries.</summary>
public sealed class OpenApiTests(SharedRegister register)
{
    private const string Path = "/openapi/v1.json";

    /// <summary>Bodies that are no JSON of ours: a file.</summary>
    private static readonly string[] WithoutExample = ["post-import"];

    private const string Problem = """{"type": "/problems/x", "title": "X", "status": 414, "detail": "X.", "traceId": "0"}""";

    private RegisterHost Host => register.Host;

    [Fact]
    public async Task Every_body_has_an_example_and_every_example_is_accepted_in_its_order()
    {
        var document = (await Host.Get(Path, null)).Json;
        var paths = new Dictionary<string, string>();
        foreach (var (path, operation) in Operations(document))
        {
            var id = operation.Text("operationId");
            paths[id] = path;
            if (operation["requestBody"]?["content"]?.AsObject() is { } content && !WithoutExample.Contains(id))
                content.First().Value!["example"].ShouldNotBeNull($"{id} has no example; add one to openapi-examples.json.");
        }

        foreach (var example in OpenApiExamples.All.Where(e => !e.Untried))
        {
            var path = example.Path.Aggregate(paths[example.Operation], (p, id) =>
                p.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal)
            );
            path.ShouldNotContain('{');
            if (example.Operation == "publish-figure")
                await Host.Reaches((await Host.Post("/v1/organisations", new { name = "Examples", shortName = "E" })).Position);
            using var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(example.Body.ToJsonString()));
            content.Headers.ContentType = new(example.Operation == "post-events" ? "application/cloudevents+json" : "application/json");
            var answer = await Host.Post(path, content, "admin");
            answer.Status.ShouldBeOneOf([200, 201, 202], $"{example.Operation}: {answer}");
        }

        var subscription = OpenApiExamples.All.Single(e => e.Operation == "create-subscription").Body.Text("id");
        (await Host.Send(HttpMethod.Delete, $"/v1/subscriptions/{subscription}", null, "admin")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Each_kind_of_file_has_an_example_and_what_needs_no_mapping_is_accepted()
    {
        var document = (await Host.Get(Path, null)).Json;
        var content = document["paths"]!["/v1/imports"]!["post"]!["requestBody"]!["content"]!.AsObject();
        foreach (var (type, file) in content)
        {
            var example = file!["example"].ShouldNotBeNull(type);
            if (type is "text/calendar" or "multipart/form-data")
                continue;
            using var body = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(example.GetValue<string>()));
            body.Headers.ContentType = new(type);
            var kind = type.Contains("ndjson", StringComparison.Ordinal) ? "" : "&kind=organisations&system=examples";
            var ended = await Imports.Ended(Host, await Host.Post($"/v1/imports?dryRun=true{kind}", body, "admin"), "admin");
            (ended.Json["rows"]!.GetValue<long>(), ended.Json["accepted"]!.GetValue<long>()).ShouldBe((1, 1), $"{type}: {ended}");
        }
    }

    [Fact]
    public async Task Each_parameter_of_a_path_says_what_it_is()
    {
        foreach (var (path, operation) in Operations((await Host.Get(Path, null)).Json))
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            parameter!["description"].ShouldNotBeNull($"{path}: {parameter["name"]}");
    }

    [Fact]
    public async Task The_document_is_made_once_compressed_and_sent_again_only_where_it_changed()
    {
        var plain = await Host.Get(Path, null);
        using var compressed = await Compressed();

        plain.ETag.ShouldNotBeNull();
        compressed.Headers.ETag!.ToString().ShouldNotBe(plain.ETag, "Other bytes have another strong tag.");
        compressed.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        var bytes = await compressed.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe(plain.Text);
        bytes.Length.ShouldBeLessThan(80_000);
        (await Host.Get(Path, null, ("If-None-Match", plain.ETag!))).Status.ShouldBe(304);
        (await Host.Get(Path, null, ("If-None-Match", "\"other\""))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Each_read_lists_every_answer_it_gives_and_304_where_it_answers_so()
    {
        var document = (await Host.Get(Path, null)).Json;
        var cooperation = await Cooperation.Start(Host);
        var person = await cooperation.Person();
        var (meeting, commitment) = (await cooperation.Schedule(), await cooperation.Undertake(("dueOn", null)));
        var figure = new
        {
            framework = cooperation.Framework,
            asOf = "2020-01-01",
            acknowledgeSmallCells = true,
        };
        var published = (await Host.Post("/v1/statistics/publications", figure, "analyst")).ShouldBeAccepted(201);
        await Host.Reaches(published.Position);
        var ids = new Dictionary<string, object>
        {
            ["organisationId"] = cooperation.Home,
            ["frameworkId"] = cooperation.Framework,
            ["personId"] = person,
            ["meetingId"] = meeting.Id,
            ["commitmentId"] = commitment.Id,
            ["publicationId"] = published.Id,
            ["streamId"] = meeting.Id,
            ["slug"] = "not-found",
        };

        var (wrong, unchanged) = (new List<string>(), 0);
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            var address = ids.Aggregate(path, (p, id) => p.Replace($"{{{id.Key}}}", $"{id.Value}", StringComparison.Ordinal));
            if (item!["get"] is not { } operation || address.Contains('{', StringComparison.Ordinal))
                continue;
            var listed = operation["responses"]!
                .AsObject()
                .Where(r => r.Key != "default")
                .Select(r => int.Parse(r.Key, CultureInfo.InvariantCulture))
                .ToList();
            foreach (var condition in new (string, string)[][] { [], [("If-None-Match", "*")] })
            {
                int status;
                try
                {
                    status = (await Host.Get(address, "admin", condition)).Status;
                }
                catch (UndescribedAnswerException e)
                {
                    wrong.Add(e.Message);
                    continue;
                }

                if (!listed.Contains(status))
                    wrong.Add($"{path} answers {status}");
                unchanged += status == 304 ? 1 : 0;
                if (condition.Length > 0 && listed.Contains(304) && status is not 304)
                    wrong.Add($"{path} lists 304 and answers {status}");
            }
        }

        wrong.ShouldBeEmpty();
        unchanged.ShouldBeGreaterThan(8);
    }

    /// <summary>The clients of all tests hold each answer against the document; this one shows that they do.</summary>
    [Theory]
    [InlineData(HttpStatusCode.Conflict, ProblemResult.MediaType, "no status 409")]
    [InlineData(HttpStatusCode.OK, "text/plain", "and not text/plain")]
    [InlineData(HttpStatusCode.OK, "application/json", "has the header Cooperation-Position")]
    [InlineData(HttpStatusCode.OK, "application/json", "has no Location", "Location", "Cooperation-Position")]
    [InlineData(HttpStatusCode.RequestUriTooLong, ProblemResult.MediaType, null)]
    [InlineData(HttpStatusCode.OK, "application/json", null, "Link", "Cooperation-Position")]
    public async Task An_answer_that_the_document_does_not_describe_fails(
        HttpStatusCode status,
        string type,
        string? words,
        params string[] headers
    )
    {
        var body = status == HttpStatusCode.OK ? """{"items": []}""" : Problem;
        using var answers = new DescribedAnswers(Host.Services, new Answering(status, type, headers, body));
        using var client = new HttpClient(answers);

        var asked = client.GetAsync(new Uri("http://localhost/v1/meetings?limit=1"), TestContext.Current.CancellationToken);

        if (words is null)
            (await asked).StatusCode.ShouldBe(status);
        else
            (await asked.ShouldThrowAsync<UndescribedAnswerException>()).Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("{}", "items")]
    [InlineData("""{"items": null}""", "/items")]
    [InlineData("""{"items": [], "unheardOf": 1}""", "/unheardOf")]
    [InlineData("""{"items": []}""", null)]
    public async Task An_answer_with_other_members_than_the_document_describes_fails(string body, string? words)
    {
        using var answers = new DescribedAnswers(
            Host.Services,
            new Answering(HttpStatusCode.OK, "application/json", ["Cooperation-Position"], body)
        );
        using var client = new HttpClient(answers);

        var asked = client.GetAsync(new Uri("http://localhost/v1/meetings?limit=1"), TestContext.Current.CancellationToken);

        if (words is null)
            (await asked).StatusCode.ShouldBe(HttpStatusCode.OK);
        else
            (await asked.ShouldThrowAsync<UndescribedAnswerException>()).Message.Split('\n')[1].ShouldContain(words);
    }

    [Fact]
    public async Task A_client_of_today_takes_the_members_of_tomorrow_in_answers_and_no_body_has_unknown_ones()
    {
        var document = (await Host.Get(Path, null)).Json;
        var operations = Operations(document).Select(o => o.Operation).ToList();

        foreach (var operation in operations)
            Reached(document, operation["responses"]!)
                .ShouldAllBe(schema => schema["additionalProperties"] == null || schema["additionalProperties"] is JsonObject);
        var mapping = operations.Select(o => o["requestBody"]?["content"]?["multipart/form-data"]?["schema"]?["properties"]?["mapping"]);
        var bodies = operations.Select(o => o["requestBody"]?["content"]?["application/json"]?["schema"]).Concat(mapping);
        foreach (var body in bodies.OfType<JsonNode>())
            Reached(document, body)
                .Where(schema => schema["properties"] is JsonObject)
                .ShouldAllBe(schema => schema["additionalProperties"]!.GetValueKind() == JsonValueKind.False);
    }

    /// <summary>The client holds the answer against the document, which must say so.</summary>
    [Theory]
    [InlineData("cumulative")]
    [InlineData("factsheet")]
    public async Task Before_any_framework_a_figure_is_since_no_day(string figure)
    {
        var answer = (await Host.Get($"/v1/statistics/{figure}?knownAt=2000-01-01", "analyst")).ShouldBeRead().AsObject();

        answer.ContainsKey("since").ShouldBeTrue();
        answer["since"].ShouldBeNull();
    }

    [Fact]
    public async Task What_everybody_reads_of_a_published_figure_has_its_members_in_the_document()
    {
        var document = (await Host.Get(Path, null)).Json;

        foreach (var (form, member) in new[] { ("json", "sentence"), ("entry", "streamType") })
        {
            var answer = document["paths"]![$"/public/figures/{{publicationId}}.{form}"]!["get"]!["responses"]!["200"]!;
            var schema = answer["content"]!["application/json"]!["schema"]!.Text("$ref").Split('/')[^1];
            document["components"]!["schemas"]![schema]!["properties"]![member].ShouldNotBeNull(form);
        }
    }

    [Fact]
    public async Task Generators_of_clients_find_a_type_for_each_member_and_take_none_for_required_that_may_be_left_out()
    {
        var document = (await Host.Get(Path, null)).Json;
        var schemas = document["components"]!["schemas"]!.AsObject();

        // What is text or null is said so. Of a choice between null and text elsewhere Kiota makes an object without members.
        var choices = Nodes(document)
            .OfType<JsonObject>()
            .Select(o => o["oneOf"])
            .OfType<JsonArray>()
            .Where(forms => forms.Any(form => form!["type"] is JsonValue type && type.GetValue<string>() == "null"))
            .Select(forms => forms.First(form => form!["type"] is not JsonValue type || type.GetValue<string>() != "null")!)
            .Select(form => form["$ref"] is { } reference ? schemas[reference.GetValue<string>().Split('/')[^1]]! : form)
            .ToList();
        choices.ShouldNotBeEmpty();
        choices.ShouldAllBe(form => form["oneOf"] != null || form["properties"] != null);
        var end = schemas["ScheduleMeeting"]!["properties"]!["end"]!;
        end["type"]!.AsArray().Select(type => type!.GetValue<string>()).ShouldBe(["null", "string"], ignoreOrder: true);
        end["pattern"].ShouldNotBeNull();
        var mode = schemas["ScheduleMeeting"]!["properties"]!["mode"]!;
        mode["type"]!.AsArray().Select(type => type!.GetValue<string>()).ShouldBe(["null", "string"], ignoreOrder: true);
        mode["enum"]!
            .AsArray()
            .Select(word => word?.GetValue<string>())
            .ShouldBe(["in-person", "online", "hybrid", null], ignoreOrder: true);

        // openapi-typescript takes what has a default for required.
        Nodes(schemas).OfType<JsonObject>().ShouldAllBe(o => !(o["default"] is JsonValue));
        var role = schemas["RecordAttendance"]!["properties"]!["attendees"]!["items"]!["properties"]!["role"]!;
        role.Text("description").ShouldBe("Left out, it is `delegate`.");

        // NSwag writes no code for an optional header that is a time.
        Nodes(document["paths"])
            .OfType<JsonObject>()
            .Where(o => o["in"] is JsonValue place && place.GetValue<string>() == "header")
            .ShouldAllBe(o => o["schema"]!["format"] == null || o["schema"]!["format"]!.GetValue<string>() != "date-time");
    }

    [Fact]
    public async Task What_is_the_same_stands_once()
    {
        var answer = await Host.Get(Path, null);

        var references = Nodes(answer.Json)
            .OfType<JsonObject>()
            .Count(o => o["oneOf"] is JsonArray { Count: 2 } forms && forms[0]?["format"]?.GetValue<string>() == "uuid");
        references.ShouldBe(1);
        var dates = Nodes(answer.Json)
            .OfType<JsonObject>()
            .Where(o => o["type"] is JsonValue)
            .Select(o => o["pattern"]?.GetValue<string>())
            .Where(pattern => pattern?.StartsWith("^[1-9][0-9]{3}(-", StringComparison.Ordinal) == true);
        dates.Select(pattern => pattern!.Contains('T')).ShouldBe([true, false], ignoreOrder: true, "with a time of day, and without");
        var schemas = answer.Json["components"]!["schemas"]!;
        schemas["ScheduleMeeting"]!["properties"]!["start"]!.ToJsonString().ShouldContain("/PartialDate\"");
        schemas["EstablishFramework"]!["properties"]!["establishedOn"]!.ToJsonString().ShouldContain("/PartialDateWithoutTime\"");
        answer.Text.Length.ShouldBeLessThan(700_000);
    }

    [Fact]
    public async Task Operations_stand_in_the_order_in_which_they_are_used_and_say_what_they_are()
    {
        var document = (await Host.Get(Path, null)).Json;
        var operations = Operations(document).ToList();
        var tags = document["tags"]!.AsArray().Select(t => t!.Text("name")).ToList();

        operations.ShouldAllBe(o => o.Operation["summary"] != null && o.Operation.Text("summary").Length > 0);
        operations
            .Select(o => o.Operation["tags"]![0]!.GetValue<string>())
            .Distinct()
            .ShouldBe(tags.Where(t => operations.Any(o => o.Operation["tags"]![0]!.GetValue<string>() == t)));
        document["tags"]!.AsArray().ShouldAllBe(t => t!.Text("description").Length > 5);
        var ids = operations.Select(o => o.Operation.Text("operationId")).ToList();
        ids.IndexOf("list-meetings").ShouldBeLessThan(ids.IndexOf("hold-meeting"));
        ids.IndexOf("hold-meeting").ShouldBeLessThan(ids.IndexOf("record-attendance"));
        ids.IndexOf("record-attendance").ShouldBeLessThan(ids.IndexOf("cancel-meeting"));
    }

    [Fact]
    public async Task The_reference_pages_show_nothing_that_asks_another_service()
    {
        var page = await Host.Get("/docs/", null);

        page.Status.ShouldBe(200, page.ToString());
        page.Text.ShouldContain("\"hideClientButton\":true");
        page.Text.ShouldNotContain("fonts.scalar.com");
        page.Text.ShouldContain("\"telemetry\":false");
    }

    private async Task<HttpResponseMessage> Compressed() => await Host.Open(Path, "analyst", ("Accept-Encoding", "gzip"));

    private static IEnumerable<(string Path, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Value is JsonObject o && o.ContainsKey("operationId")
        select (path.Key, operation.Value);

    /// <summary>A service that answers always the same.</summary>
    private sealed class Answering(HttpStatusCode status, string type, string[] headers, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = new HttpResponseMessage(status) { Content = new StringContent(body, null, type) };
            foreach (var header in headers)
                answer.Headers.TryAddWithoutValidation(header, "1");
            return Task.FromResult(answer);
        }
    }

    /// <summary>Every object in a node, and in what it refers to.</summary>
    private static List<JsonObject> Reached(JsonNode document, JsonNode node)
    {
        var (reached, followed, open) = (new List<JsonObject>(), new HashSet<string>(), new Stack<JsonNode>([node]));
        while (open.TryPop(out var next))
        {
            foreach (var found in Nodes(next).OfType<JsonObject>())
            {
                reached.Add(found);
                if (found["$ref"]?.GetValue<string>() is { } reference && followed.Add(reference))
                    open.Push(reference[2..].Split('/').Aggregate(document, (at, step) => at[step]!));
            }
        }

        return reached;
    }

    private static IEnumerable<JsonNode?> Nodes(JsonNode? node) =>
        node switch
        {
            JsonObject o => o.SelectMany(m => Nodes(m.Value)).Prepend(node),
            JsonArray a => a.SelectMany(Nodes).Prepend(node),
            _ => [node],
        };
}

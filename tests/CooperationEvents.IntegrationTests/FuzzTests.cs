using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Routing;

namespace CooperationEvents.IntegrationTests;

/// <summary>Bodies and queries nobody thought of. The seed is fixed, so that a failure can be repeated.</summary>
public sealed class FuzzTests(SharedRegister register)
{
    private const int PerCommand = 150;
    private const int PerRead = 60;
    private const int AtOnce = 4;

    /// <summary>In JSON, since not all of them can be made from a text.</summary>
    private static readonly string[] Values =
    [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1e400",
        "-0.0",
        "1.5",
        "2147483648",
        "99999999999999999999999999",
        "\"\"",
        "\" \"",
        "[]",
        "{}",
        "[null]",
        "[[[[]]]]",
        "{\"system\":\"crm\",\"id\":\"1\"}",
        "{\"system\":1}",
        "{\"\":\"\"}",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u202e\\u2028\\ufeff\\uffff\"",
        "\"9999-12-31T23:59:59\"",
        "\"9999-12-31\"",
        "\"9999\"",
        "\"1000\"",
        "\"0001-01-01\"",
        "\"2018-02-29\"",
        "\"2018-04-04T09:30\"",
        "\"00000000-0000-0000-0000-000000000000\"",
        "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"",
        "\"{00000000-0000-0000-0000-000000000001}\"",
        "\"'; drop table register.mt_events; --\"",
        "\"$1\"",
        "\"?\"",
        "\"%s%n\"",
        "\"../../etc\"",
        "\"http://\"",
        "\"urn:x:y\"",
        "\"https://example.org/\\ud800\"",
        "\"Etc/GMT-14\"",
        "\"Europe/Brussels\"",
        "\"a@b\"",
        "\"\\n\"",
        "\"EU\\n\"",
        "\"en\"",
        "{\"en\":\"x\",\"EN\":\"y\"}",
    ];

    public static TheoryData<string> Paths => [.. Commands.All.Keys];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Whatever_a_body_holds_the_service_does_not_fail(string path)
    {
        var random = new Random(path.Sum(c => c));
        var command = await Commands.All[path](await Cooperation.Start(register.Host));
        var bodies = Enumerable.Range(0, PerCommand).Select(_ => Mutated(command.Body, random)).ToList();

        await Each(bodies, async body =>
        {
            (string, string)[] headers = body.Length % 3 == 0 ? [("Idempotency-Key", $"fuzz-{body.Length % 7}")] : [];
            Judge(await register.Host.Post(command.Path, body, command.Role, headers), Encoding.UTF8.GetString(body));
        });
    }

    [Fact]
    public async Task Whatever_a_query_holds_the_service_does_not_fail()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await cooperation.Schedule();
        string[] names =
        [
            "framework",
            "level",
            "state",
            "from",
            "to",
            "organisation",
            "topic",
            "status",
            "owner",
            "dueBefore",
            "limit",
            "cursor",
            "asOf",
            "knownAt",
            "format",
            "",
            "x",
        ];
        string[] values =
        [
            "",
            "0",
            "-1",
            "1",
            "500",
            "x",
            "%00",
            "%F0%9F%98%80",
            "%FF",
            "%ED%A0%80",
            "0001-01-01",
            "9999-12-31",
            "AAAA",
            "MDAwMA",
            "'",
            "%22",
            "{}",
            $"{cooperation.Framework}",
            "held",
            "overdue",
            "1e9",
            "99999999999999999999",
        ];
        var random = new Random(1);
        var reads = register
            .Host.Endpoints.Where(e =>
                e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("GET")
                && e.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal)
            )
            .Select(e => e.RoutePattern.RawText!.Replace("{frameworkId}", cooperation.Framework.ToString(), StringComparison.Ordinal))
            .ToList();
        reads.ShouldNotBeEmpty();

        await Each([.. reads.SelectMany(read => Enumerable.Range(0, PerRead).Select(_ => read))], async read =>
        {
            string query;
            lock (random)
                query = string.Join(
                    '&',
                    Enumerable
                        .Range(0, random.Next(1, 4))
                        .Select(_ => $"{names[random.Next(names.Length)]}={values[random.Next(values.Length)]}")
                );
            var answer = await register.Host.Get($"{read}?{query}", "admin");
            if (answer.Status == 503)
                answer.ShouldBeAnyProblem();
            else
                Judge(answer, query);
        });
    }

    private static void Judge(Answer answer, string sent)
    {
        answer.Status.ShouldBeLessThan(500, $"{answer} to {sent[..Math.Min(sent.Length, 2000)]}");
        if (answer.Status >= 400)
            answer.ShouldBeAnyProblem();
    }

    /// <summary>Ends once what was begun is over, so that nothing of it happens during other tests.</summary>
    private async Task Each<T>(IReadOnlyList<T> items, Func<T, Task> act)
    {
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (item, _) => await act(item));
        await Wait.Until("the erasures to be done", () =>
            register.Host.Database.Scalar<bool>("select not exists (select from keys.erasure where done_at is null)")
        );
    }

    private static byte[] Mutated(JsonObject body, Random random)
    {
        var changed = body.DeepClone().AsObject();
        var replaced = new Dictionary<string, string>();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
            Change(changed, random, replaced);
        var text = changed.ToJsonString(Json.Options);
        foreach (var (mark, value) in replaced)
            text = text.Replace($"\"{mark}\"", value, StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(text);
        if (random.Next(10) == 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private static void Change(JsonObject body, Random random, Dictionary<string, string> replaced)
    {
        var places = Places(body).DefaultIfEmpty((body, "more")).ToList();
        var (parent, name) = places[random.Next(places.Count)];
        var mark = $"mark-{Guid.NewGuid():n}";
        replaced[mark] = random.Next(6) switch
        {
            0 => JsonSerializer.Serialize(new string((char)random.Next(1, 0xD7FF), random.Next(1, 70_000))),
            1 => $"{new string('[', random.Next(1, 60))}{new string(']', random.Next(1, 60))}",
            2 => $"[{string.Join(',', Enumerable.Repeat(Values[random.Next(Values.Length)], random.Next(1, 1_100)))}]",
            _ => Values[random.Next(Values.Length)],
        };
        switch (parent)
        {
            case JsonObject o when random.Next(8) == 0:
                o.Remove(name);
                break;
            case JsonObject o when random.Next(8) == 0:
                o[$"{name}{(char)random.Next(32, 0xD7FF)}"] = mark;
                break;
            case JsonObject o:
                o[name] = mark;
                break;
            case JsonArray a when random.Next(4) == 0:
                a.Add(mark);
                break;
            case JsonArray a:
                a[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] = mark;
                break;
        }
    }

    /// <summary>Every member and item, as what holds it and its name or index.</summary>
    private static IEnumerable<(JsonNode Parent, string Name)> Places(JsonNode node) =>
        node switch
        {
            JsonObject o => o.SelectMany(m => Places(m.Value ?? new JsonObject()).Prepend((o, m.Key))),
            JsonArray a => a.SelectMany(
                (item, i) => Places(item ?? new JsonObject()).Prepend((a, i.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            ),
            _ => [],
        };
}

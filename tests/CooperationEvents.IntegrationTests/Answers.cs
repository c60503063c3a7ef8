using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>What every answer of a kind must look like.</summary>
internal static class Answers
{
    /// <summary>A write that was accepted: id, version and position in the body, and the last two in the headers.</summary>
    public static Answer ShouldBeAccepted(this Answer answer, int status = 200)
    {
        answer.Status.ShouldBe(status, answer.ToString());
        answer.ContentType.ShouldStartWith("application/json");
        answer.Id.ShouldNotBe(Guid.Empty);
        answer.Version.ShouldBeGreaterThan(0);
        answer.Position.ShouldBeGreaterThan(0);
        answer.ETag.ShouldBe($"\"{answer.Version}\"");
        answer.PositionHeader.ShouldBe(answer.Position);
        return answer;
    }

    /// <summary>A problem of RFC 9457 with the stable type, and these members named as at fault.</summary>
    public static Answer ShouldBeProblem(this Answer answer, int status, string slug, params string[] pointers)
    {
        answer.ShouldBeAnyProblem();
        answer.Status.ShouldBe(status, answer.ToString());
        answer.Json["type"]!.GetValue<string>().ShouldBe("/problems/" + slug, answer.ToString());
        answer.Pointers().ShouldBe(pointers, ignoreOrder: true, answer.ToString());
        return answer;
    }

    public static Answer ShouldBeAnyProblem(this Answer answer)
    {
        answer.Status.ShouldBeGreaterThanOrEqualTo(400, answer.ToString());
        answer.ContentType.ShouldStartWith("application/problem+json", customMessage: answer.ToString());
        var problem = answer.Json;
        problem["type"]!.GetValue<string>().ShouldMatch("^/problems/[a-z0-9-]+$");
        problem["title"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        problem["status"]!.GetValue<int>().ShouldBe(answer.Status);
        problem["detail"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        problem["traceId"]!.GetValue<string>().ShouldMatch("^[0-9a-f]{32}$");
        foreach (var error in problem["errors"]?.AsArray() ?? [])
            error!["detail"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        return answer;
    }

    public static IReadOnlyList<string> Pointers(this Answer answer) =>
        [.. (answer.Json["errors"]?.AsArray() ?? []).Select(error => error!["pointer"]!.GetValue<string>())];

    /// <summary>The answer of a read, which says how far the read models have come.</summary>
    public static JsonNode ShouldBeRead(this Answer answer)
    {
        answer.Status.ShouldBe(200, answer.ToString());
        answer.ContentType.ShouldStartWith("application/json");
        answer.PositionHeader.ShouldBeGreaterThanOrEqualTo(0);
        return answer.Json;
    }

    public static IReadOnlyList<Guid> ItemIds(this Answer answer) =>
        [.. answer.ShouldBeRead()["items"]!.AsArray().Select(item => item!["id"]!.GetValue<Guid>())];

    public static string Text(this JsonNode node, string member) => node[member]!.GetValue<string>();
}

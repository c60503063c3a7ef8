using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Http;

/// <summary>What is answered to a body that has much that is none of it is not much more than the body.</summary>
public sealed class BodyCheckTests
{
    [Fact]
    public void The_members_there_are_are_listed_once()
    {
        var body = JsonSerializer.SerializeToElement(Enumerable.Range(0, 10).ToDictionary(i => $"no{i}", _ => 1));
        var details = BodyCheck.Check(body, typeof(RegisterOrganisation), []).Select(e => e.Detail).ToList();
        details[0].ShouldStartWith("There is no member 'no0' here; there are ");
        details[1..10].ShouldBe(Enumerable.Range(1, 9).Select(i => $"There is no member 'no{i}' here either."));
    }

    [Fact]
    public void What_is_wrong_is_named_by_its_place_however_deep_it_stands()
    {
        const string Body = """
            {
              "title": "Talks", "start": "2026-13", "a/b": 1, "organisation": null, "externalReference": {"system": "crm"},
              "frameworks": [{"frameworkId": "00000000-0000-0000-0000-000000000000", "level": 5}, null, {"level": "x", "edition": 1.5}],
              "hosts": [{"organisationId": {"system": "crm", "id": "1"}}, {"organisationId": {"system": " "}, "role": "guest"}]
            }
            """;

        BodyCheck
            .Check(JsonDocument.Parse(Body).RootElement, typeof(ScheduleMeeting), ["title"])
            .Select(e => e.Pointer)
            .ShouldBe([
                "/title",
                "/start",
                "/a~1b",
                "/organisation",
                "/externalReference/id",
                "/frameworks/0/level",
                "/frameworks/1",
                "/frameworks/2/edition",
                "/frameworks/2/frameworkId",
                "/hosts/1/organisationId/system",
                "/hosts/1/organisationId/id",
                "/hosts/1/role",
            ]);
    }

    [Fact]
    public void What_is_wrong_with_a_text_by_language_is_named_by_its_language() =>
        BodyCheck
            .Check(
                JsonDocument.Parse("""{"kind": "decision", "text": {"en": "Fine", "fr": " ", "a/b": 1}}""").RootElement,
                typeof(RecordOutcome),
                ["meetingId"]
            )
            .Select(e => e.Pointer)
            .ShouldBe(["/text/fr", "/text/a~1b", "/text/a~1b"]);

    [Fact]
    public void A_long_name_is_told_by_its_beginning()
    {
        var body = JsonSerializer.SerializeToElement(new Dictionary<string, int> { [new string('x', 800)] = 1 });
        BodyCheck
            .Check(body, typeof(RegisterOrganisation), [])[0]
            .Detail.ShouldStartWith($"There is no member '{new string('x', 60)}…' here; there are ");
    }
}

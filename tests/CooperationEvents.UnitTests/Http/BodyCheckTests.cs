using System.Text.Json;
using CooperationEvents.Http;
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
    public void A_long_name_is_told_by_its_beginning()
    {
        var body = JsonSerializer.SerializeToElement(new Dictionary<string, int> { [new string('x', 800)] = 1 });
        BodyCheck
            .Check(body, typeof(RegisterOrganisation), [])[0]
            .Detail.ShouldStartWith($"There is no member '{new string('x', 60)}…' here; there are ");
    }
}

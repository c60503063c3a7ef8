using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Feed;
using CooperationEvents.Kernel;
using CooperationEvents.UnitTests.Contracts;

namespace CooperationEvents.UnitTests.Feed;

/// <summary>What leaves the register of each event type there is: everything but what is protected.</summary>
public sealed class PublicDataTests
{
    private const string Ciphertext = "U0VDUkVU";

    public static TheoryData<string> Names => [.. EventType.All.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_protected_member_of_any_event_is_shown_and_every_other_one_is(string name)
    {
        var sample = EventSamples.Of(name);
        if (sample is IHoldPersonalData personal)
            sample = personal.WithPersonalFields((_, _) => Protected.Sealed(Ciphertext));
        var stored = JsonSerializer.SerializeToNode(sample, sample.GetType(), Json.Options)!;

        var shown = JsonNode.Parse(PublicData.Of(name, stored.ToJsonString()).GetRawText());

        shown!.ToJsonString().ShouldNotContain(Ciphertext);
        JsonNode.DeepEquals(shown, Without(stored, sample.GetType())).ShouldBeTrue($"{stored.ToJsonString()} is shown as {shown}");
    }

    [Fact]
    public void An_event_that_holds_personal_data_has_protected_members_and_no_other_event_has()
    {
        var types = EventType.All.Select(e => e.Type).ToList();

        types.Where(HasProtected).ShouldBe(types.Where(t => t.IsAssignableTo(typeof(IHoldPersonalData))), ignoreOrder: true);
        types.Where(HasProtected).ShouldNotBeEmpty();
    }

    [Fact]
    public void A_member_that_the_type_does_not_declare_is_not_shown()
    {
        var id = Guid.NewGuid();

        PublicData
            .Of("meeting_voided", $$"""{"meetingId":"{{id}}","reason":"twice","chair":"Ada"}""")
            .GetRawText()
            .ShouldBe($$"""{"meetingId":"{{id}}","reason":"twice"}""");
    }

    [Fact]
    public void An_event_of_a_type_nobody_knows_is_not_guessed_at() =>
        Should.Throw<InvalidOperationException>(() => PublicData.Of("meeting_forgotten", "{}")).Message.ShouldContain("meeting_forgotten");

    [Fact]
    public void Every_stored_type_stands_in_one_type_of_stream()
    {
        PublicData.Types.ShouldBe(EventType.All.Select(e => e.Name), ignoreOrder: true);
        PublicData.StreamTypes.SelectMany(PublicData.TypesIn).ShouldBe(PublicData.Types, ignoreOrder: true);
        PublicData.StreamTypeOf("attendance_recorded").ShouldBe("meeting");
    }

    /// <summary>The members of the type that are protected, and of what it holds, taken out by their names.</summary>
    private static JsonNode Without(JsonNode json, Type type)
    {
        var left = json.DeepClone();
        Remove(left, type);
        return left;

        static void Remove(JsonNode? node, Type type)
        {
            if (node is JsonArray items)
            {
                foreach (var item in items)
                    Remove(item, type.GetGenericArguments()[0]);
            }

            if (node is not JsonObject members)
                return;
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
                if (IsProtected(property.PropertyType))
                    members.Remove(name).ShouldBeTrue($"{type.Name}.{property.Name} is not set in the sample.");
                else
                    Remove(members[name], property.PropertyType);
            }
        }
    }

    private static bool HasProtected(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Any(p =>
                IsProtected(p.PropertyType)
                || (p.PropertyType.Assembly == typeof(StoredAttribute).Assembly && p.PropertyType != type && HasProtected(p.PropertyType))
            );

    private static bool IsProtected(Type type) => type == typeof(Protected) || type.GetGenericArguments().Contains(typeof(Protected));
}

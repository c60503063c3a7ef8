using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Contracts;

/// <summary>
/// The history is never rewritten, so what an event looks like as JSON is a promise, and docs/events.json is where it is made: it is written
/// by hand, and no event is stored in another form.
/// </summary>
public sealed partial class StoredEventTests
{
    private static readonly Type[] StoredTypes =
    [
        .. typeof(StoredAttribute).Assembly.GetTypes().Where(t => t.IsDefined(typeof(StoredAttribute), inherit: false)),
    ];

    public static TheoryData<string> Names => [.. StoredTypes.Select(EventType.NameOf).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_is_stored_as_its_example_says(string name)
    {
        var read = EventSamples.Of(name);

        ShouldBeSet(read, name);
        EventSamples.Stored(read).ShouldBe(EventSamples.Text(name), $"{name} is stored in another form than docs/events.json has.");
        EventSamples.Of(name).ShouldBe(read, "Two readings of it are not equal.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_is_read_back_without_whatever_may_be_absent(string name)
    {
        var type = EventSamples.Of(name).GetType();
        var least = (JsonObject)JsonNode.Parse(EventSamples.Text(name))!;
        RemoveOptional(least, type);

        var read = JsonSerializer.Deserialize(least, type, Json.Options);

        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(read, type, Json.Options), least).ShouldBeTrue(least.ToJsonString());
    }

    /// <summary>The contract, and who writes another verifier, take the types of a stream from that file.</summary>
    [Fact]
    public void The_examples_are_those_of_every_type_in_its_stream_and_of_no_other()
    {
        EventSamples.Listed.Count().ShouldBeGreaterThan(50);
        EventSamples.Listed.ShouldBe(
            StoredTypes.Select(EventType.Of).Select(e => ($"{e.Stream}", e.Name)),
            ignoreOrder: true,
            "docs/events.json lists other types than there are, or below other streams."
        );
    }

    /// <summary>An example is read before it is written, and so would not show that two names were exchanged.</summary>
    [Fact]
    public void What_is_stored_of_a_member_or_a_word_is_its_own_name()
    {
        var types = new HashSet<Type>();
        foreach (var type in StoredTypes)
            AddWithMembers(types, type);

        types.Count.ShouldBeGreaterThan(StoredTypes.Length);
        types
            .SelectMany(type => Json.Options.GetTypeInfo(type).Properties)
            .Where(p => p.Name != JsonNamingPolicy.CamelCase.ConvertName(((MemberInfo)p.AttributeProvider!).Name))
            .Select(p => $"{p.DeclaringType.Name}: {p.Name}")
            .ShouldBeEmpty();
        types
            .Where(type => type.IsEnum)
            .SelectMany(type => Enum.GetValues(type).Cast<Enum>())
            .Where(word =>
                JsonSerializer.Serialize(word, word.GetType(), Json.Options)
                != $"\"{JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString())}\""
            )
            .ShouldBeEmpty();
    }

    [Fact]
    public void Stored_names_are_unique_and_in_snake_case()
    {
        StoredTypes.GroupBy(EventType.NameOf).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();
        StoredTypes.Select(EventType.NameOf).Where(n => !SnakeCase().IsMatch(n)).ShouldBeEmpty();
    }

    [Fact]
    public void A_stored_name_is_that_of_its_type() =>
        StoredTypes.Where(t => JsonNamingPolicy.SnakeCaseLower.ConvertName(t.Name) != EventType.NameOf(t)).ShouldBeEmpty();

    [Fact]
    public void An_event_is_a_sealed_record_with_an_id_of_ours_first()
    {
        foreach (var type in StoredTypes)
        {
            type.IsSealed.ShouldBeTrue(type.Name);
            type.GetConstructors().ShouldHaveSingleItem().GetParameters()[0].ParameterType.ShouldBe(typeof(Guid), type.Name);
        }
    }

    /// <summary>The type with those of its members, and of theirs, as far as they are ours.</summary>
    private static void AddWithMembers(HashSet<Type> types, Type type)
    {
        foreach (var inner in type.GetGenericArguments())
            AddWithMembers(types, inner);
        if (type.Assembly != typeof(StoredAttribute).Assembly || type.IsGenericType || !types.Add(type))
            return;
        foreach (var member in Json.Options.GetTypeInfo(type).Properties)
            AddWithMembers(types, member.PropertyType);
    }

    private static void ShouldBeSet(object? value, string path)
    {
        value.ShouldNotBeNull($"docs/events.json does not set {path}. Give every member a value, so that its form is held.");
        if (value is IEnumerable items and not string)
        {
            items.Cast<object>().ShouldNotBeEmpty($"docs/events.json has no item in {path}.");
            foreach (var item in items)
                ShouldBeSet(item, $"{path}[]");
        }
        else if (IsRecordOfOurs(value.GetType()))
        {
            foreach (var property in PropertiesOf(value.GetType()))
                ShouldBeSet(property.GetValue(value), $"{path}.{property.Name}");
        }
    }

    private static void RemoveOptional(JsonObject json, Type type)
    {
        foreach (var property in PropertiesOf(type))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable)
                json.Remove(name);
            else if (json[name] is JsonObject inner && IsRecordOfOurs(property.PropertyType))
                RemoveOptional(inner, property.PropertyType);
            else if (json[name] is JsonArray items && IsRecordOfOurs(property.PropertyType.GenericTypeArguments[0]))
                items.OfType<JsonObject>().ToList().ForEach(item => RemoveOptional(item, property.PropertyType.GenericTypeArguments[0]));
        }
    }

    private static bool IsRecordOfOurs(Type type) =>
        type.Assembly == typeof(StoredAttribute).Assembly
        && type is { IsEnum: false, IsGenericType: false }
        && type != typeof(Protected)
        && type != typeof(PartialDate);

    private static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    [GeneratedRegex("^[a-z]+(_[a-z]+)*$")]
    private static partial Regex SnakeCase();
}

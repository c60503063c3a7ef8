using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Contracts;

/// <summary>
/// The history is never rewritten, so what an event looks like as JSON is a promise. An approved file changes only when
/// somebody means it: <c>APPROVE_CONTRACTS=1</c> writes the files anew, and the difference is what is to be reviewed.
/// </summary>
public sealed partial class StoredEventTests
{
    /// <summary>The event types of each stream, as section 3 of docs/contract.md lists them.</summary>
    private static readonly Dictionary<string, string[]> Contract = ReadContract();

    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true, NewLine = "\n" };

    private static readonly string Approved = Path.Combine(
        Repository.Root,
        "tests",
        "CooperationEvents.UnitTests",
        "Contracts",
        "approved"
    );

    private static readonly Type[] StoredTypes =
    [
        .. typeof(StoredAttribute).Assembly.GetTypes().Where(t => t.IsDefined(typeof(StoredAttribute), inherit: false)),
    ];

    /// <summary>All approved files are written before a test reads one.</summary>
    static StoredEventTests()
    {
        if (Environment.GetEnvironmentVariable("APPROVE_CONTRACTS") != "1")
            return;
        foreach (var sample in EventSamples.All)
            File.WriteAllText(FileOf(EventType.NameOf(sample.GetType())), Written(sample));
    }

    public static TheoryData<string> Names => [.. StoredTypes.Select(EventType.NameOf).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_is_stored_as_it_was_approved(string name)
    {
        File.Exists(FileOf(name)).ShouldBeTrue($"{name} has no approved file: APPROVE_CONTRACTS=1 deploy/test UnitTests writes it.");
        Written(EventSamples.Of(name)).ShouldBe(File.ReadAllText(FileOf(name)), $"{name} is stored in another form than the approved one.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_approved_event_is_read_back_as_it_was(string name)
    {
        var sample = EventSamples.Of(name);
        JsonSerializer.Deserialize(File.ReadAllText(FileOf(name)), sample.GetType(), Json.Options).ShouldBe(sample);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_event_is_read_back_without_whatever_may_be_absent(string name)
    {
        var type = EventSamples.Of(name).GetType();
        var least = (JsonObject)JsonNode.Parse(File.ReadAllText(FileOf(name)))!;
        RemoveOptional(least, type);

        var read = JsonSerializer.Deserialize(least, type, Json.Options);

        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(read, type, Json.Options), least).ShouldBeTrue(least.ToJsonString());
    }

    [Fact]
    public void Every_stored_type_has_one_sample_and_one_approved_file_and_no_file_is_left_over()
    {
        var names = StoredTypes.Select(EventType.NameOf).Order(StringComparer.Ordinal).ToArray();
        names.ShouldNotBeEmpty();
        EventSamples.All.Select(e => EventType.NameOf(e.GetType())).Order(StringComparer.Ordinal).ShouldBe(names);
        Directory.GetFiles(Approved).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(names.Select(n => $"{n}.json"));
    }

    [Fact]
    public void Every_member_of_a_sample_is_set_so_that_a_new_one_shows()
    {
        foreach (var sample in EventSamples.All)
            ShouldBeSet(sample, EventType.NameOf(sample.GetType()));
    }

    [Fact]
    public void Stored_names_are_unique_and_in_snake_case()
    {
        StoredTypes.GroupBy(EventType.NameOf).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();
        StoredTypes.Select(EventType.NameOf).Where(n => !SnakeCase().IsMatch(n)).ShouldBeEmpty();
    }

    [Fact]
    public void Stored_names_are_those_of_the_contract_in_their_stream()
    {
        Contract.Count.ShouldBeGreaterThan(5);
        StoredTypes
            .Select(EventType.Of)
            .Where(s => !Contract.GetValueOrDefault($"{s.Stream}", []).Contains(s.Name))
            .Select(s => $"{s.Name} in {s.Stream}")
            .ShouldBeEmpty("Section 3 of docs/contract.md does not list it: write it there.");
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

    private static Dictionary<string, string[]> ReadContract() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs", "contract.md"))
            .SkipWhile(line => !line.StartsWith("## 3.", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("## 4.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells is ["", _, _, ""])
            .ToDictionary(cells => cells[1], cells => SnakeCaseWords().Matches(cells[2]).Select(m => m.Value).ToArray());

    private static string Written(object sample) => JsonSerializer.Serialize(sample, Indented) + "\n";

    private static string FileOf(string name) => Path.Combine(Approved, name + ".json");

    private static void ShouldBeSet(object? value, string path)
    {
        value.ShouldNotBeNull(path);
        if (value is IEnumerable items and not string)
        {
            items.Cast<object>().ShouldNotBeEmpty(path);
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

    [GeneratedRegex("[a-z]+(_[a-z]+)+")]
    private static partial Regex SnakeCaseWords();
}

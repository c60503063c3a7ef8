using System.Text.Json;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class ReferenceTests
{
    private const string Id = "c0000000-0000-4000-8000-000000000001";

    [Fact]
    public void An_id_is_a_string_in_json()
    {
        Read($"\"{Id}\"").ShouldBe(Reference.To(Some.Meeting));
        Write(Some.Meeting).ShouldBe($"\"{Id}\"");
    }

    [Fact]
    public void An_external_reference_is_an_object_in_json()
    {
        var reference = Reference.To(new ExternalReference("outlook", "AAMk=1"));
        Read("""{"system":"outlook","id":"AAMk=1"}""").ShouldBe(reference);
        Write(reference).ShouldBe("""{"system":"outlook","id":"AAMk=1"}""");
    }

    [Theory]
    [InlineData("\"outlook/1\"")]
    [InlineData("\"\"")]
    [InlineData("1")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("""{"system":"outlook"}""")]
    [InlineData("""{"id":"1"}""")]
    [InlineData("""{"system":null,"id":"1"}""")]
    [InlineData("""{"system":"outlook","id":1}""")]
    [InlineData("""{"system":"a","system":"b","id":"1"}""")]
    public void Anything_else_is_no_reference(string json) => Should.Throw<JsonException>(() => Read(json));

    [Fact]
    public void It_prints_what_it_names()
    {
        Reference.To(Some.Meeting).ToString().ShouldBe(Id);
        Reference.To(new ExternalReference("outlook", "1")).ToString().ShouldBe("outlook/1");
    }

    [Fact]
    public void An_id_of_ours_names_itself_and_an_external_reference_what_was_looked_up()
    {
        var external = Reference.To(new ExternalReference("crm", "42"));
        var ids = new KnownIds(new Dictionary<(StreamKind, Reference), Guid> { [(StreamKind.Organisation, external)] = Some.Iom });

        ids.Of(StreamKind.Organisation, Some.DgHome).ShouldBe(Some.DgHome);
        ids.Of(StreamKind.Organisation, Reference.To(new ExternalReference("crm", "42"))).ShouldBe(Some.Iom);
        ids.OfOptional(StreamKind.Organisation, null).ShouldBeNull();
        Should.Throw<KeyNotFoundException>(() => ids.Of(StreamKind.Person, external));
    }

    private static Reference? Read(string json) => JsonSerializer.Deserialize<Reference>(json, Json.Options);

    private static string Write(Reference reference) => JsonSerializer.Serialize(reference, Json.Options);
}

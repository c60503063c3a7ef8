using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class ProtectedTests
{
    [Fact]
    public void Plain_text_cannot_be_written() =>
        Should.Throw<InvalidOperationException>(() => JsonSerializer.Serialize(Protected.Of("Ana Silva"), Json.Options));

    [Fact]
    public void Plain_text_cannot_be_written_inside_an_event() =>
        Should.Throw<InvalidOperationException>(() =>
            JsonSerializer.Serialize(new PersonRegistered(Some.Ana, Protected.Of("Ana Silva")), Json.Options)
        );

    [Fact]
    public void Plain_text_cannot_be_written_by_other_options() =>
        Should.Throw<InvalidOperationException>(() => JsonSerializer.Serialize(Protected.Of("Ana Silva")));

    [Fact]
    public void What_is_sealed_is_its_ciphertext_in_json()
    {
        JsonSerializer.Serialize(Protected.Sealed("c2VhbGVk"), Json.Options).ShouldBe("\"c2VhbGVk\"");
        JsonSerializer.Deserialize<Protected>("\"c2VhbGVk\"", Json.Options).ShouldBe(Protected.Sealed("c2VhbGVk"));
    }

    [Fact]
    public void Nothing_reads_as_plain_text() => JsonSerializer.Deserialize<Protected>("\"Ana Silva\"", Json.Options)!.Plain.ShouldBeNull();

    [Fact]
    public void It_does_not_print_what_it_protects()
    {
        Protected.Of("Ana Silva").ToString().ShouldBe("(protected)");
        new PersonRegistered(Some.Ana, Protected.Of("Ana Silva")).ToString().ShouldNotContain("Silva");
    }

    [Fact]
    public void An_optional_field_that_is_absent_stays_absent()
    {
        Protected.OfOptional(null).ShouldBeNull();
        Protected.OfOptional("AD 7").ShouldBe(Protected.Of("AD 7"));
    }

    [Fact]
    public void Only_a_sealed_field_is_kept_by_a_state()
    {
        var recorded = new Recorded(Given.EventId(1), "person_registered", new object());
        SealedField.Of(recorded, "name", Protected.Of("Ana Silva")).ShouldBeNull();
        SealedField.Of(recorded, "name", null).ShouldBeNull();
        SealedField
            .Of(recorded, "name", Protected.Sealed("c2VhbGVk"))
            .ShouldBe(new SealedField(Given.EventId(1), "person_registered", "name", "c2VhbGVk"));
    }
}

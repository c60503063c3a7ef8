using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.AuditLog;

public sealed class JsonFaultTests
{
    private static readonly JsonDocumentOptions Once = new() { AllowDuplicateProperties = false };

    [Theory]
    [InlineData("""{"a":1,"a":2}""", "a member in it stands twice")]
    [InlineData("""{"a":1,}""", "it is not JSON at byte 8")]
    public void A_fault_is_told_in_plain_words(string json, string words) =>
        JsonFault.Words(Should.Throw<JsonException>(() => JsonDocument.Parse(json, Once))).ShouldBe(words);

    [Fact]
    public void A_fault_without_a_position_is_not_taken_for_a_member_that_stands_twice() =>
        JsonFault.Words(new JsonException("Something else")).ShouldBe("it is not JSON of the form expected");
}

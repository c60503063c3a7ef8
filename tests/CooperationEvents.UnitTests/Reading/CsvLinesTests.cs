using CooperationEvents.Reading;

namespace CooperationEvents.UnitTests.Reading;

public sealed class CsvLinesTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+32 2", "'+32 2")]
    [InlineData("-5 people", "'-5 people")]
    [InlineData("@here", "'@here")]
    [InlineData("a-b=c", "a-b=c")]
    [InlineData(-5, "-5")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(5L, "5")]
    public void What_a_spreadsheet_would_run_begins_with_an_apostrophe_and_a_number_does_not(object value, string cell) =>
        CsvLines
            .Of([
                [value, "end"],
            ])
            .Replace("\"", "")
            .ShouldBe($"{cell},end\r\n");
}

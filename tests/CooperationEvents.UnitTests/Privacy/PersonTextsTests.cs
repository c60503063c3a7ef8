using System.Text;
using CooperationEvents.Privacy;

namespace CooperationEvents.UnitTests.Privacy;

public sealed class PersonTextsTests
{
    private static readonly PersonTexts Person = new(["Ren\u00e9e O\"Neill", "ren\u00e9e@example.org"]);

    [Theory]
    [InlineData("with Ren\u00e9e O\"Neill present")]
    [InlineData("REN\u00c9E O\"NEILL")]
    [InlineData("Rene\u0301e O\"Neill")]
    [InlineData("Ren\u00e9e\u200b O\"Neill")]
    [InlineData("""{"name": "Ren\u00e9e O\u0022Neill"}""")]
    [InlineData("""{"name": "Ren\u00E9e O\"Neill"}""")]
    [InlineData("""{"name": "Rene\u0301e O\"Neill"}""")]
    [InlineData("""{"row": "{\"name\": \"Ren\\u00e9e O\\u0022Neill\"}"}""")]
    public void A_person_is_found_however_the_name_is_written(string text) => Person.AreIn(text).ShouldBeTrue();

    [Theory]
    [InlineData("Jürgen Großmaier", "CN=JÜRGEN GROSSMAIER")]
    [InlineData("Jürgen Großmaier", "Jurgen  Grossmaier was there")]
    [InlineData("Jürgen Großmaier", "Großmaier, Jürgen")]
    [InlineData("Γιώργος Δημητρίου", "ΓΙΩΡΓΟΣ ΔΗΜΗΤΡΙΟΥ")]
    [InlineData("Ahmet Yıldırım", "AHMET YILDIRIM")]
    [InlineData("Johnathan van der Smithsom", "Smithsom, Johnathan van der")]
    [InlineData("Sean O'Neill", "Sean O\u2019Neill")]
    public void A_person_is_found_in_other_capitals_without_accents_and_with_the_last_name_first(string name, string text) =>
        new PersonTexts([name]).AreIn(text).ShouldBeTrue();

    [Theory]
    [InlineData("Ana Sílva", "Diana Silva")]
    [InlineData("Ana Sílva", "Ana Silvares")]
    [InlineData("Ana Maria Silva", "Maria Ana Silva")]
    [InlineData("ana@silva.example", "Ana, Silva: example")]
    public void Who_has_another_name_is_not_found(string name, string text) => new PersonTexts([name]).AreIn(text).ShouldBeFalse();

    [Fact]
    public void Another_person_is_not_found() => Person.AreIn("""{"name": "Rene O\"Neill"}""").ShouldBeFalse();

    [Theory]
    [InlineData("\r\n ")]
    [InlineData("\n\t")]
    public void A_person_is_found_where_a_line_of_a_calendar_is_folded_at_any_octet(string fold)
    {
        var line = Encoding.UTF8.GetBytes("ren\u00e9e@example.org");

        for (var at = 1; at < line.Length; at++)
            Person.AreIn([.. line[..at], .. Encoding.ASCII.GetBytes(fold), .. line[at..]], Encoding.UTF8).ShouldBeTrue($"{at}");
    }
}

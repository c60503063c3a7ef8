using System.Reflection;
using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.Privacy;

/// <summary>Whoever enters text that can never be erased is told so where it is entered.</summary>
public sealed class PublicTextTests
{
    public static TheoryData<string> Commands => [.. TakingText().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_that_takes_public_text_says_that_it_is_public_record(string command)
    {
        var name = command[(command.LastIndexOf('.') + 1)..];
        var file = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src", "CooperationEvents"), $"{name}.cs", SearchOption.AllDirectories)
            .Single();
        var summary = File.ReadLines(file)
            .TakeWhile(line => !line.Contains($"record {name}", StringComparison.Ordinal))
            .Where(line => line.StartsWith("///", StringComparison.Ordinal))
            .Select(line => line.TrimStart('/', ' '));
        string.Join(' ', summary).ShouldContain("public record");
    }

    [Theory]
    [InlineData("Write to ada.lovelace@example.org before the meeting", "an e-mail address")]
    [InlineData("Chair (ada@iom.int)", "an e-mail address")]
    [InlineData("Call +32 2 299 11 11", "a telephone number")]
    [InlineData("Call 0041 22 717 9111", "a telephone number")]
    [InlineData("Room 4, tel. 02/299.11.11", "a telephone number")]
    [InlineData("Senior officials' meeting, 4-5 April 2018", null)]
    [InlineData("On 2018-04-04T09:30 and 05/06/2019", null)]
    [InlineData("Regulation (EU) 2018/1725, OJ L 295, 21.11.2018", null)]
    [InlineData("EUR 1 000 000 000 for 2021-2027", null)]
    [InlineData("Follow @iom, 100 % @ Geneva", null)]
    [InlineData("ISBN 978-92-76-12345-6", null)]
    [InlineData("Document 00257567-9e1d-4924-bc0a-60695db43826", null)]
    [InlineData("2024-05-06", null)]
    [InlineData("10:00 2024-05-06", null)]
    [InlineData("At 09.00 15/06/2024", null)]
    [InlineData("From 10:00 15.06.2024-16.06.2024", null)]
    [InlineData("Rehearsal 00 2024-05-06", null)]
    [InlineData("Fax (2024-05-06)", null)]
    [InlineData("Call: 0041 22 717 9111", "a telephone number")]
    [InlineData("No.0041 22 717 9111", "a telephone number")]
    [InlineData("Call +20 24-05-06-07 at 10:00", "a telephone number")]
    [InlineData("Fax 2024-05-06", null)]
    [InlineData("GSM: 6.5.2024 in Geneva", null)]
    [InlineData("Mobile 2021-2027", null)]
    [InlineData("Phone 2024-05-06 or 02 299 11 11", null)]
    [InlineData("Fax 2024 05 06 07", "a telephone number")]
    [InlineData("Phone 02.29.91.11.11", "a telephone number")]
    public void What_looks_like_a_way_to_reach_somebody_is_told_from_what_does_not(string text, string? what) =>
        PublicTexts.LooksLike(text).ShouldBe(what);

    [Fact]
    public void Texts_are_looked_at_wherever_they_stand_in_a_command_and_those_about_a_person_are_not()
    {
        Warned<ScheduleMeeting>(
                """
                {"title": "With ada@example.org", "venue": "Room +32 2 299 11 11",
                 "hosts": [{"onBehalfOf": "HOME"}, {"onBehalfOf": "eve@example.org"}],
                 "externalReference": {"system": "outlook", "id": "040000@example.org"}, "topics": ["a@b.org"]}
                """
            )
            .ShouldBe(["/title", "/venue", "/hosts/1/onBehalfOf"]);
        Warned<SetAgenda>("""{"items": [{"title": "x"}, {"title": "ada@example.org"}]}""").ShouldBe(["/items/1/title"]);
        Warned<RecordOutcome>("""{"text": {"en": "fine", "fr": "ada@example.org"}}""").ShouldBe(["/text/fr"]);
        Warned<RecordOutcome>("""{"text": {"en": "fine"}, "documentUrl": "https://example.org/send?to=mailto%3Aada%40example.org"}""")
            .ShouldBe(["/documentUrl"]);
        Warned<RegisterOrganisation>(
                """
                {"name": "Board", "shortName": "B",
                 "identifiers": ["https://ror.org/04cdgtt98", "mailto:ada@example.org", "tel:+32-2-299-11-11", "urn:isbn:9789276123456"]}
                """
            )
            .ShouldBe(["/identifiers/1", "/identifiers/2"]);
        Warned<LinkDocument>("""{"title": "Minutes", "url": "https://example.org/@ada.lovelace/hotel:5"}""").ShouldBeEmpty();
        Warned<RegisterPerson>("""{"name": "Ada", "email": "ada@example.org"}""").ShouldBeEmpty();
        Warned<CorrectAttendance>("""{"reason": "ada@example.org says so"}""").ShouldBeEmpty();
    }

    private static IEnumerable<string> Warned<T>(string body) =>
        PublicTexts.Warnings(JsonDocument.Parse(body).RootElement, typeof(T)).Select(w => w.Pointer);

    private static IEnumerable<Type> TakingText()
    {
        var found = typeof(ICommand)
            .Assembly.GetTypes()
            .Where(t => t.IsAssignableTo(typeof(ICommand)) && !t.IsAbstract && t.GetCustomAttribute<SealsTextsAttribute>() is null)
            .Where(t => t.GetProperties().Any(p => p.GetCustomAttribute<TextAttribute>() is { Pattern: null, MaxLength: > 40 }))
            .ToList();
        found.ShouldNotBeEmpty();
        return found;
    }
}

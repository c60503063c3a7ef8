using System.Reflection;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Privacy;

/// <summary>Whoever enters text that can never be erased is told so where it is entered.</summary>
public sealed class PublicTextTests
{
    /// <summary>Commands whose only free text is about a person, and sealed.</summary>
    private static readonly string[] AboutPeople =
    [
        "RegisterPerson", "CorrectPerson", "MergePerson", "UnmergePerson", "StartAffiliation", "RestrictPerson", "ErasePerson",
        "CorrectAttendance", "WithdrawRegistration",
    ];

    public static TheoryData<string> Commands => [.. TakingText().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_that_takes_public_text_says_that_it_is_public_record(string command)
    {
        var name = command[(command.LastIndexOf('.') + 1)..];
        var file = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "CooperationEvents"), $"{name}.cs", SearchOption.AllDirectories).Single();
        var summary = File.ReadLines(file).TakeWhile(line => !line.Contains($"record {name}", StringComparison.Ordinal))
            .Where(line => line.StartsWith("///", StringComparison.Ordinal)).Select(line => line.TrimStart('/', ' '));
        string.Join(' ', summary).ShouldContain("public record");
    }

    private static IEnumerable<Type> TakingText()
    {
        var found = typeof(ICommand).Assembly.GetTypes()
            .Where(t => t.IsAssignableTo(typeof(ICommand)) && !t.IsAbstract && !AboutPeople.Contains(t.Name))
            .Where(t => t.GetProperties().Any(p => p.GetCustomAttribute<TextAttribute>() is { Pattern: null, MaxLength: > 40 }))
            .ToList();
        found.ShouldNotBeEmpty();
        return found;
    }
}

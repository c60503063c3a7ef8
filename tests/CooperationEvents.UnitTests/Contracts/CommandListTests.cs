using System.Text.RegularExpressions;
using CooperationEvents.Http;

namespace CooperationEvents.UnitTests.Contracts;

/// <summary>Section 4 of docs/contract.md has each command by its operation id, in brackets behind its path.</summary>
public sealed partial class CommandListTests
{
    [Fact]
    public void The_contract_lists_every_command_and_no_other()
    {
        var listed = File.ReadLines(Path.Combine(Repository.Root, "docs", "contract.md"))
            .SkipWhile(line => !line.StartsWith("## 4.", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("## 5.", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| /", StringComparison.Ordinal))
            .SelectMany(line => InBrackets().Matches(line))
            .SelectMany(match => match.Groups[1].Value.Split(", "))
            .ToList();
        var served = CommandCatalogue.All.Keys.Concat(CommandCatalogue.AtTheirPath.Keys).ToList();

        listed.Count.ShouldBeGreaterThan(40);
        served
            .Except(listed)
            .ShouldBeEmpty(
                "Section 4 of docs/contract.md has no such command: write it there with its path, and name it in docs/changelog.md."
            );
        listed.Except(served).ShouldBeEmpty("Section 4 of docs/contract.md has what is no command.");
    }

    [GeneratedRegex(@"\[([a-z, -]+)\]")]
    private static partial Regex InBrackets();
}

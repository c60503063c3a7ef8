namespace CooperationEvents.IntegrationTests.Statistics;

public sealed partial class StatisticsPropertyTests
{
    private const int StatementsOfEachHistory = 5;

    [Fact]
    public Task The_SQL_for_analysts_says_what_the_service_says() =>
        runs.ForEach(async run =>
        {
            AnalystsDocument.Statements.Count.ShouldBeGreaterThan(15);
            var choices = run.Choices();
            var statements = AnalystsDocument.Statements.ToArray();
            choices.Shuffle(statements);
            foreach (var statement in statements.Take(StatementsOfEachHistory))
            {
                var position =
                    choices.Next(2) == 0 && run.Questions.Count > 0
                        ? run.Questions[choices.Next(run.Questions.Count)].KnownAt
                        : run.Position;
                var framework = run.History.Framework(choices.Next(2));
                var asOf = choices.Next(2) == 0 ? new DateOnly(2026, 1, 1) : RandomHistory.AsOf(choices);
                if (await statement.Difference(runs.Host, framework, asOf, position) is { } difference)
                    return difference;
            }

            return null;
        });
}

using System.Reflection;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Kernel;

public sealed partial class ProblemTests
{
    /// <summary>Section 4 of the contract: the statuses a problem may have.</summary>
    private static readonly int[] Statuses = [400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 429, 503];

    private static ProblemType[] All =>
        [
            .. typeof(ProblemType)
                .Assembly.GetTypes()
                .Where(t => t.Name.EndsWith("Problems", StringComparison.Ordinal))
                .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
                .Select(f => f.GetValue(null))
                .OfType<ProblemType>(),
        ];

    [Fact]
    public void Every_type_is_named_once()
    {
        All.Length.ShouldBeGreaterThan(30);
        All.GroupBy(t => t.Slug).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();
    }

    [Fact]
    public void Every_type_has_a_status_the_design_knows_and_a_kebab_case_name()
    {
        foreach (var type in All)
        {
            Statuses.ShouldContain(type.Status, type.Slug);
            KebabCase().IsMatch(type.Slug).ShouldBeTrue(type.Slug);
            type.Uri.ShouldBe($"/problems/{type.Slug}");
            type.Title.ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public void A_problem_tells_the_first_five_faults_and_holds_all()
    {
        var problem = KernelProblems.Invalid.With(Enumerable.Range(0, 7).Select(i => new FieldError($"/items/{i}", "Wrong.")));
        problem.Errors.Count.ShouldBe(7);
        problem.Detail.ShouldEndWith("/items/4: Wrong.");
    }

    [Fact]
    public void A_long_pointer_stands_whole_in_the_fault_alone()
    {
        var pointer = "/" + new string('x', 800);
        var problem = KernelProblems.Invalid.With([new FieldError(pointer, "Wrong.")]);
        problem.Errors[0].Pointer.ShouldBe(pointer);
        problem.Detail.ShouldBe($"/{new string('x', 99)}…: Wrong.");
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}

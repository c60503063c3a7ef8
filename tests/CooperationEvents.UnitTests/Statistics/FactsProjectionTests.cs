using System.Reflection;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.UnitTests.Contracts;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class FactsProjectionTests
{
    public static TheoryData<string> Names => [.. EventType.All.Select(e => e.Name)];

    /// <summary>A projection that forgets an event drifts; who marks it as making none has thought of it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_event_makes_a_fact_or_is_marked_as_making_none(string name)
    {
        var projection = new FactsProjection(FactTables.Live);
        var operations = DispatchProxy.Create<IDocumentOperations, Counting>();

        await projection.ApplyAsync(operations, Event.For(EventSamples.Of(name)), default);

        (((Counting)operations).Calls > 0).ShouldBe(
            EventType.Find(name)!.MakesFacts,
            $"{name} makes a fact and is marked as [NoFact], or does neither. Mark its record, or fold it in "
                + "Statistics/Facts/FactsProjection.*.cs."
        );
    }

    [Fact]
    public void Some_events_make_facts_and_some_make_none() => EventType.All.Select(e => e.MakesFacts).Distinct().Count().ShouldBe(2);

    /// <summary>Of a figure that is published, two programs that share no code count what that page says.</summary>
    [Theory]
    [InlineData("docs/statistics.md", "Say there of what it is evidence.")]
    [InlineData(
        "src/CooperationEvents.Verifier/Figures/RecordedActivity.cs",
        "Count it there; where it is of people, in PublicationProof.cs too."
    )]
    [InlineData("tests/second-implementation/figures.py", "Count it there, too.")]
    public void What_makes_facts_of_a_meeting_is_counted_again_from_the_log(string file, string what)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, file));

        EventType
            .In(StreamKind.Meeting)
            .Where(e => e.MakesFacts)
            .Select(e => e.Name)
            .Where(name => !text.Contains(name, StringComparison.Ordinal))
            .ShouldBeEmpty($"{file} does not have it. {what}");
    }

    [Fact]
    public async Task Rows_that_are_only_added_go_to_their_table_in_one_statement()
    {
        var (meeting, other) = (Guid.NewGuid(), Guid.NewGuid());

        var statements = await Statements(Attended(meeting), Attended(meeting), Attended(other));

        statements.Select(s => Words(s.Sql)).ShouldBe(["insert facts.attendance_recorded", "insert facts.attendance"]);
        ((Guid[])statements[0].Values[1]).ShouldBe([meeting, other]);
        ((Guid[])statements[1].Values.Single(v => v is Guid[] ids && ids[0] == meeting)).ShouldBe([meeting, meeting, other]);
    }

    [Fact]
    public async Task What_changes_rows_comes_after_those_added_before_it_and_before_those_added_after_it()
    {
        var (meeting, person) = (Guid.NewGuid(), Guid.NewGuid());
        var was = new Attendance(Guid.NewGuid(), AttendeeRole.Delegate, AttendanceStatus.Attended, null);
        var corrected = new AttendanceCorrected(
            meeting,
            person,
            was,
            was with
            {
                Status = AttendanceStatus.Absent,
            },
            Protected.Of("Was ill.")
        );

        var statements = await Statements(Attended(meeting, person), corrected, Attended(meeting));

        statements
            .Select(s => Words(s.Sql))
            .ShouldBe([
                "insert facts.attendance",
                "update facts.attendance",
                "insert facts.attendance_recorded",
                "insert facts.attendance",
            ]);
    }

    private static AttendanceRecorded Attended(Guid meeting, Guid? person = null) =>
        new(meeting, person ?? Guid.NewGuid(), Guid.NewGuid(), AttendeeRole.Delegate, AttendanceStatus.Attended, null);

    /// <summary>The statements that a page of events makes.</summary>
    private static async Task<IReadOnlyList<(string Sql, object[] Values)>> Statements(params IEnumerable<object> page)
    {
        IJasperFxProjection<IDocumentOperations> projection = new FactsProjection(FactTables.Live);
        var operations = DispatchProxy.Create<IDocumentOperations, Counting>();
        await projection.ApplyAsync(operations, [.. page.Select(data => Event.For(data))], default);
        return ((Counting)operations).Statements;
    }

    /// <summary>What a statement does to which table.</summary>
    private static string Words(string sql)
    {
        var words = sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words[0] == "insert" ? $"insert {words[2]}" : $"{words[0]} {words[1]}";
    }

    public class Counting : DispatchProxy
    {
        public int Calls => Statements.Count;

        public List<(string Sql, object[] Values)> Statements { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            targetMethod!.Name.ShouldBe(nameof(IDocumentOperations.QueueSqlCommand));
            Statements.Add(((string)args![0]!, (object[])args[1]!));
            return null;
        }
    }
}

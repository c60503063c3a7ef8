using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>A published figure is counted again from entries alone, by the definition it names.</summary>
public sealed class FigureTests
{
    private static readonly Guid Framework = SampleLog.Id(1, 1),
        Eu = SampleLog.Id(2, 1),
        Iom = SampleLog.Id(2, 2),
        City = SampleLog.Id(2, 3);
    private static readonly Guid First = SampleLog.Id(3, 1),
        Second = SampleLog.Id(3, 2),
        Third = SampleLog.Id(3, 3),
        Publication = SampleLog.Id(4, 1);

    private const string OfAll =
        "Since the start of the cooperation in July 2012, 3 meetings have taken place at all levels, involving at least 5 EU and IOM staff. "
        + "Of 1 meeting, no attendance is recorded.";

    private static readonly string Deep = new string('[', 1_500) + new string(']', 1_500);

    private readonly FigureHistory _history = new();

    public FigureTests()
    {
        foreach (var (id, name) in new[] { (Eu, "DG HOME"), (Iom, "IOM"), (City, "City") })
            _history.Register(id, name);
        _history.Establish(Framework, "2012-07", ["EU", "IOM"], ("som", "Senior Officials Meeting"));
        _history.Join(Framework, Eu, "EU", "2012-07");
        _history.Join(Framework, Iom, "IOM", "2012-07");
        foreach (var (meeting, end) in new[] { (First, "2018-04-04"), (Second, "2019-01-01T00:00"), (Third, "2019-05-05") })
        {
            var start = end.Length > 10 ? "2018-12-31T09:00" : end;
            _history.Schedule(meeting, start, end, "som", Framework);
            _history.Hold(meeting, start, end);
        }

        foreach (var person in Enumerable.Range(1, 3))
            _history.Attend(First, SampleLog.Id(5, person), Eu, "delegate");
        _history.Attend(First, SampleLog.Id(5, 4), City, "delegate");
        _history.Attend(First, SampleLog.Id(5, 5), Eu, "observer");
        _history.Attend(Second, SampleLog.Id(5, 6), Iom, "chair");
        _history.CountHeads(Second, Iom, 4, "exact");
        _history.Add("person_merged", new { personId = SampleLog.Id(5, 6), into = SampleLog.Id(5, 1) });
    }

    [Fact]
    public void A_figure_that_the_entries_give_is_equal_and_one_that_they_do_not_give_is_named_by_its_first_item()
    {
        // Three meetings, one of which has nothing recorded; three persons and one who is one of them; four heads.
        var evidence = Counted();

        Publish("2", All(staffKnown: 3), OfAll, evidence);
        Check().Findings.ShouldBeEmpty();

        Publish("2", All(staffKnown: 4), OfAll, evidence);
        Check().Findings.ShouldHaveSingleItem().Text.ShouldBe("staffKnown: published was '4', and the entries give '3'");
        Publish("2", All(staffKnown: 3), OfAll, evidence[1..]);
        Check().Findings.Select(f => f.Text.Split(':')[0]).ShouldBe(["the number of events in the evidence", "the digest of the evidence"]);
    }

    [Fact]
    public void By_the_first_definition_what_is_not_recorded_counts_as_nobody_and_midnight_is_a_day()
    {
        var meetings = _history
            .Entries.Where(e => Has(e, "meetingId", First))
            .Where(e => !Has(e, "personId", SampleLog.Id(5, 4), SampleLog.Id(5, 5)))
            .Select(e => e.Id)
            .ToList();
        Publish(
            "1",
            new
            {
                meetingsHeld = 1,
                attendances = 3,
                unnamed = 0,
                staffKnown = 3,
                staffAtLeast = 3,
                staffAtMost = 3,
            },
            "In 2018, 1 meeting took place at the level som, involving 3 EU and IOM staff.",
            meetings,
            new
            {
                framework = Framework,
                year = 2018,
                level = "som",
            }
        );
        Check().Findings.ShouldBeEmpty();

        var both = _history
            .Entries.Where(e =>
                (Has(e, "meetingId", First, Second) && !Has(e, "personId", SampleLog.Id(5, 4), SampleLog.Id(5, 5)))
                || e.Type == "person_merged"
            )
            .Select(e => e.Id)
            .ToList();
        Publish(
            "2",
            new
            {
                meetingsHeld = 2,
                attendances = 4,
                unnamed = 4,
                staffKnown = 3,
                staffAtLeast = 5,
                staffAtMost = 7,
                meetingsWithoutAttendance = 0,
            },
            "In 2018, 2 meetings took place at the level Senior Officials Meeting, involving between 5 and 7 EU and IOM staff.",
            both,
            new
            {
                framework = Framework,
                year = 2018,
                level = "som",
            }
        );
        Check().Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("asOf", "2019")]
    [InlineData("asOf", "2019-12")]
    [InlineData("knownAt", "position")]
    [InlineData("knownAt", "2026-01-01T00:00:00Z")]
    [InlineData("knownAt", "2026-01-01t00:59:59.5+00:59")]
    [InlineData("orgView", "atMeeting")]
    public void A_question_is_what_it_was_resolved_to(string member, string asked)
    {
        PublishAll(member, asked == "position" ? $"{_history.Entries.Count}" : asked);
        _history.Entries[^1] = _history.Entries[^1] with { At = _history.Entries[^1].At.AddHours(1) };

        Check().Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("asOf", "2020-01-01", "asOf: asked was '2020-01-01', and it is counted up to 2019-12-31")]
    [InlineData("knownAt", "2025-12-31T18:59:60.5-05:00", "position: asked was what is known at '2025-12-31T18:59:60.5-05:00'")]
    [InlineData("knownAt", "5", "position: asked was what is known at '5', and that is not position ")]
    [InlineData("knownAt", "2025-12-31T23:59:59.999999Z", "position: asked was what is known at '2025-12-31T23:59:59.999999Z'")]
    [InlineData("knownAt", "2026-01-01T01:00:00Z", "position: asked was what is known at '2026-01-01T01:00:00Z'")]
    public void A_question_that_means_another_day_or_position_than_what_was_counted_is_named(string member, string asked, string finding)
    {
        PublishAll(member, asked);
        _history.Entries[^1] = _history.Entries[^1] with { At = _history.Entries[^1].At.AddHours(1) };

        Check().Findings.ShouldHaveSingleItem().Text.ShouldStartWith(finding);
    }

    [Fact]
    public void A_figure_that_is_counted_from_what_came_after_it_is_named()
    {
        PublishAll("asOf", "2019");
        var position = _history.Entries.Count - 1;
        _history.Entries[^1] = _history.Entries[^1] with { Seq = position };

        Check()
            .Findings.ShouldHaveSingleItem()
            .Text.ShouldBe($"position: it is counted up to position {position}, and published at position {position}");
    }

    [Theory]
    [InlineData("area", "floods", "its question has 'area', which no question has")]
    [InlineData("orgView", "x", "its question has the orgView 'x', which is none")]
    [InlineData("knownAt", "x", "its question has the knownAt 'x', which is neither a position nor a time")]
    [InlineData("asOf", "zzz", "'zzz' is no date")]
    [InlineData("from", "", "'' is no date")]
    [InlineData("year", "0", "its question has the year 0, which is none")]
    [InlineData("year", "99999", "its question has the year 99999, which is none")]
    public void A_question_that_is_none_cannot_be_read(string member, string asked, string why)
    {
        PublishAll(member, member == "year" ? int.Parse(asked, CultureInfo.InvariantCulture) : asked);

        Should.Throw<InvalidDataException>(() => Check()).Message.ShouldEndWith(why);
    }

    [Fact]
    public void A_figure_with_a_number_that_is_not_counted_here_cannot_be_read()
    {
        var figure = JsonSerializer.SerializeToNode(All(staffKnown: 3))!;
        figure["interpretedMeetings"] = 1;
        Publish("2", figure, OfAll, Counted());

        Should
            .Throw<InvalidDataException>(() => Check())
            .Message.ShouldEndWith("its figure has 'interpretedMeetings', which this version does not count");
    }

    [Theory]
    [InlineData("hosts_changed", """{"meetingId":null}""", "a value in it is not of its kind")]
    [InlineData("hosts_changed", """{"meetingId":7}""", "a value in it is not of its kind")]
    [InlineData("hosts_changed", "{}", "it lacks a member")]
    [InlineData("hosts_changed", "deep", "a value in it is not of its kind")]
    [InlineData("hosts_changed", """{"meetingId":"00000000-0000-0000-0000-000000000000"}""", "it names what there is not")]
    [InlineData("meeting_held", """{"meetingId":"FIRST","heldFrom":"2019-01-01","heldTo":"zzz"}""", "'zzz' is no date")]
    [InlineData("meeting_held", """{"meetingId":"FIRST","heldFrom":"2019-01-01","heldTo":null}""", "'' is no date")]
    [InlineData("meeting_rescheduled", """{"meetingId":"FIRST","start":"٢٠١٩-01-01","end":"2019-01-01"}""", "'٢٠١٩-01-01' is no date")]
    [InlineData("organisation_renamed", """{"organisationId":"EU","shortName":"x","on":"2019-13"}""", "'2019-13' is no date")]
    public void An_event_that_is_none_is_named(string type, string data, string why)
    {
        var id = _history.Add(type, new { });
        var json = data.Replace("FIRST", $"{First}", StringComparison.Ordinal).Replace("EU", $"{Eu}", StringComparison.Ordinal);
        _history.Entries[^1] = _history.Entries[^1] with { Data = data == "deep" ? Deep : Jsonb.Text(JsonNode.Parse(json)) };
        PublishAll("asOf", "2019", beside: id);

        Should
            .Throw<InvalidDataException>(() => Check())
            .Message.ShouldBe($"the {type} {id} does not follow from what came before it: {why}");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"publicationId":7}""")]
    [InlineData("deep")]
    public void Another_publication_that_is_none_is_passed_over(string data)
    {
        PublishAll("asOf", "2019");
        _history.Add("figure_published", new { });
        _history.Entries[^1] = _history.Entries[^1] with { Data = data == "deep" ? Deep : Jsonb.Text(JsonNode.Parse(data)) };

        Check().Findings.ShouldBeEmpty();
    }

    /// <summary>The figure of everything; three persons are known.</summary>
    private static object All(int staffKnown) =>
        new
        {
            meetingsHeld = 3,
            attendances = 4,
            unnamed = 4,
            staffKnown,
            staffAtLeast = 5,
            meetingsWithoutAttendance = 1,
        };

    private void PublishAll(string member, object asked, Guid? beside = null)
    {
        var evidence = Counted(beside);
        Publish("2", All(staffKnown: 3), OfAll, evidence, new Dictionary<string, object> { ["framework"] = Framework, [member] = asked });
    }

    [Fact]
    public void A_publication_that_is_not_there_is_said() =>
        Check().Findings.ShouldHaveSingleItem().Text.ShouldContain("there is no publication");

    [Fact]
    public async Task A_publication_is_proven_with_its_evidence_from_one_file_and_a_byte_of_it_altered_is_found()
    {
        var evidence = Counted();
        Publish("2", All(staffKnown: 3), OfAll, evidence);
        var lines = await _history.ProveAsync(evidence);

        Prove(lines).Findings.ShouldBeEmpty();
        Prove(lines).Basis.ShouldBeEmpty();
        Prove([.. lines[..^1]]).Findings.Select(f => f.Text.Split(':')[0]).ShouldContain("the digest of the evidence");
        Prove([.. lines[..^1], lines[^1].Replace("2026-01-01", "2026-01-02", StringComparison.Ordinal)])
            .Findings.ShouldContain(f => f.Text.Contains("is not the one the log has there", StringComparison.Ordinal));
        PublicationProof
            .Run(lines, [LogKey.Always(Exported.Second.Verifier)], [], null, null)
            .Findings.ShouldContain(f => f.Text.Contains("signed by no key you gave", StringComparison.Ordinal));
    }

    private static Report Prove(IEnumerable<string> lines) =>
        PublicationProof.Run(lines, [LogKey.Always(Exported.First.Verifier)], [], null, null);

    /// <summary>The events that the figure of everything rests on.</summary>
    private List<Guid> Counted(Guid? beside = null) =>
        [
            .. _history
                .Entries.Where(e => e.Id != beside)
                .Where(e =>
                    (Has(e, "meetingId", First, Second, Third) && !Has(e, "personId", SampleLog.Id(5, 4), SampleLog.Id(5, 5)))
                    || e.Type == "person_merged"
                )
                .Select(e => e.Id),
        ];

    private static bool Has(Entry entry, string member, params Guid[] ids)
    {
        using var data = JsonDocument.Parse(entry.Data);
        return data.RootElement.TryGetProperty(member, out var value) && ids.Contains(value.GetGuid()) && entry.Type != "figure_published";
    }

    private void Publish(string definition, object figure, string sentence, IReadOnlyList<Guid> evidence, object? question = null)
    {
        _history.Entries.RemoveAll(e => e.Type == "figure_published");
        _history.Add(
            "figure_published",
            new
            {
                publicationId = Publication,
                question = question ?? new { framework = Framework },
                asOf = "2019-12-31",
                position = _history.Entries.Count,
                definition,
                figure,
                sentence,
                evidence = new { count = evidence.Count, sha256 = FigureHistory.DigestOf(evidence) },
            }
        );
    }

    private Report Check() => FigureCheck.Run(_history.Export(), Publication);
}

using System.Globalization;
using System.Text.RegularExpressions;
using CooperationEvents.Verifier;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>
/// What the entries give, as the verifier says it about a publication that is wrong in everything: how many meetings, attendances and
/// people, and the sentence and the evidence.
/// </summary>
internal sealed partial class Recounted
{
    private readonly Dictionary<string, string> _items = [];

    private Recounted(Report report)
    {
        foreach (var finding in report.Findings)
        {
            var item = Given().Match(finding.Text);
            _items.Add(item.Groups[1].Value, item.Groups[2].Value);
        }
    }

    public int Held => Number("meetingsHeld");

    public int Without => Number("meetingsWithoutAttendance");

    public int Attendances => Number("attendances");

    public int Unnamed => Number("unnamed");

    /// <summary>The people known, and how many there were at least and at most; null where that is not known.</summary>
    public (int Known, int Least, int? Most) Staff =>
        (Number("staffKnown"), Number("staffAtLeast"), _items["staffAtMost"].Length == 0 ? null : Number("staffAtMost"));

    public string Sentence => _items["sentence"];

    public void ShouldRestOn(params IReadOnlyList<Guid> evidence)
    {
        Number("the number of events in the evidence").ShouldBe(evidence.Count);
        _items["the digest of the evidence"].ShouldBe(FigureHistory.DigestOf(evidence));
    }

    /// <param name="question">What is asked of the history as it is: <c>level</c>, <c>year</c> and so on.</param>
    public static Recounted Of(FigureHistory history, object question, string asOf, string definition = "2")
    {
        var publicationId = SampleLog.Id(4, history.Entries.Count);
        history.Add(
            "figure_published",
            new
            {
                publicationId,
                question,
                asOf,
                position = history.Entries.Count,
                definition,
                figure = new
                {
                    meetingsHeld = -1,
                    meetingsWithoutAttendance = -1,
                    attendances = -1,
                    unnamed = -1,
                    staffKnown = -1,
                    staffAtLeast = -1,
                    staffAtMost = -1,
                },
                sentence = "",
                evidence = new { count = -1, sha256 = "" },
            }
        );
        return new Recounted(FigureCheck.Run(history.Export(), publicationId));
    }

    private int Number(string item) => int.Parse(_items[item], CultureInfo.InvariantCulture);

    [GeneratedRegex("^(.+): published was '.*', and the entries give '(.*)'$")]
    private static partial Regex Given();
}

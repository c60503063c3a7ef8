using System.Text;

namespace CooperationEvents.AuditLogTests.Vectors;

/// <summary>
/// Histories with one publication that they do not give, of which one event after the other does not follow from what came before it; and
/// the code that a verifier ends with.
/// </summary>
internal static class SampleHistories
{
    public static readonly Guid Publication = SampleLog.Id(4, 1);

    private static readonly Guid Framework = SampleLog.Id(1, 1),
        Home = SampleLog.Id(2, 0xa),
        Iom = SampleLog.Id(2, 0xb),
        Meeting = SampleLog.Id(3, 0xa),
        Ada = SampleLog.Id(5, 0xa),
        Ben = SampleLog.Id(5, 0xb);

    /// <summary>What there is about each, the code, and its entries.</summary>
    public static IEnumerable<(string Why, int Code, string Entries)> All =>
        [
            Of(1, "what follows", h => h.Attend(Meeting, Ada, Home, "delegate")),
            Of(1, "a person who is another, and no more", h => Merge(h, Ada, Ben), h => h.Add("person_unmerged", new { personId = Ada })),
            Of(3, "a person who is not another, and no more", h => h.Add("person_unmerged", new { personId = Ada })),
            Of(
                3,
                "people who are each other",
                h => h.Attend(Meeting, Ada, Home, "delegate"),
                h => Merge(h, Ada, Ben),
                h => Merge(h, Ben, Ada)
            ),
            Of(3, "a person who is itself", h => Merge(h, Ada, Ada)),
            Of(3, "organisations that follow each other", h => Succeed(h, Home, Iom), h => Succeed(h, Iom, Home)),
            Of(3, "an organisation that two others replace", h => Succeed(h, Home, Iom, SampleLog.Id(2, 3))),
            Of(3, "a meeting that is scheduled again", h => h.Schedule(Meeting, "2019", "2019", "som", Framework)),
            Of(3, "a framework that is established again", h => h.Establish(Framework, "2012", ["EU"], ("som", "Summit"))),
            Of(3, "a person in upper case", h => Attend(h, $"{Ada}".ToUpperInvariant(), $"{Home}")),
            Of(3, "an organisation in upper case", h => Attend(h, $"{Ada}", $"{Home}".ToUpperInvariant())),
            Of(3, "a person whose id is none", h => Attend(h, "Ada", $"{Home}")),
            Of(3, "an organisation without an id", h => Attend(h, $"{Ada}", null)),
            Of(3, "a count with a fraction", h => Count(h, 2.0m)),
            Of(3, "a count that is text", h => Count(h, "2")),
            Of(3, "a count of more than 32 bits", h => Count(h, 1L << 31)),
        ];

    private static (string, int, string) Of(int code, string why, params Action<FigureHistory>[] record)
    {
        var history = new FigureHistory();
        history.Register(Home, "HOME");
        history.Register(Iom, "IOM");
        history.Establish(Framework, "2012", ["EU", "IOM"], ("som", "Summit"));
        history.Join(Framework, Home, "EU", "2012");
        history.Schedule(Meeting, "2018-04-04", "2018-04-04", "som", Framework);
        history.Hold(Meeting, "2018-04-04", "2018-04-04");
        foreach (var next in record)
            next(history);
        history.Add(
            "figure_published",
            new
            {
                publicationId = Publication,
                question = new { },
                asOf = "2023-12-31",
                position = history.Entries.Count,
                definition = "2",
                figure = new
                {
                    meetingsHeld = 7,
                    attendances = 0,
                    unnamed = 0,
                    staffKnown = 0,
                    staffAtLeast = 0,
                },
                sentence = "None.",
                evidence = new { count = 0, sha256 = FigureHistory.DigestOf([]) },
            }
        );
        return (why, code, Encoding.UTF8.GetString(history.Lines()));
    }

    private static Guid Merge(FigureHistory history, Guid personId, Guid into) => history.Add("person_merged", new { personId, into });

    private static Guid Succeed(FigureHistory history, Guid organisationId, params Guid[] successors) =>
        history.Add(
            "organisation_succeeded",
            new
            {
                organisationId,
                kind = "replace",
                on = "2021",
                successors,
            }
        );

    private static Guid Attend(FigureHistory history, string personId, string? organisationId) =>
        history.Add(
            "attendance_recorded",
            new
            {
                meetingId = Meeting,
                personId,
                organisationId,
                role = "delegate",
                status = "attended",
            }
        );

    private static Guid Count(FigureHistory history, object count) =>
        history.Add(
            "delegation_counted",
            new
            {
                meetingId = Meeting,
                organisationId = Home,
                count,
                precision = "exact",
            }
        );
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier.Figures;

/// <summary>
/// What was stated in public: the question, the position it was asked at, and what was answered. The data of a <c>figure_published</c>.
/// </summary>
internal sealed record Publication(
    Guid Id,
    Guid? Framework,
    DateOnly? From,
    string? AskedAsOf,
    AskedPoint? KnownAt,
    DateOnly AsOf,
    string? Level,
    int? Year,
    string? Party,
    Guid? Organisation,
    bool IsLineage,
    long Position,
    string Definition,
    Stated Stated
)
{
    /// <summary>The value of a part that stands for what has no value.</summary>
    private const string NotStated = "not-stated";

    private const string Lineage = "lineage";

    private static readonly HashSet<string> Asks =
    [
        "framework",
        "from",
        "asOf",
        "knownAt",
        "level",
        "year",
        "party",
        "organisation",
        "orgView",
    ];

    private static readonly HashSet<string> States =
    [
        "meetingsHeld",
        "meetingsWithoutAttendance",
        "attendances",
        "unnamed",
        "staffKnown",
        "staffAtLeast",
        "staffAtMost",
    ];

    public bool IsByFirstDefinition => Definition == "1";

    /// <summary>Whether a meeting at which nobody counts can be in the part: it names neither a party nor an organisation.</summary>
    public bool IsOfNobody => (Party is null or NotStated) && Organisation is null;

    /// <summary>Whether what has that level is in the part; what has one is never in the part of what has none.</summary>
    public bool HasLevel(string level) => Level is null || (Level != NotStated && Level == level);

    /// <summary>Whether what has that party is in the part.</summary>
    public bool HasParty(string party) => Party is null || (Party != NotStated && Party == party);

    /// <exception cref="InvalidDataException">It has not the form of a publication.</exception>
    public static Publication Read(JsonElement data)
    {
        try
        {
            var (question, figure, evidence) = (data.GetProperty("question"), data.GetProperty("figure"), data.GetProperty("evidence"));
            if (question.EnumerateObject().Select(m => m.Name).FirstOrDefault(name => !Asks.Contains(name)) is { } unknown)
                throw new FormatException($"its question has '{unknown}', which no question has");
            if (figure.EnumerateObject().Select(m => m.Name).FirstOrDefault(name => !States.Contains(name)) is { } uncounted)
                throw new FormatException($"its figure has '{uncounted}', which this version does not count");
            return new Publication(
                data.Id("publicationId"),
                Optional(question, "framework")?.AsId(),
                Optional(question, "from") is { } from ? Day.First(from.GetString()!) : null,
                Optional(question, "asOf") is null ? null : question.Date("asOf"),
                Optional(question, "knownAt") is { } knownAt ? AskedPoint.Read(knownAt.GetString()!) : null,
                Day.First(data.Text("asOf")),
                Optional(question, "level")?.GetString(),
                Optional(question, "year") is { } year ? AsYear(year.GetInt32()) : null,
                Optional(question, "party")?.GetString(),
                Optional(question, "organisation")?.AsId(),
                question.Text("orgView") switch
                {
                    Lineage => true,
                    "" or "atMeeting" => false,
                    var view => throw new FormatException($"its question has the orgView '{view}', which is none"),
                },
                data.GetProperty("position").GetInt64(),
                data.Text("definition"),
                new Stated(
                    figure.GetProperty("meetingsHeld").GetInt32(),
                    Optional(figure, "meetingsWithoutAttendance")?.GetInt32(),
                    figure.GetProperty("attendances").GetInt32(),
                    figure.GetProperty("unnamed").GetInt64(),
                    figure.GetProperty("staffKnown").GetInt32(),
                    figure.GetProperty("staffAtLeast").GetInt64(),
                    Optional(figure, "staffAtMost")?.GetInt64(),
                    data.Text("sentence"),
                    evidence.GetProperty("count").GetInt32(),
                    evidence.Text("sha256")
                )
            );
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"the publication has not the form of one: {JsonFault.Words(e)}", e);
        }
    }

    private static int AsYear(int year) =>
        year is >= 1 and <= 9999 ? year : throw new FormatException($"its question has the year {year}, which is none");

    private static JsonElement? Optional(JsonElement data, string member) =>
        data.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}

/// <summary>A point of the history as it was asked for: a position or a time.</summary>
internal sealed partial record AskedPoint(string Text, long? Position, DateTimeOffset Time)
{
    /// <exception cref="FormatException">It is neither.</exception>
    public static AskedPoint Read(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return new AskedPoint(text, position, default);

        // A leap second is the last moment before it is over.
        var time = LeapSecond().Replace(text.ToUpperInvariant(), ":59.999999");
        return DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? new AskedPoint(text, null, moment)
            : throw new FormatException($"its question has the knownAt '{text}', which is neither a position nor a time");
    }

    [GeneratedRegex(@"(?<=T[0-9]{2}:[0-9]{2}):60(?:\.[0-9]+)?(?=Z|[+-])")]
    private static partial Regex LeapSecond();
}

/// <summary>
/// A figure as it is stated. <paramref name="WithoutAttendance"/> is null by definition 1, <paramref name="AtMost"/> where it is not known.
/// </summary>
internal sealed record Stated(
    int MeetingsHeld,
    int? WithoutAttendance,
    int Attendances,
    long Unnamed,
    int Known,
    long AtLeast,
    long? AtMost,
    string Sentence,
    int EvidenceCount,
    string EvidenceSha256
)
{
    /// <summary>Each item by its name, in the order they are compared.</summary>
    public IEnumerable<(string Name, string Value)> Items =>
        [
            ("meetingsHeld", $"{MeetingsHeld}"),
            ("meetingsWithoutAttendance", $"{WithoutAttendance}"),
            ("attendances", $"{Attendances}"),
            ("unnamed", $"{Unnamed}"),
            ("staffKnown", $"{Known}"),
            ("staffAtLeast", $"{AtLeast}"),
            ("staffAtMost", $"{AtMost}"),
            ("sentence", Sentence),
            ("the number of events in the evidence", $"{EvidenceCount}"),
            ("the digest of the evidence", EvidenceSha256),
        ];
}

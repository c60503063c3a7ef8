using System.Text.Json.Serialization;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>An answer that begins with the question it answers, as it was resolved.</summary>
public abstract record Statistic([property: JsonIgnore] Question Question)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonPropertyOrder(-3)]
    public Guid? Framework => Question.Framework;

    [JsonPropertyOrder(-1)]
    public DateOnly? From => Question.From;

    [JsonPropertyOrder(-1)]
    public DateOnly AsOf => Question.AsOf;

    // With a setter, as Definition: without one its schema would say that it may be null.
    [JsonPropertyOrder(-1)]
    public string KnownAt { get; init; } = Question.KnownAt;

    [JsonPropertyOrder(-1)]
    public long Position => Question.Position;

    [JsonPropertyOrder(-1)]
    public string Definition { get; init; } = Question.Definition;

    [JsonPropertyOrder(-1)]
    public string? OrgView => Question.OrgView;

    [JsonPropertyOrder(-1)]
    public PartAsked? Part => PartAsked.Of(Question.Filter);
}

/// <summary>A row that ends with its figures.</summary>
public abstract record FiguresRow([property: JsonIgnore] Figures Figures)
{
    [JsonPropertyOrder(1)]
    public int MeetingsHeld => Figures.MeetingsHeld;

    [JsonPropertyOrder(1)]
    public int? MeetingsWithoutAttendance => Figures.MeetingsWithoutAttendance;

    [JsonPropertyOrder(1)]
    public int Attendances => Figures.Attendances;

    [JsonPropertyOrder(1)]
    public int Unnamed => Figures.Unnamed;

    [JsonPropertyOrder(1)]
    public StaffInvolved Staff => Figures.Staff;
}

namespace CooperationEvents.Statistics.Analytics;

/// <summary>
/// What every view of <see cref="AnalyticsSchema"/> has a row for, and what stands in each of its columns: BI tools show it beside them.
/// </summary>
internal static class AnalyticsComments
{
    private const string FrameworkId = "Joins dim_framework.";
    private const string LevelKey = "Joins dim_level: the framework and its level in one key.";
    private const string PartyKey = "Joins dim_party: the framework and its party in one key; null where no party is stated.";
    private const string FirstDay = "The first day of the meeting; the last it may mean, where it is known less finely.";
    private const string LastDay = "The last day of the meeting: its day in every figure. Joins dim_date.";
    private const string MeetingId = "The id of the meeting, as the API has it.";

    private static readonly (string Name, string Comment, (string Name, string Comment)[] Columns)[] Views =
    [
        (
            "known_at",
            "The position up to which the other views show what was known.",
            [("position", "The position in the setting analytics.known_at; without it, the newest that the facts have reached.")]
        ),
        (
            "dim_framework",
            "A row for each framework.",
            [
                ("framework_id", "The id of the framework."),
                ("name", "Its name."),
                ("established_on", "When it was established, as finely as it is known."),
            ]
        ),
        (
            "dim_level",
            "A row for each level of a framework.",
            [
                ("level_key", "The key that facts have."),
                ("framework_id", FrameworkId),
                ("level", "The code, unique in its framework."),
                ("name", "Its name."),
                ("rank", "Its rank; 1 is the highest."),
            ]
        ),
        (
            "dim_party",
            "A row for each party to a framework.",
            [
                ("party_key", "The key that facts have."),
                ("framework_id", FrameworkId),
                ("party", "The code, unique in its framework."),
                ("name", "Its name."),
            ]
        ),
        (
            "dim_area",
            "A row for each area of a framework, one for each that its joint meetings have from another, and one for not-stated.",
            [
                ("area_key", "The key that bridge_meeting_area has."),
                ("framework_id", FrameworkId),
                ("area", "The code, unique in its framework; or not-stated."),
                ("name", "Its name; null of not-stated."),
            ]
        ),
        (
            "dim_organisation",
            "A row for each organisation, as it is called today.",
            [("organisation_id", "The id of the organisation."), ("short_name", "What its members call it."), ("name", "Its name in full.")]
        ),
        (
            "dim_organisation_name",
            "A row for each name an organisation has had, on [valid_from, valid_to).",
            [
                ("organisation_id", "Joins dim_organisation."),
                ("short_name", "The short name."),
                ("name", "The name in full."),
                ("valid_from", "The first day of the name; 0001-01-01 where it is the first."),
                ("valid_to", "The first day of the next; null where it is the last."),
            ]
        ),
        (
            "dim_succession",
            "A row for each organisation that others followed.",
            [
                ("organisation_id", "Who was followed. Joins dim_organisation."),
                ("follower_id", "Who followed; null where it was split without a default."),
                ("valid_from", "From which day on."),
            ]
        ),
        (
            "dim_membership",
            "A row for each membership of an organisation in a framework, on [joined_on, left_on).",
            [
                ("party_key", PartyKey),
                ("framework_id", FrameworkId),
                ("organisation_id", "Joins dim_organisation."),
                ("party", "The code of the party."),
                ("joined_on", "The first day."),
                ("left_on", "The first day after it; null where it lasts."),
            ]
        ),
        (
            "dim_person",
            "A row for each person: pseudonyms, no names.",
            [
                ("person_key", "The pseudonym, of this database alone."),
                ("counted_as_key", "The pseudonym the person is counted as, where persons were merged. Facts have this one."),
            ]
        ),
        (
            "dim_date",
            "A row for every day of every year from the first meeting or commitment on, without gaps up to this year; and of the later "
                + "years in which one of them has a day.",
            [
                ("day", "The day."),
                ("year", "Its year."),
                ("quarter", "Its quarter, 1 to 4."),
                ("month", "Its month, 1 to 12."),
                ("year_quarter", "As in 2018-Q2."),
                ("year_month", "As in 2018-04."),
            ]
        ),
        (
            "bridge_meeting_area",
            "A row for each area of a held meeting under a framework; not-stated where it has none.",
            [
                ("meeting_id", MeetingId),
                ("framework_id", FrameworkId),
                ("area_key", "Joins dim_area."),
                ("area", "The code, or not-stated."),
            ]
        ),
        (
            "bridge_meeting_host",
            "A row for each host and co-host of a held meeting; without an organisation where none is stated.",
            [
                ("meeting_id", MeetingId),
                ("role", "host or co-host."),
                ("organisation_id", "Joins dim_organisation; null where none is stated."),
            ]
        ),
        (
            "fact_meeting",
            "A row for each held meeting that is not voided, and framework it was held under.",
            [
                ("meeting_id", MeetingId),
                ("framework_id", FrameworkId),
                ("level_key", LevelKey),
                ("level", "The code of its level."),
                ("edition", "The number of its edition, where one was stated."),
                ("title", "Its title."),
                ("first_day", FirstDay),
                ("last_day", LastDay),
                ("starts", "The start as it was recorded."),
                ("ends", "The end as it was recorded."),
                ("start_precision", "How finely the start is known: year, month or day."),
                ("end_precision", "How finely the end is known: year, month or day."),
                ("mode", "in-person, online, hybrid or not-stated."),
                ("country", "The country (ISO 3166-1), or not-stated."),
                ("without_attendance", "Whether neither an attendance nor a head count was recorded."),
            ]
        ),
        (
            "fact_attendance",
            "A row for each person who attended a held meeting, organisation represented and role, and framework. Only merged persons "
                + "have several at one meeting: count distinct person_key.",
            [
                ("meeting_id", MeetingId),
                ("framework_id", FrameworkId),
                ("level_key", LevelKey),
                ("level", "The code of the level."),
                ("first_day", FirstDay),
                ("last_day", LastDay),
                ("person_key", "The pseudonym. Joins counted_as_key of dim_person."),
                ("organisation_id", "The organisation represented. Joins dim_organisation."),
                ("party_key", PartyKey),
                ("party", "The code of the party; null where the organisation was no member on the first day."),
                ("role", "The role."),
                (
                    "counts",
                    "Whether it counts: a member's, in a role that counts. Somebody counts at a meeting where any of their rows does."
                ),
            ]
        ),
        (
            "fact_delegation",
            "A row for each head count of an organisation at a held meeting, and framework.",
            [
                ("meeting_id", MeetingId),
                ("framework_id", FrameworkId),
                ("level_key", LevelKey),
                ("level", "The code of the level."),
                ("first_day", FirstDay),
                ("last_day", LastDay),
                ("organisation_id", "Whose people they are. Joins dim_organisation."),
                ("party_key", PartyKey),
                ("party", "The code of the party; null where it was no member on the first day."),
                ("heads", "How many people beyond those named."),
                ("precision", "exact, estimated or minimum."),
                ("counts", "Whether it counts: a member's."),
            ]
        ),
        (
            "fact_presence",
            "A row for each person who counts, organisation represented and role, or head count that counts, and framework; or one for "
                + "nobody, where nobody counts. Only merged persons have several at one meeting: count distinct person_key.",
            [
                ("meeting_id", MeetingId),
                ("framework_id", FrameworkId),
                ("level_key", LevelKey),
                ("level", "The code of the level."),
                ("first_day", FirstDay),
                ("last_day", LastDay),
                ("end_precision", "How finely the end is known: year, month or day."),
                ("mode", "in-person, online, hybrid or not-stated."),
                ("country", "The country (ISO 3166-1), or not-stated."),
                ("without_attendance", "Whether neither an attendance nor a head count was recorded of the meeting."),
                ("party_key", PartyKey),
                ("party", "The code, or not-stated."),
                ("organisation_id", "The organisation represented; null where nobody counts. Joins dim_organisation."),
                ("role", "The role, or not-stated."),
                ("person_key", "The pseudonym of a person; null for heads and for nobody."),
                ("heads", "The heads; null for a person and for nobody."),
                ("precision", "Of the heads."),
            ]
        ),
        (
            "fact_commitment",
            "A row for each commitment and owner.",
            [
                ("commitment_id", "The id of the commitment, as the API has it."),
                ("framework_id", FrameworkId),
                ("meeting_id", "The id of the meeting at which it was made; null where none is stated."),
                ("organisation_id", "The owner. Joins dim_organisation."),
                ("area_key", "Joins dim_area."),
                ("area", "The code of the area, or not-stated."),
                (
                    "made_on",
                    "The last day of the meeting at which it was made; where none is stated, the day it was recorded (UTC). "
                        + "Joins dim_date."
                ),
                ("due_on", "The last day it may be due on; null where none is stated. Joins dim_date."),
                ("status", "open, fulfilled or dropped."),
            ]
        ),
    ];

    private const string OfFigures =
        "The figures of docs/statistics.md, definition 2, in the cells of one or two dimensions, as in figures('level,year'). "
        + "Equals the API at the same known_at.";

    public static string Sql { get; } =
        string.Join(
            '\n',
            [
                .. from view in Views
                from comment in view
                    .Columns.Select(c => On($"column {AnalyticsSchema.Name}.{view.Name}.{c.Name}", c.Comment))
                    .Prepend(On($"view {AnalyticsSchema.Name}.{view.Name}", view.Comment))
                select comment,
                On($"function {AnalyticsSchema.Name}.figures", OfFigures),
                "",
            ]
        );

    private static string On(string what, string comment) =>
        $"comment on {what} is '{comment.Replace("'", "''", StringComparison.Ordinal)}';";
}

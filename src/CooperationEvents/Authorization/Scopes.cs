namespace CooperationEvents.Authorization;

/// <summary>What a caller may do. Every endpoint names what it needs of them.</summary>
public static class Scopes
{
    public const string ActivityWrite = "activity:write";
    public const string ActivityRead = "activity:read";
    public const string StatisticsRead = "statistics:read";
    public const string FiguresPublish = "figures:publish";
    public const string PeopleRead = "people:read";
    public const string PeopleWrite = "people:write";
    public const string SubscriptionsManage = "subscriptions:manage";
    public const string AuditRead = "audit:read";
    public const string PrivacyManage = "privacy:manage";
    public const string Admin = "admin";

    /// <summary>Of a key for a calendar program alone: it reads the calendar of one framework, and nothing else.</summary>
    public const string CalendarRead = "calendar:read";

    public static IReadOnlyList<string> All { get; } =
    [
        ActivityWrite,
        ActivityRead,
        StatisticsRead,
        FiguresPublish,
        PeopleRead,
        PeopleWrite,
        SubscriptionsManage,
        AuditRead,
        PrivacyManage,
        Admin,
    ];

    /// <summary>The roles of the contract, as the scopes they bring.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Roles { get; } =
        new Dictionary<string, IReadOnlyList<string>>
        {
            ["recorder"] = [ActivityWrite, ActivityRead, PeopleWrite],
            ["secretariat"] = [ActivityRead, ActivityWrite, PeopleRead, PeopleWrite, StatisticsRead, FiguresPublish],
            ["analyst"] = [StatisticsRead, ActivityRead, FiguresPublish],
            ["reader"] = [StatisticsRead],
            ["auditor"] = [StatisticsRead, ActivityRead, AuditRead],
            ["privacy"] = [PrivacyManage, PeopleRead, ActivityRead],
            ["admin"] = All,
        };
}

namespace CooperationEvents.Access;

/// <summary>What a caller may do. Every endpoint names the one scope it needs.</summary>
public static class Scopes
{
    public const string ActivityWrite = "activity:write";
    public const string ActivityRead = "activity:read";
    public const string StatisticsRead = "statistics:read";
    public const string PeopleRead = "people:read";
    public const string PeopleWrite = "people:write";
    public const string AuditRead = "audit:read";
    public const string PrivacyManage = "privacy:manage";
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } =
        [ActivityWrite, ActivityRead, StatisticsRead, PeopleRead, PeopleWrite, AuditRead, PrivacyManage, Admin];

    /// <summary>The roles of the design, as the scopes they bring.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Roles { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["recorder"] = [ActivityWrite, ActivityRead, PeopleWrite],
        ["analyst"] = [StatisticsRead, ActivityRead],
        ["auditor"] = [StatisticsRead, ActivityRead, AuditRead],
        ["privacy"] = [PrivacyManage, PeopleRead, ActivityRead],
        ["admin"] = All,
    };
}

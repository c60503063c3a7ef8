using System.Text.Json.Nodes;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// The mappings that need no file: of tables whose columns have our names. A cell that names something recorded here is an
/// external reference of the system that is stated with the file.
/// </summary>
public static class CsvKinds
{
    /// <summary>By kind: the command of a row, and for each column the member it fills.</summary>
    public static IReadOnlyDictionary<string, (string Command, IReadOnlyDictionary<string, string> Columns)> All { get; } =
        new Dictionary<string, (string, IReadOnlyDictionary<string, string>)>
        {
            ["organisations"] = (
                "register-organisation",
                new Dictionary<string, string>
                {
                    ["id"] = "/externalReference/id",
                    ["name"] = "/name",
                    ["shortName"] = "/shortName",
                }
            ),
            ["people"] = (
                "register-person",
                new Dictionary<string, string>
                {
                    ["id"] = "/externalReference/id",
                    ["name"] = "/name",
                    ["email"] = "/email",
                    ["organisation"] = "/affiliation/organisationId",
                    ["function"] = "/affiliation/function",
                    ["grade"] = "/affiliation/grade",
                    ["from"] = "/affiliation/from",
                }
            ),
            ["meetings"] = ("schedule-meeting", Meeting),
            ["held-meetings"] = ("record-held-meeting", Meeting),
            ["attendance"] = (
                "record-attendance",
                new Dictionary<string, string>
                {
                    ["meeting"] = "/meetingId",
                    ["person"] = "/attendees/0/personId",
                    ["organisation"] = "/attendees/0/organisationId",
                    ["role"] = "/attendees/0/role",
                    ["status"] = "/attendees/0/status",
                    ["mode"] = "/attendees/0/mode",
                }
            ),
            ["commitments"] = (
                "make-commitment",
                new Dictionary<string, string>
                {
                    ["id"] = "/externalReference/id",
                    ["framework"] = "/frameworkId",
                    ["meeting"] = "/meetingId",
                    ["text"] = "/text",
                    ["owner"] = "/owners/0",
                    ["area"] = "/area",
                    ["dueOn"] = "/dueOn",
                }
            ),
        };

    private static IReadOnlyDictionary<string, string> Meeting =>
        new Dictionary<string, string>
        {
            ["id"] = "/externalReference/id",
            ["title"] = "/title",
            ["framework"] = "/frameworks/0/frameworkId",
            ["level"] = "/frameworks/0/level",
            ["edition"] = "/frameworks/0/edition",
            ["start"] = "/start",
            ["end"] = "/end",
            ["timeZone"] = "/timeZone",
            ["mode"] = "/mode",
            ["venue"] = "/venue",
            ["country"] = "/country",
            ["host"] = "/hosts/0/organisationId",
        };

    /// <summary>The mapping of a kind, as a file would hold it.</summary>
    /// <param name="system">The system whose references the cells are; without it they are our ids.</param>
    public static string Mapping(string kind, string? system)
    {
        var (command, columns) = All[kind];
        var fields = new JsonObject();
        foreach (var (column, pointer) in columns)
        {
            if (pointer != "/externalReference/id")
                fields[pointer] = column;
            else if (system is not null)
                fields["/externalReference"] = new JsonObject
                {
                    ["value"] = new JsonObject { ["system"] = system, ["id"] = $"{{{column}}}" },
                };
            else
                fields["/id"] = column;
        }

        return new JsonObject
        {
            ["command"] = command,
            ["system"] = system,
            ["exact"] = true,
            ["fields"] = fields,
        }.ToJsonString();
    }
}

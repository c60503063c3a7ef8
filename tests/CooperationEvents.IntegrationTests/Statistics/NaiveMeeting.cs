using System.Text.Json;
using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>A meeting put together from its stored events, member by member, as <c>GET /v1/meetings/{id}</c> should answer it.</summary>
public static class NaiveMeeting
{
    private static readonly string[] Lists = ["registrations", "attendances", "delegations"];

    /// <summary>The answer as text in a fixed order; null where there is no such meeting.</summary>
    public static string? Of(IEnumerable<StoredEvent> history, Guid id) =>
        Of(history.Where(e => e.Stream == id)) is { } meeting ? Canonical(meeting) : null;

    /// <summary>The answer, by the events of one meeting; null where there are none.</summary>
    public static JsonObject? Of(IEnumerable<StoredEvent> events)
    {
        JsonObject? meeting = null;
        var version = 0;
        var stateBefore = "";
        foreach (var e in events)
        {
            version++;
            var data = JsonNode.Parse(e.Data.GetRawText())!.AsObject();
            switch (e.Type)
            {
                case "meeting_scheduled":
                    meeting = new JsonObject
                    {
                        ["id"] = e.Stream,
                        ["state"] = "scheduled",
                        ["agenda"] = new JsonArray(),
                        ["outcomes"] = new JsonArray(),
                        ["documents"] = new JsonArray(),
                    };
                    foreach (var list in Lists)
                        meeting[list] = new JsonArray();
                    foreach (
                        var name in new[]
                        {
                            "title",
                            "frameworks",
                            "start",
                            "end",
                            "timeZone",
                            "mode",
                            "venue",
                            "country",
                            "hosts",
                            "topics",
                            "inMarginsOf",
                            "externalReference",
                        }
                    )
                        Put(meeting, name, data[name]);
                    break;
                case "meeting_rescheduled":
                    meeting!["state"] = "scheduled";
                    Put(meeting, "start", data["start"]);
                    Put(meeting, "end", data["end"]);
                    Put(meeting, "timeZone", data["timeZone"]);
                    break;
                case "meeting_relocated":
                    Put(meeting!, "mode", data["mode"]);
                    Put(meeting!, "venue", data["venue"]);
                    Put(meeting!, "country", data["country"]);
                    break;
                case "hosts_changed":
                    Put(meeting!, "hosts", data["hosts"]);
                    break;
                case "agenda_set":
                    Put(meeting!, "agenda", data["items"]);
                    break;
                case "meeting_postponed":
                    meeting!["state"] = "postponed";
                    break;
                case "meeting_cancelled":
                    meeting!["state"] = "cancelled";
                    break;
                case "meeting_did_not_take_place":
                    meeting!["state"] = "did-not-take-place";
                    break;
                case "meeting_held":
                    meeting!["state"] = "held";
                    Put(meeting, "start", data["heldFrom"]);
                    Put(meeting, "end", data["heldTo"]);
                    if (data["mode"] is { } mode)
                        Put(meeting, "mode", mode);
                    break;
                case "meeting_corrected":
                    // What was replaced by nothing is taken away.
                    foreach (var (name, _) in data["replaced"]!.AsObject())
                        meeting!.Remove(name);
                    foreach (var (name, value) in data["corrected"]!.AsObject())
                        Put(meeting!, name, value);
                    break;
                case "meeting_voided":
                    stateBefore = (string)meeting!["state"]!;
                    meeting["state"] = "voided";
                    break;
                case "meeting_reinstated":
                    meeting!["state"] = stateBefore;
                    break;
                case "attendance_registered":
                    Replace(meeting!, "registrations", "personId", data, With(data, "personId", "organisationId", "role"));
                    break;
                case "registration_withdrawn":
                    Replace(meeting!, "registrations", "personId", data, null);
                    break;
                case "attendance_recorded":
                    Replace(meeting!, "attendances", "personId", data, With(data, "personId", "organisationId", "role", "status", "mode"));
                    break;
                case "attendance_corrected":
                {
                    var corrected = With(data["corrected"]!.AsObject(), "organisationId", "role", "status", "mode");
                    Put(corrected, "personId", data["personId"]);
                    Replace(meeting!, "attendances", "personId", data, corrected);
                    break;
                }
                case "delegation_counted":
                    Replace(meeting!, "delegations", "organisationId", data, With(data, "organisationId", "count", "precision"));
                    break;
                case "delegation_corrected":
                {
                    var corrected = With(data["corrected"]!.AsObject(), "count", "precision");
                    Put(corrected, "organisationId", data["organisationId"]);
                    Replace(meeting!, "delegations", "organisationId", data, (int)corrected["count"]! == 0 ? null : corrected);
                    break;
                }
                case "outcome_recorded":
                    meeting!["outcomes"]!.AsArray().Add(Outcome(data["outcomeId"], data));
                    break;
                case "outcome_corrected":
                    Correct(meeting!["outcomes"]!.AsArray(), "outcomeId", data, said => Outcome(data["outcomeId"], said));
                    break;
                case "document_linked":
                    meeting!["documents"]!.AsArray().Add(Document($"{e.Id}", data));
                    break;
                case "document_corrected":
                    Correct(meeting!["documents"]!.AsArray(), "documentId", data, said => Document((string)data["documentId"]!, said));
                    break;
                default:
                    throw new InvalidOperationException($"What does {e.Type} do to a meeting? Say it in NaiveMeeting.");
            }
        }

        if (meeting is not null)
            meeting["version"] = version;
        return meeting;
    }

    /// <summary>An answer of the service as text in the same order. Who is registered, was there or was counted is a set.</summary>
    public static string Canonical(JsonNode meeting)
    {
        var sorted = Sorted(meeting).AsObject();
        foreach (var list in Lists)
            sorted[list] = new JsonArray([
                .. sorted[list]!.AsArray().Select(i => i!.ToJsonString()).Order(StringComparer.Ordinal).Select(i => JsonNode.Parse(i)),
            ]);
        return sorted.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonNode Sorted(JsonNode node) =>
        node switch
        {
            JsonObject o => new JsonObject(
                o.Where(m => m.Value is not null)
                    .OrderBy(m => m.Key, StringComparer.Ordinal)
                    .Select(m => KeyValuePair.Create(m.Key, (JsonNode?)Sorted(m.Value!)))
            ),
            JsonArray a => new JsonArray([.. a.Select(i => Sorted(i!))]),
            _ => JsonNode.Parse(node.ToJsonString())!,
        };

    private static JsonObject With(JsonObject data, params ReadOnlySpan<string> names)
    {
        var part = new JsonObject();
        foreach (var name in names)
            Put(part, name, data[name]);
        return part;
    }

    private static void Put(JsonObject into, string name, JsonNode? value)
    {
        into.Remove(name);
        if (value is not null)
            into[name] = value.DeepClone();
    }

    private static JsonObject Outcome(JsonNode? id, JsonObject said)
    {
        var outcome = With(said, "kind", "documentUrl", "sha256", "status");
        Put(outcome, "outcomeId", id);
        outcome["text"] = new JsonObject(
            said["text"]!.AsArray().Select(t => KeyValuePair.Create((string)t!["language"]!, t["text"]?.DeepClone()))
        );
        return outcome;
    }

    private static JsonObject Document(string id, JsonObject said)
    {
        var document = With(said, "title", "url", "status", "sha256", "language");
        document["documentId"] = id;
        return document;
    }

    /// <summary>In its place; taken away where it is withdrawn, and at the end where it stands again.</summary>
    private static void Correct(JsonArray all, string key, JsonObject data, Func<JsonObject, JsonObject> item)
    {
        var place = all.TakeWhile(i => (string)i![key]! != (string)data[key]!).Count();
        if (place < all.Count)
            all.RemoveAt(place);
        if (data["corrected"] is JsonObject corrected)
            all.Insert(place, item(corrected));
    }

    private static void Replace(JsonObject meeting, string list, string key, JsonObject data, JsonObject? by)
    {
        var items = meeting[list]!.AsArray();
        items.RemoveAll(i => (string)i![key]! == (string)data[key]!);
        if (by is not null)
            items.Add(by);
    }
}

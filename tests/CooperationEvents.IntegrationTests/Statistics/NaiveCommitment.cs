using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>A commitment put together from its stored events, as <c>GET /v1/commitments/{id}</c> should answer it.</summary>
public static class NaiveCommitment
{
    private static readonly string[] Corrected = ["text", "owners", "meetingId", "area", "dueOn"];

    /// <summary>The answer, but for whether it is overdue; null where there is no such commitment.</summary>
    public static JsonObject? Of(IEnumerable<StoredEvent> history, Guid id)
    {
        JsonObject? commitment = null;
        var version = 0;
        foreach (var e in history.Where(e => e.Stream == id))
        {
            version++;
            var data = JsonNode.Parse(e.Data.GetRawText())!.AsObject();
            data.Remove("commitmentId");
            switch (e.Type)
            {
                case "commitment_made":
                    commitment = data;
                    commitment["id"] = id;
                    commitment["status"] = "open";
                    commitment["progress"] = new JsonArray();
                    commitment["reviews"] = new JsonArray();
                    break;
                case "commitment_corrected":
                    foreach (var name in Corrected)
                    {
                        // What was replaced by nothing is taken away.
                        if (data["replaced"]![name] is not null)
                            commitment!.Remove(name);
                        if (data["corrected"]![name] is { } value)
                            commitment![name] = value.DeepClone();
                    }

                    break;
                case "commitment_progress_reported":
                    commitment!["progress"]!.AsArray().Add(data);
                    break;
                case "commitment_reviewed":
                    commitment!["reviews"]!.AsArray().Add(data);
                    break;
                case "commitment_due_date_changed":
                    commitment!["dueOn"] = data["dueOn"]!.DeepClone();
                    break;
                case "commitment_fulfilled":
                    commitment!["status"] = "fulfilled";
                    commitment["fulfilled"] = data;
                    break;
                case "commitment_dropped":
                    commitment!["status"] = "dropped";
                    commitment["dropped"] = data;
                    break;
                case "commitment_reopened":
                    commitment!["status"] = "open";
                    commitment.Remove("fulfilled");
                    commitment.Remove("dropped");
                    break;
                default:
                    throw new InvalidOperationException($"What does {e.Type} do to a commitment? Say it in NaiveCommitment.");
            }
        }

        if (commitment is not null)
            commitment["version"] = version;
        return commitment;
    }
}

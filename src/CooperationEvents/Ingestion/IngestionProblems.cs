using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion;

public static class IngestionProblems
{
    public static readonly ProblemType InvalidCloudEvent = new("invalid-cloud-event", 400, "The body is no valid CloudEvent");
    public static readonly ProblemType UnknownEventType = new("unknown-event-type", 422, "No command belongs to this event type");
    public static readonly ProblemType EventIdReused = new("event-id-reused", 409, "The source and id were used for another event");
}

using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

public static class OrganisationProblems
{
    public static readonly ProblemType AlreadySucceeded = new(
        "organisation-already-succeeded",
        409,
        "The organisation was succeeded already, in another way"
    );
    public static readonly ProblemType SuccessionInCircle = new("succession-in-circle", 409, "The succession would close a circle");
}

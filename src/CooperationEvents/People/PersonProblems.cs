using CooperationEvents.Kernel;

namespace CooperationEvents.People;

public static class PersonProblems
{
    public static readonly ProblemType AffiliationNotFound = new("affiliation-not-found", 404, "The person has no such affiliation");
    public static readonly ProblemType AffiliationEnded = new("affiliation-ended", 409, "The affiliation has ended already");
    public static readonly ProblemType EndsBeforeStart = new(
        "affiliation-ends-before-it-starts",
        409,
        "The affiliation would end before it began"
    );
    public static readonly ProblemType MergedIntoItself = new("person-merged-into-itself", 422, "A person cannot be merged into itself");
    public static readonly ProblemType AlreadyMerged = new("person-already-merged", 409, "The person is merged into another one already");
    public static readonly ProblemType MergeInCircle = new("merge-in-circle", 409, "The merge would close a circle");
    public static readonly ProblemType NotErased = new("person-not-erased", 503, "The keys of the person could not be destroyed");
}

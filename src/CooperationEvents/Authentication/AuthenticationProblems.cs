using CooperationEvents.Kernel;

namespace CooperationEvents.Authentication;

public static class AuthenticationProblems
{
    public static readonly ProblemType Unauthenticated = new("unauthenticated", 401, "Who is calling is not known");
    public static readonly ProblemType Forbidden = new("forbidden", 403, "The caller may not do this");
    public static readonly ProblemType CrossSite = new("cross-site", 403, "The request came from another site");
    public static readonly ProblemType SignInRefused = new("sign-in-refused", 401, "Nobody was signed in");

    /// <summary>The caller may be right: nobody can tell.</summary>
    public static readonly ProblemType ProviderUnreachable = new(
        "identity-provider-unreachable",
        503,
        "The identity provider does not answer"
    );

    public static Problem Lacking(string scope) =>
        Forbidden.Because($"This needs the scope {scope}, which you do not have. An administrator gives it, by a role or a key.");
}

using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>What holds for a meeting's hosts, whether it is scheduled, recorded or corrected, or they are changed alone.</summary>
internal static class HostRules
{
    /// <summary>An organisation has a role once, or once for each of several people or on behalf of each of several.</summary>
    public static Problem? Fault(ValueList<Host> hosts)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            var host = hosts[i];
            var before = hosts.Take(i).Where(h => (h.OrganisationId, h.Role) == (host.OrganisationId, host.Role));
            if (before.Any(h => !AreApart(h.PersonId, host.PersonId) && !AreApart(h.OnBehalfOf, host.OnBehalfOf)))
                return KernelProblems.Invalid.At(
                    $"/hosts/{i}",
                    "An organisation is named once in a role, or once for each of several people or on behalf of each of several."
                );
        }

        return null;

        // What one of them does not state may be the same.
        static bool AreApart<T>(T one, T other) => one is not null && other is not null && !one.Equals(other);
    }
}

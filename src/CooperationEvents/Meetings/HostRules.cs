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
            var before = hosts
                .Take(i)
                .Where(h => (h.OrganisationId, h.Role, h.OnBehalfOf) == (host.OrganisationId, host.Role, host.OnBehalfOf));
            if (before.Any(h => h.PersonId is null || host.PersonId is null || h.PersonId == host.PersonId))
                return KernelProblems.Invalid.At(
                    $"/hosts/{i}",
                    "An organisation is named once in a role, or once for each of several people or on behalf of each of several."
                );
        }

        return null;
    }
}
